import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { callerOf, isUtf8, loginuidOf, claimsOf } from '../../../src/gate/client-claims.ts';
import { keeperReads } from '../../../src/wire/frames.ts';
import { readFromGate, writeMessage } from '../../../src/wire/messages.ts';
import { temporary } from './folder.ts';

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());
const alice = { uid: 1000, login: 'alice' };

describe('law 2: who knocks', () => {
  test('is who sudo says', () => {
    expect(callerOf({ SUDO_UID: '1000', SUDO_USER: 'alice' })).toEqual(alice);
  });

  test.each([
    [{}],
    [{ SUDO_UID: '1000' }],
    [{ SUDO_USER: 'alice' }],
    [{ SUDO_UID: '0', SUDO_USER: 'root' }],
    [{ SUDO_UID: '-1', SUDO_USER: 'alice' }],
    [{ SUDO_UID: '1.5', SUDO_USER: 'alice' }],
    [{ SUDO_UID: 'x', SUDO_USER: 'alice' }],
    [{ SUDO_UID: '1000', SUDO_USER: 'x'.repeat(65) }],
    [{ USER: 'alice', LOGNAME: 'alice', UID: '1000' }],
  ])('is nobody with %j', (env) => {
    expect(callerOf(env)).toBeUndefined();
  });
});

test.each([
  ['1000\n', { loginuid: 1000 }],
  ['0', { loginuid: 0 }],
  ['4294967295', {}],
  ['none', {}],
])('law 2: the loginuid that PAM set is read from %j as %j', (text, known) => {
  writeFileSync(`${folder.path}/loginuid`, text);
  expect(loginuidOf(`${folder.path}/loginuid`)).toEqual(known);
  expect(loginuidOf(`${folder.path}/no-such-file`)).toEqual({});
});

describe('testimony', () => {
  const env = {
    SSH_ORIGINAL_COMMAND: 'prod-db --reason x',
    TERM: 'xterm-256color',
    SSH_CONNECTION: '10.0.0.7 50000 10.0.0.1 22',
    LANG: 'C',
  };

  test('says what was asked, from where, on which terminal', () => {
    expect(claimsOf(alice, env)).toMatchObject({
      ...{ t: 'hello', kind: 'visit', uid: 1000, login: 'alice', pid: process.pid, command: 'prod-db --reason x' },
      ...{ term: 'xterm-256color', address: '10.0.0.7 50000 10.0.0.1 22', utf8: false, auth: '', cols: 80, rows: 24 },
    });
  });

  test('says how plain the screen is to be, where somebody asks for it', () => {
    expect(claimsOf(alice, env)).not.toHaveProperty('plain');
    expect(claimsOf(alice, { ...env, TMUX_GATE_PLAIN: '1' })).toMatchObject({ plain: true });
  });

  test.each([
    ['nothing at all', {}],
    [
      'everything hostile',
      { TERM: 'x\u001b[2J'.repeat(100), SSH_CONNECTION: '\u202e'.repeat(500), SSH_USER_AUTH: '/etc' },
    ],
    ['a command of 4096 bytes', { SSH_ORIGINAL_COMMAND: 'x'.repeat(4096) }],
  ])('is a message that the keeper takes, with %s', (_, given) => {
    expect(readFromGate(writeMessage(claimsOf(alice, given)))).toBeDefined();
  });

  test('law 9: tells that a command is too long instead of sending it', () => {
    expect(claimsOf(alice, { SSH_ORIGINAL_COMMAND: 'ä'.repeat(2049) })).toMatchObject({ command: '', tooLong: 2049 });
  });

  test('knows the size of the terminal, where it has one that can be', () => {
    const before = (['columns', 'rows'] as const).map(
      (name) => [name, Object.getOwnPropertyDescriptor(process.stdout, name)] as const,
    );
    const seen = (columns: number, rows: number) => {
      Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true });
      Object.defineProperty(process.stdout, 'rows', { value: rows, configurable: true });
      return claimsOf(alice, {});
    };
    expect(seen(132, 50)).toMatchObject({ cols: 132, rows: 50 });
    for (const size of [seen(0, 50), seen(10_001, 50), seen(132, 0)])
      expect(size).toMatchObject({ cols: 80, rows: 24 });
    for (const [name, was] of before)
      if (was === undefined) Reflect.deleteProperty(process.stdout, name);
      else Object.defineProperty(process.stdout, name, was);
  });

  test.each([
    [{}, true],
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: 'de_DE.utf8' }, true],
    [{ LANG: 'de_DE.ISO-8859-1' }, false],
    [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
    [{ LANG: 'C', LC_CTYPE: 'C', LC_ALL: 'de_DE.UTF-8@euro' }, true],
    [{ LANG: 'C.UTF-8', LC_CTYPE: 'C', LC_ALL: '' }, false],
    [{ LANG: 'C.UTF-8', LC_CTYPE: '', LC_ALL: '' }, true],
    [{ LC_CTYPE: 'UTF-8' }, true],
    [{ LC_ALL: 'C; UTF-8' }, false],
  ])('takes %j for UTF-8: %s', (given, utf8) => {
    expect(isUtf8(given)).toBe(utf8);
  });
});

describe("law 2: the file that sshd's SSH_USER_AUTH names", () => {
  const authOf = (path: string): string => claimsOf(alice, { SSH_USER_AUTH: path }).auth;

  test('is read as it is', () => {
    writeFileSync(`${folder.path}/auth`, 'publickey ssh-ed25519 AAAA\n');
    expect(authOf(`${folder.path}/auth`)).toBe('publickey ssh-ed25519 AAAA\n');
  });

  test('is nothing through a link, from a pipe, a folder or a device, and nobody waits for it', () => {
    symlinkSync('/etc/shadow', `${folder.path}/link`);
    execFileSync('mkfifo', [`${folder.path}/pipe`]);
    mkdirSync(`${folder.path}/folder`);
    for (const path of [`${folder.path}/link`, `${folder.path}/pipe`, `${folder.path}/folder`, '/dev/zero', '/dev/tty'])
      expect(authOf(path)).toBe('');
  });

  test('is nothing where there is none, or where its name is no path', () => {
    for (const path of ['', 'auth', '../auth', `${folder.path}/none`, `/${'x'.repeat(300)}`])
      expect(authOf(path)).toBe('');
  });

  test('is read no further than a limit that still fits a message', () => {
    writeFileSync(`${folder.path}/big`, 'x'.repeat(1 << 20));
    expect(authOf(`${folder.path}/big`)).toHaveLength(16 * 1024);
    writeFileSync(`${folder.path}/big`, '\u0001\u00ff'.repeat(1 << 19), 'latin1');
    const told = writeMessage(claimsOf(alice, { SSH_USER_AUTH: `${folder.path}/big` }));
    expect(told.length).toBeLessThan(keeperReads);
    expect(readFromGate(told)).toBeDefined();
  });
});
