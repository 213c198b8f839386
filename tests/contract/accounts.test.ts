// Accounts as the host's directory tells them, and which logins cannot be gated (docs/design.md, "The policy", threats C4).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  copyFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import {
  accountByName,
  homeFault,
  openAccounts,
  parseAccount,
  readGroup,
  type Account,
} from '../../src/adapters/accounts.ts';
import { canDraw, openTerminfo } from '../../src/adapters/terminfo.ts';

let root: string;
let next = 0;

beforeAll(() => {
  root = mkdtempSync('/tmp/tmux-gate-test-');
  chmodSync(root, 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const uid = 54_321;
const login = (more: Partial<Account>): Account => ({
  name: 'alice',
  uid,
  gid: uid,
  home: root,
  shell: '/bin/sh',
  ...more,
});

interface Made {
  readonly mode?: number;
  readonly owner?: number;
  readonly kind?: 'folder' | 'file';
}

function make(path: string, { mode = 0o755, owner = 0, kind = 'folder' }: Made = {}): string {
  if (kind === 'folder') mkdirSync(path);
  else writeFileSync(path, '');
  chownSync(path, owner, owner);
  chmodSync(path, mode);
  return path;
}

const home = (made: Made = {}): string => make(`${root}/h${next++}`, made);

describe('accounts', () => {
  const accounts = openAccounts(() => performance.now());

  test('by name and by uid', async () => {
    expect(await accountByName('root')).toEqual({ name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' });
    expect((await accounts.byUid(0))?.name).toBe('root');
    for (const found of [await accounts.byUid(0), await accounts.byName('root')])
      expect(found).toEqual(await accountByName('root'));
  });

  test.each(['nobody-knows-me', '0', '', '-s', '--help', 'a b', 'a:b', 'root\n', '../x'])(
    'no account %j',
    async (name) => {
      for (const found of [await accountByName(name), await accounts.byName(name)]) expect(found).toBeUndefined();
    },
  );

  test('a group by name and by gid, with the members that the entry lists', async () => {
    expect(await readGroup('root')).toEqual({ gid: 0, members: [] });
    expect(await readGroup(0)).toEqual(await readGroup('root'));
    expect(await readGroup('nobody-knows-me')).toBeUndefined();
    const name = `tg-members-${process.pid}`;
    const lock = '/run/lock/tmux-gate-sandbox-accounts'; // that of the sandboxes (scripts/sandbox/accounts.ts)
    execFileSync('flock', [lock, 'groupadd', '-U', 'daemon,nobody', name]);
    try {
      expect((await readGroup(name))?.members).toEqual(['daemon', 'nobody']);
    } finally {
      execFileSync('flock', [lock, 'groupdel', name]);
    }
  });

  test.each([-1, 1.5, NaN, 4_000_000_000])('no uid %d', async (number) => {
    expect(await accounts.byUid(number)).toBeUndefined();
  });

  test.each([
    ['a:x:1:2:g,e:/home/a:/bin/zsh', { name: 'a', uid: 1, gid: 2, home: '/home/a', shell: '/bin/zsh' }],
    ['a:x:1:2::/home/a:', { name: 'a', uid: 1, gid: 2, home: '/home/a', shell: '/bin/sh' }],
    ['a:x:1:2::/home/a', undefined],
    ['a:x::2::/home/a:/bin/sh', undefined],
    ['a:x:-1:2::/home/a:/bin/sh', undefined],
    ['a:x:1:2::home:/bin/sh', undefined],
    ['', undefined],
  ])('%j', (entry, account) => expect(parseAccount(entry)).toEqual(account));
});

describe('a home that the login can write cannot be gated', () => {
  test.each<readonly [string, () => string, 'home' | undefined]>([
    ['root owns it', () => home(), undefined],
    ['it is missing, below a folder of root', () => `${root}/none/at/all`, undefined],
    ['/nonexistent', () => '/nonexistent', undefined],
    ['the login owns it', () => home({ owner: uid }), 'home'],
    ['the login owns it without a write bit', () => home({ owner: uid, mode: 0o555 }), 'home'],
    ['its group writes it', () => home({ mode: 0o775 }), 'home'],
    ['everybody writes it', () => home({ mode: 0o777 }), 'home'],
    ['everybody adds to it (sticky)', () => home({ mode: 0o1777 }), 'home'],
    ['it is missing, below a sticky folder', () => `${home({ mode: 0o1777 })}/none`, 'home'],
    ['root owns it, below a sticky folder', () => make(`${home({ mode: 0o1777 })}/in`), undefined],
    ['root owns it, below a folder of the login', () => make(`${home({ owner: uid })}/in`), 'home'],
    ['the login owns its .ssh', () => withIn('.ssh', { owner: uid }), 'home'],
    ['root owns its .ssh', () => withIn('.ssh', {}), undefined],
    ['the login owns its .pam_environment', () => withIn('.pam_environment', { owner: uid, kind: 'file' }), 'home'],
    ['root owns its .pam_environment', () => withIn('.pam_environment', { kind: 'file', mode: 0o644 }), undefined],
    ['a link of root to a home of root', () => link(home()), undefined],
    ['a link of root to a home of the login', () => link(home({ owner: uid })), 'home'],
    ['a link through a folder of the login', () => link(make(`${home({ owner: uid })}/in`)), 'home'],
    ['a link in a circle', circle, 'home'],
  ])('%s', async (_, path, fault) => expect(await homeFault(login({ home: path() }))).toBe(fault));

  function withIn(name: string, made: Made): string {
    const path = home();
    make(`${path}/${name}`, made);
    return path;
  }

  function link(target: string): string {
    const path = `${root}/l${next++}`;
    symlinkSync(target, path);
    return path;
  }

  function circle(): string {
    const path = `${root}/l${next++}`;
    symlinkSync(path, path);
    return path;
  }
});

describe('a shell that reads files first cannot be gated', () => {
  test.each([
    ['/bin/sh', undefined],
    ['/bin/dash', undefined],
    ['/usr/bin/dash', undefined],
    ['/bin/bash', 'shell'],
    ['/bin/rbash', 'shell'],
    ['/usr/sbin/nologin', 'shell'],
    ['/bin/false', 'shell'],
    ['/bin/no-such-shell', 'shell'],
    ['/bin', 'shell'],
  ])('%s', async (shell, fault) => expect(await homeFault(login({ shell }))).toBe(fault));

  test('a program of ours is one, a program of the login is none, whatever it is called', async () => {
    const [ours, theirs] = [home(), home({ owner: uid })];
    for (const folder of [ours, theirs]) {
      for (const name of ['gate-shell', 'sh']) copyFileSync('/bin/true', `${folder}/${name}`);
    }
    expect(await homeFault(login({ shell: `${ours}/gate-shell` }), ours)).toBeUndefined();
    expect(await homeFault(login({ shell: `${ours}/gate-shell` }))).toBe('shell');
    expect(await homeFault(login({ shell: `${theirs}/gate-shell` }), theirs)).toBe('shell');
    expect(await homeFault(login({ shell: `${theirs}/sh` }))).toBe('shell');
  });
});

describe('TERM', () => {
  const terminfo = openTerminfo();

  test.each(['xterm-256color', 'screen', 'vt100', 'linux'])('%s is known', async (term) => {
    expect(await terminfo.termFor(term)).toBe(term);
  });

  test.each([
    '',
    'no-such-terminal',
    '../x/xterm',
    '/etc/passwd',
    '.',
    'xterm\n',
    '-x',
    'x'.repeat(65),
    'xterm;id',
    '#{x}',
  ])('%j falls back', async (term) => {
    expect(await terminfo.termFor(term)).toBe('xterm-256color');
    expect(await terminfo.termFor(term)).toBe('xterm-256color');
  });

  test.each(['dumb', 'dumb'])('%s cannot show a session', async (term) => {
    expect(await terminfo.termFor(term)).toBeUndefined();
  });

  test('each entry of the host is judged as infocmp(1) reads it, and what is none is not judged', () => {
    const folders = ['/lib/terminfo', '/usr/share/terminfo'].filter((folder) => existsSync(folder));
    const files = folders.flatMap((folder) => globSync(`${folder}/*/*`));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const told = execFileSync('infocmp', ['-1', '-A', dirname(dirname(file)), basename(file)], { encoding: 'utf8' });
      const fit = ['clear', 'cup'].every((name) => told.includes(`\t${name}=`));
      expect({ file, fit: canDraw(readFileSync(file)) }).toEqual({ file, fit });
    }
    expect(canDraw(Buffer.alloc(4))).toBeUndefined();
    expect(canDraw(Buffer.from('no entry of terminfo'))).toBeUndefined();
    expect(canDraw(readFileSync(files[0]!).subarray(0, 40))).toBe(false);
  });
});
