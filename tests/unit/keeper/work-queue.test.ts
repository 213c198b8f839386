import { expect, test } from '@jest/globals';
import { openWorkQueue, type Turn } from '../../../src/keeper/concurrency/work-queue.ts';

const stay = new AbortController().signal;
const limits = { atOnce: 1, most: 3, mostEach: 2 };

/** Whether it is their turn by now. */
async function isOn(turn: Turn | undefined): Promise<boolean> {
  return Promise.race([turn!.begun.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);
}

test('one works, the others wait in order, each gets its turn', async () => {
  const places = openWorkQueue(limits);
  const [one, two, three] = ['a', 'a', 'b'].map((login) => places.take(login, stay));
  expect(await Promise.all([one, two, three].map(isOn))).toEqual([true, false, false]);
  one?.leave();
  one?.leave();
  expect(await Promise.all([two, three].map(isOn))).toEqual([true, false]);
  two?.leave();
  expect(await isOn(three)).toBe(true);
});

test('a login has a few places, and everybody together some', () => {
  const places = openWorkQueue(limits);
  expect(['a', 'a', 'a', 'b', 'c'].map((login) => places.take(login, stay) !== undefined)).toEqual([
    ...[true, true, false, true, false],
  ]);
});

test('root is never refused, and comes next', async () => {
  const places = openWorkQueue(limits);
  const [first, second, , root] = ['a', 'a', 'b', undefined].map((login) => places.take(login, stay));
  expect(await isOn(root)).toBe(false);
  first?.leave();
  expect(await Promise.all([second, root].map(isOn))).toEqual([false, true]);
});

test('whoever leaves while they wait makes room, and hears why', async () => {
  const places = openWorkQueue(limits);
  places.take('a', stay);
  const leave = new AbortController();
  const waiting = places.take('a', leave.signal);
  leave.abort(new Error('gone'));
  await expect(waiting?.begun).rejects.toThrow('gone');
  waiting?.leave();
  expect(places.take('a', stay)).toBeDefined();
});
