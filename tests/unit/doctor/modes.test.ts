// A file that is too open is mended where it lies: its mode or its owner, by its path; no directive of sshd's is to blame.
import { describe, expect, test } from '@jest/globals';
import { rootsFault } from '../../../src/doctor/files.ts';
import { hostKeyFinding, keysFinding } from '../../../src/doctor/sshd.ts';
import { whyNot } from '../../../src/doctor/sshd-settings.ts';

describe('what is at a place, as root must have it', () => {
  test.each([
    [0o100666, false, 'can be written by others (mode 0666)'],
    [0o100620, false, 'can be written by others (mode 0620)'],
    [0o100644, false, undefined],
    [0o041777, true, undefined],
    [0o041777, false, 'can be written by others (mode 1777)'],
  ])('mode %o, a folder above it: %s', (mode, folder, why) => {
    const fault = rootsFault('/etc/x', { uid: 0, mode }, folder);
    expect(fault).toEqual(why === undefined ? undefined : { why, remedy: 'chmod go-w /etc/x' });
  });

  test('of somebody else', () => {
    expect(rootsFault('/etc/x', { uid: 7, mode: 0o100600 }, false)).toEqual({
      why: 'belongs to uid 7',
      remedy: 'chown root:root /etc/x; chmod go-w /etc/x',
    });
  });
});

describe('the keys of a login', () => {
  const [path, home] = ['/etc/ssh/tmux-gate-keys/alice', '/home/alice'];
  const open = rootsFault(path, { uid: 0, mode: 0o100666 }, false);

  test('are fine when nobody else can change them', () => {
    expect(keysFinding(path, home, false, undefined)).toBeUndefined();
  });

  test('of mode 0666 are to be chmodded', () => {
    expect(keysFinding(path, home, true, open)).toEqual({
      verdict: 'fail',
      why: `keys are read from ${path}: the login can change it: it can be written by others (mode 0666)`,
      remedy: `look at the keys in it, then: chmod go-w ${path}`,
    });
    const folder = { why: `its folder /etc/ssh ${open?.why ?? ''}`, remedy: 'chmod go-w /etc/ssh' };
    expect(keysFinding(path, home, false, folder)).toMatchObject({
      why: `keys are read from ${path}: its folder /etc/ssh can be written by others (mode 0666)`,
      remedy: 'look at the keys in it, then: chmod go-w /etc/ssh',
    });
  });

  test.each([
    [`${home}/.ssh/authorized_keys`, open],
    [path, undefined],
  ])('at %s, which no mode mends, are to lie elsewhere', (at, fault) => {
    expect(keysFinding(at, home, true, fault)?.remedy).toContain('AuthorizedKeysFile');
  });
});

describe("sshd's host keys", () => {
  test.each([
    [0, 0o100600, undefined],
    [0, 0o100640, undefined],
    [0, 0o100644, 'has mode 0644'],
    [0, 0o100666, 'has mode 0666'],
    [7, 0o100600, 'belongs to uid 7'],
  ])('of uid %i and mode %o', (uid, mode, why) => {
    const finding = hostKeyFinding('/etc/ssh/key', { uid, mode });
    expect(finding?.why).toEqual(why === undefined ? undefined : expect.stringContaining(`/etc/ssh/key ${why}`));
    if (finding !== undefined) expect(finding.remedy).toContain('chmod 0600 /etc/ssh/key');
  });

  test('why sshd says nothing', () => {
    const said = [
      "Permissions 0666 for '/etc/ssh/key' are too open.",
      'This private key will be ignored.',
      'sshd: no hostkeys available -- exiting.',
    ];
    expect(whyNot(said.join('\r\n'))).toEqual([
      'sshd takes no host key: /etc/ssh/key has mode 0666',
      'chmod 0600 /etc/ssh/key',
    ]);
    expect(whyNot('line 3: Bad configuration option: x\n')[0]).toBe(
      'sshd -T says: line 3: Bad configuration option: x',
    );
    expect(whyNot('')[1]).toBe('sudo sshd -t');
  });
});
