// Fences on the host's real cgroups: what was started in one is gone when it ends, whatever it did to stay (law 6).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { cgroup2Mount, openCgroups, ourFolder, ownCgroup, type Cgroups } from '../../src/adapters/cgroup.ts';
import type { CgroupHandle } from '../../src/adapters/cgroup-handle.ts';
import { isSame, killSame, ptyPath, startTimeOf } from '../../src/adapters/processes.ts';
import { asAccount } from '../../src/adapters/tmux-account.ts';
import { throwaway } from './accounts-throwaway.ts';
import { ended } from '../../scripts/sandbox/ended.ts';

let cgroups: Cgroups;
let next = 0;

beforeAll(async () => {
  cgroups = await openCgroups(`tmux-gate-test-${process.pid}`);
});

afterAll(async () => {
  for (const kind of ['s', 'c'] as const) {
    for (const id of await cgroups.all(kind)) await (await cgroups.find(kind, id))?.end();
  }
  await cgroups.removeEmpty();
  expect(existsSync(cgroups.path)).toBe(false);
});

const fresh = (): Promise<CgroupHandle> => cgroups.create('s', `T${next++}`);

/** Runs a script in the cgroup to its own end; what it leaves behind stays. */
async function leave(cgroup: CgroupHandle, script: string, shell = 'sh'): Promise<void> {
  const join = 'echo 0 > "$1" || exit 71; shift; exec "$@"';
  const child = spawn('sh', ['-c', join, 'sh', cgroup.procsFile, shell, '-c', script], {
    stdio: 'ignore',
    detached: true,
  });
  await once(child, 'exit');
}

