import { expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { openKeyedMutex } from '../../../src/keeper/concurrency/keyed-mutex.ts';

test('tasks of one name run one after another, those of another name beside them', async () => {
  const turns = openKeyedMutex();
  const seen: string[] = [];
  const task = (name: string, ms: number) => async () => {
    seen.push(`${name} begins`);
    await pause(ms);
    seen.push(`${name} ends`);
    return name;
  };
  const done = await Promise.all([
    turns.take('prod-db', task('a', 30)),
    turns.take('prod-db', task('b', 0)),
    turns.take('scratch', task('c', 0)),
  ]);
  expect(done).toEqual(['a', 'b', 'c']);
  expect(seen.indexOf('a ends')).toBeLessThan(seen.indexOf('b begins'));
  expect(seen.indexOf('c begins')).toBeLessThan(seen.indexOf('a ends'));
});

test('a task that fails fails alone', async () => {
  const turns = openKeyedMutex();
  const failing = turns.take('x', () => Promise.reject(new Error('no')));
  const next = turns.take('x', () => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
