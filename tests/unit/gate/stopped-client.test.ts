import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isStopped, watchStopped } from '../../../src/gate/stopped-client.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function watched() {
  const seen: string[] = [];
  const client = { stopped: false };
  const heard = watchStopped(() => client.stopped, {
    stopped: () => seen.push('continue'),
    over: () => seen.push('over'),
  });
  return { seen, client, heard };
}

test('a client that is not stopped is left alone', () => {
  const { seen, heard } = watched();
  heard();
  jest.advanceTimersByTime(60_000);
  expect(seen).toEqual([]);
});

test('a stopped one is to be continued, each time anew, and asked for once at a time', () => {
  const { seen, client, heard } = watched();
  client.stopped = true;
  heard();
  heard();
  expect(seen).toEqual(['continue']);
  client.stopped = false;
  jest.advanceTimersByTime(60_000);
  client.stopped = true;
  heard();
  expect(seen).toEqual(['continue', 'continue']);
});

test('one that nobody continues is over', () => {
  const { seen, client, heard } = watched();
  client.stopped = true;
  heard();
  jest.advanceTimersByTime(60_000);
  expect(seen.at(-1)).toBe('over');
  expect(seen.filter((what) => what === 'over')).toHaveLength(1);
});

test('a process is seen to be stopped, and one that is gone is not', async () => {
  jest.useRealTimers();
  const child = spawn('sleep', ['600']);
  const pid = child.pid!;
  expect(isStopped(pid)).toBe(false);
  child.kill('SIGSTOP');
  while (!isStopped(pid)) await new Promise((resolve) => setImmediate(resolve));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isStopped(pid)).toBe(false);
});
