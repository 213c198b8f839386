// Only a new ssh connection proves that a new login is possible.
import { expect, test } from '@jest/globals';
import { loginFault, type Ancestor } from '../../../../src/core/setup-rules/fresh-login.ts';

const changed = { changedAt: 1_000, session: 7 };
const of = (program: string, start: number, isListening = false): Ancestor => ({ program, start, isListening });
const listener = of('/usr/sbin/sshd', 10, true);
const shell = of('/usr/bin/bash', 2_000);

test('a connection that began after the change: root, a login with sudo, and OpenSSH of today', () => {
  const fresh = (...ancestors: Ancestor[]) => loginFault({ ancestors, session: 8 }, changed);
  expect(fresh(shell, of('/usr/sbin/sshd', 1_500), listener)).toBeUndefined();
  const [user, monitor] = [of('/usr/lib/openssh/sshd-session', 1_600), of('/usr/lib/openssh/sshd-session', 1_500)];
  expect(fresh(of('/usr/bin/sudo', 2_100), shell, user, monitor, listener)).toBeUndefined();
  expect(fresh(shell, user, of('/usr/sbin/sshd (deleted)', 10, true))).toBeUndefined();
  // A connection that a socket of systemd started has no sshd above it.
  expect(fresh(shell, of('/usr/sbin/sshd', 1_500), of('/usr/lib/systemd/systemd', 1))).toBeUndefined();
});

test('a console, su, or tmux is no ssh login', () => {
  expect(loginFault({ ancestors: [shell, of('/usr/bin/tmux', 500)], session: 8 }, changed)).toBe('no-ssh');
  expect(loginFault({ ancestors: [shell, of('/home/alice/sshd-like', 1_500)], session: 8 }, changed)).toBe('no-ssh');
});

test('a connection that was there before is refused, whatever began in it since', () => {
  const old = (...ancestors: Ancestor[]) => loginFault({ ancestors, session: 8 }, changed);
  expect(old(shell, of('/usr/sbin/sshd', 1_000), listener)).toBe('old-login');
  // Multiplexed, with a forwarded port that listens.
  expect(old(shell, of('/usr/sbin/sshd', 900, true), listener)).toBe('old-login');
  // Accepted before the change, authenticated after it.
  expect(old(shell, of('/usr/sbin/sshd', 1_500), of('/usr/sbin/sshd', 900), listener)).toBe('old-login');
});

test('the audit session must be another one, where the kernel has one', () => {
  const claimed = { ancestors: [shell, of('/usr/sbin/sshd', 1_500), listener], session: 7 };
  expect(loginFault(claimed, changed)).toBe('same-login');
  expect(loginFault({ ...claimed, session: undefined }, { changedAt: 1_000, session: undefined })).toBeUndefined();
});