/** Until something holds; what other processes do raises no event here. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if (await holds()) return;
    await delay(20);
  }
  throw new Error('it never came to hold');
}

const sleeps = async (cgroup: CgroupHandle): Promise<number> =>
  (await cgroup.processes()).filter(({ comm }) => comm === 'sleep').length;

const survivors: readonly (readonly [string, string, string?])[] = [
  ['a background child', 'sleep 1000 &'],
  ['nohup', 'nohup sleep 1001 >/dev/null 2>&1 &'],
  ['setsid', 'setsid sleep 1002 &'],
  ['setsid, forked twice', '(setsid sh -c "sleep 1003 &" &)'],
  ['setsid -f', 'setsid -f sleep 1004'],
  ['disown', 'sleep 1005 & disown -h', 'bash'],
  ['a group of its own', 'set -m; sleep 1006 &'],
  ['HUP ignored', "trap '' HUP; sleep 1007 &"],
  ['every signal ignored', "trap '' HUP INT QUIT TERM USR1 USR2 PIPE ALRM; setsid sleep 1008 &"],
  ['stopped', 'sleep 1009 & until grep -q sleep /proc/$!/comm; do :; done; kill -STOP $!'],
  ['a stopped parent', "(sh -c 'sleep 1010 & kill -STOP $$; :' &)"],
  ['niced down', 'nice -n 19 setsid sleep 1011 &'],
];

describe('law 6: nothing is left behind', () => {
  test('twelve ways to stay, a nested cgroup and a frozen one end, and are written down', async () => {
    const cgroup = await fresh();
    for (const [, script, shell] of survivors) await leave(cgroup, script, shell);
    for (const [at, [name, frozen]] of (
      [
        ['nested', '0'],
        ['frozen', '1'],
      ] as const
    ).entries()) {
      const path = `${cgroup.path}/${name}/below`;
      mkdirSync(path, { recursive: true });
      await leave(cgroup, `setsid -f sh -c 'echo 0 > ${path}/cgroup.procs; exec sleep 1100'`);
      await until(() => Promise.resolve(readFileSync(`${path}/cgroup.procs`, 'utf8') !== ''));
      await until(async () => (await sleeps(cgroup)) === survivors.length + at + 1);
      writeFileSync(`${cgroup.path}/${name}/cgroup.freeze`, frozen);
    }
    await until(async () => (await sleeps(cgroup)) === survivors.length + 2);
    const there = await cgroup.processes();
    expect(await cgroup.populated()).toBe(true);
    const killed = await cgroup.end();
    expect(killed.map(({ pid }) => pid)).toEqual(expect.arrayContaining(there.map(({ pid }) => pid)));
    for (const { pid, startTime } of there) expect(await isSame(pid, startTime)).toBe(false);
    expect(killed.every(({ uid, ageMs, comm }) => uid === 0 && ageMs >= 0 && comm !== '')).toBe(true);
    expect(existsSync(cgroup.path)).toBe(false);
    expect(await cgroup.populated()).toBe(false);
  });

  test('a courtesy reaches everyone, and ends only who lets it', async () => {
    const cgroup = await fresh();
    await leave(cgroup, 'setsid -f sleep 1000');
    await leave(cgroup, "trap '' HUP; setsid -f sleep 1001");
    await until(async () => (await sleeps(cgroup)) === 2);
    expect(await cgroup.signal('SIGHUP')).toBe(2);
    await until(async () => (await sleeps(cgroup)) === 1);
    expect(await cgroup.end()).toHaveLength(1);
  });

  test('a cgroup that was frozen whole ends', async () => {
    const cgroup = await fresh();
    await leave(cgroup, 'setsid -f sleep 1000');
    writeFileSync(`${cgroup.path}/cgroup.freeze`, '1');
    expect(await cgroup.end()).toHaveLength(1);
    expect(existsSync(cgroup.path)).toBe(false);
  });

  test('a fork bomb ends', async () => {
    await using own = await throwaway();
    const cgroup = await fresh();
    // A limit of the kernel's own: an unlimited one takes the whole machine, and dash gives up at its first failed fork.
    const argv = ['/usr/bin/prlimit', '--nproc=250', '/usr/bin/perl', '-e', 'fork while 1'];
    const bomb = asAccount(own.account, cgroup.procsFile, argv);
    spawn(bomb[0]!, bomb.slice(1), { stdio: 'ignore', detached: true });
    await until(async () => (await cgroup.processes()).length > 100);
    const killed = await cgroup.end();
    expect(killed.length).toBeGreaterThan(0);
    expect(killed.some(({ uid }) => uid === own.account.uid)).toBe(true);
    expect(existsSync(cgroup.path)).toBe(false);
  });

  test('whoever joins during the end ends too, or finds the door gone', async () => {
    const cgroup = await fresh();
    await leave(cgroup, 'setsid -f sleep 1000');
    const over = new AbortController();
    const joins = (async () => {
      while (!over.signal.aborted) await leave(cgroup, 'setsid -f sleep 1001');
    })();
    await cgroup.end();
    over.abort();
    await joins;
    expect(existsSync(cgroup.path)).toBe(false);
  });

  test('two ends at the same time, and one after, are fine', async () => {
    const cgroup = await fresh();
    await leave(cgroup, 'setsid -f sleep 1000');
    const other = (await cgroups.find('s', cgroup.path.split('/').at(-1)!))!;
    const [a, b] = await Promise.all([cgroup.end(), other.end()]);
    expect(a.length + b.length).toBeGreaterThan(0);
    expect(await cgroup.end()).toEqual([]);
    expect(await cgroup.processes()).toEqual([]);
    expect(await cgroup.signal('SIGTERM')).toBe(0);
  });

  test('an aborted end has killed all the same', async () => {
    const cgroup = await fresh();
    await leave(cgroup, 'setsid -f sleep 1000');
    const [sleeper] = await cgroup.processes();
    await cgroup.end(AbortSignal.abort(new Error('enough'))).catch((error: unknown) => {
      expect(String(error)).toBe('Error: enough');
    });
    await until(async () => !(await isSame(sleeper!.pid, sleeper!.startTime)));
    await cgroup.end();
  });
});

describe('cgroups', () => {
  test('a name is never used twice, nor one that climbs', async () => {
    const cgroup = await cgroups.create('c', 'ONCE');
    await expect(cgroups.create('c', 'ONCE')).rejects.toMatchObject({ code: 'CGROUP_DOWN' });
    await expect(cgroups.create('c', '../up')).rejects.toMatchObject({ code: 'CGROUP_DOWN' });
    await expect(cgroups.create('c', '..')).rejects.toMatchObject({ code: 'CGROUP_DOWN' });
    await cgroup.end();
  });

  test('are found again by whoever comes later', async () => {
    const cgroup = await cgroups.create('c', 'AGAIN');
    const later = await openCgroups(`tmux-gate-test-${process.pid}`);
    expect(await later.all('c')).toEqual(['AGAIN']);
    expect((await later.find('c', 'AGAIN'))?.path).toBe(cgroup.path);
    expect(await later.find('c', 'NEVER')).toBeUndefined();
    await cgroup.end();
    expect(await later.all('c')).toEqual([]);
  });

  test('a name that a process gave itself is filtered', async () => {
    const cgroup = await fresh();
    await leave(cgroup, 'setsid -f bash -c \'printf "a\\033) S (" > /proc/$$/comm; sleep 1000; :\'');
    await until(async () => (await cgroup.processes()).some(({ comm }) => comm.startsWith('a\uFFFD')));
    const all = await cgroup.processes();
    expect(all.every(({ comm }) => !comm.includes('\u001b'))).toBe(true);
    expect(all.every(({ ageMs }) => ageMs < 60_000)).toBe(true);
    await cgroup.end();
  });
});

describe('where cgroups are', () => {
  const row = (point: string, root = '/'): string => `41 31 0:38 ${root} ${point} rw,relatime - cgroup2 cgroup2 rw\n`;
  const others =
    '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n';

  test.each([
    [row('/sys/fs/cgroup'), { root: '/', point: '/sys/fs/cgroup' }],
    [others + row('/sys/fs/cgroup/unified'), { root: '/', point: '/sys/fs/cgroup/unified' }],
    [row('/mnt/a\\040b'), { root: '/', point: '/mnt/a b' }],
    ['41 31 0:38 / /c rw shared:1 master:2 - cgroup2 none rw\n', { root: '/', point: '/c' }],
    [others, undefined],
    ['', undefined],
    ['garbage - cgroup2', undefined],
  ])('%j', (text, mount) => expect(cgroup2Mount(text)).toEqual(mount));

  test('our folder', () => {
    const mount = { root: '/', point: '/sys/fs/cgroup' };
    expect(ownCgroup('4:memory:/x\n0::/system.slice/tmux-gate.service\n')).toBe('/system.slice/tmux-gate.service');
    expect(ownCgroup('4:memory:/x\n')).toBeUndefined();
    expect(ourFolder(mount, '/system.slice/tmux-gate.service', 'n')).toBe(
      '/sys/fs/cgroup/system.slice/tmux-gate.service',
    );
    expect(ourFolder(mount, '/user.slice/a.scope', 'n')).toBe('/sys/fs/cgroup/n');
    expect(ourFolder(mount, '/x/not-tmux-gate.service', 'n')).toBe('/sys/fs/cgroup/n');
    expect(ourFolder({ root: '/box', point: '/c' }, '/box/tmux-gate.service', 'n')).toBe('/c/tmux-gate.service');
    expect(ourFolder({ root: '/box', point: '/c' }, '/other/tmux-gate.service', 'n')).toBe('/c/n');
  });
});

describe('processes', () => {
  test.each([
    [34816, '/dev/pts/0'],
    [35071, '/dev/pts/255'],
    [1083392, '/dev/pts/256'],
    [0, undefined],
    [1025, undefined],
  ])('terminal %d is %s', (device, path) => {
    expect(ptyPath(device)).toBe(path);
  });

  test('one process is a pid and its start time', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const start = (await startTimeOf(child.pid!))!;
    expect(await isSame(child.pid!, start)).toBe(true);
    expect(await killSame(child.pid!, start + 1, 'SIGKILL')).toBe(false);
    expect(await isSame(child.pid!, start)).toBe(true);
    expect(await killSame(child.pid!, start, 'SIGKILL')).toBe(true);
    await ended(child);
    expect(await isSame(child.pid!, start)).toBe(false);
    expect(await startTimeOf(child.pid!)).toBeUndefined();
  });
});
