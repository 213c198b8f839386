import { expect, test } from '@jest/globals';
import { cgroupName, layoutAt, layoutOf } from '../../../src/wire/layout.ts';

test('a program finds everything from the folder that it lies in', () => {
  expect(layoutOf('/usr/lib/tmux-gate')).toEqual(layoutAt(''));
  expect(layoutOf('/opt/x/usr/lib/tmux-gate').keeperSocket).toBe('/opt/x/run/tmux-gate/keeper.sock');
});

test('a program that is not installed does not start', () => {
  expect(() => layoutOf('/tmp/tmux-gate')).toThrow('not installed under /usr/lib/tmux-gate');
  expect(() => layoutOf('/usr/lib/tmux-gate/x')).toThrow('not installed');
});

test('every path lies under the prefix, and each under the part that it belongs to', () => {
  const { root, ...paths } = layoutAt('/opt/x');
  for (const path of Object.values(paths)) expect(path.startsWith(`${root}/`)).toBe(true);
  for (const path of [paths.keeperSocket, paths.rejoinSocket, paths.sessions, paths.connections, paths.redisRun])
    expect(path.startsWith(`${paths.run}/`)).toBe(true);
  for (const path of [
    paths.keys,
    paths.journal,
    paths.recordings,
    paths.homes,
    paths.redisData,
    paths.tombstones,
    paths.askedHere,
    paths.pins,
  ])
    expect(path.startsWith(`${paths.state}/`)).toBe(true);
});

test("a sandbox never meets the host's part of the cgroup tree", () => {
  expect(cgroupName('')).toBe('tmux-gate');
  expect(cgroupName('/opt/tmux-gate-demo')).toBe('tmux-gate-demo');
});
