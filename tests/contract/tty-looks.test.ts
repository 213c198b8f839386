// Looks at real terminals, in a real cgroup.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type IPty } from '@lydell/node-pty';
import { mkdir } from 'node:fs/promises';
import { openCgroups, type Cgroups } from '../../src/adapters/cgroup.ts';
import type { CgroupHandle } from '../../src/adapters/cgroup-handle.ts';
import { openTtyLooks } from '../../src/adapters/tty-looks.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

let cgroups: Cgroups;
let fence: CgroupHandle;
const looks = openTtyLooks(10_000);

beforeAll(async () => {
  cgroups = await openCgroups(`tmux-gate-looks-${process.pid}`);
  fence = await cgroups.create('s', 'T1');
});
afterAll(async () => {
  await fence.end();
  await cgroups.removeEmpty();
});

/** Runs a script on a terminal of its own, in the cgroup. */
function onTerminal(script: string, folder = fence.path): IPty {
  const join = `echo $$ > "$0/cgroup.procs" && stty $1 && exec sh -c "$2"`;
  const [modes, ...rest] = script.split(';');
  return spawn('sh', ['-c', join, folder, String(modes), rest.join(';')], {});
}

/** The modes of the terminals, in the order of their numbers, once there are so many. */
const modes = async (count: number): Promise<readonly string[]> =>
  eventually(`${count} terminals`, async () => {
    const found = (await looks.at(fence.path)) ?? [];
    return found.length === count ? found.map(({ is }) => is) : undefined;
  });

test('a terminal is raw, in line mode, or hidden; unread is what waits there as a whole line', async () => {
  expect(await looks.at(fence.path)).toEqual([]);
  for (const [script, is] of [
    ['raw;sleep 1000', 'raw'],
    ['-icanon -echo;sleep 1000', 'raw'],
    ['sane;sleep 1000', 'line'],
    ['-echo;sleep 1000', 'hidden'],
  ] as const) {
    const terminal = onTerminal(script);
    await eventually(`${script} is ${is}`, async () => (await modes(1))[0] === is);
    if (is === 'line') {
      terminal.write('half a line');
      await eventually('it is echoed', async () => (await modes(1))[0] === 'line');
      terminal.write('\r');
      await eventually('a line is unread', async () => (await modes(1))[0] === 'unread');
    }
    terminal.kill('SIGKILL');
    await eventually('it is gone', async () => (await looks.at(fence.path))?.length === 0);
  }
});

test('terminals of cgroups below, and several at once, each once', async () => {
  const below = `${fence.path}/below`;
  await mkdir(below);
  onTerminal('raw;sleep 1000 & sleep 1000');
  onTerminal('-echo;sleep 1000', below);
  await eventually('both', async () => (await modes(2)).toSorted().join() === 'hidden,raw');
});

test('rule 3: a cgroup that is not there has no terminals; without the program there is no look', async () => {
  expect(await looks.at('/nowhere')).toEqual([]);
  expect(await openTtyLooks(1000, '/nowhere/perl').at(fence.path)).toBeUndefined();
  expect(await openTtyLooks(1000, '/bin/false').at(fence.path)).toBeUndefined();
  expect(await openTtyLooks(200, '/usr/bin/yes').at(fence.path)).toBeUndefined();
});

test('rule 3: a program that hangs is ended, and the next look has another', async () => {
  const slow = openTtyLooks(0);
  await eventually('a look that was too late', async () => (await slow.at(fence.path)) === undefined);
  expect(await looks.at(fence.path)).toBeDefined();
});
