import { expect, test } from '@jest/globals';
import { openSingleFlight } from '../../../src/keeper/concurrency/single-flight.ts';

/** Runs that end when the test says so, each with its number as the answer. */
function runs(): { readonly begun: PromiseWithResolvers<number>[]; readonly ask: () => Promise<number> } {
  const begun: PromiseWithResolvers<number>[] = [];
  return {
    begun,
    ask: () => {
      const run = Promise.withResolvers<number>();
      begun.push(run);
      return run.promise;
    },
  };
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('rule 1: who comes while a question is under way gets the answer to the next one', async () => {
  const shared = openSingleFlight<number>();
  const { begun, ask } = runs();
  const [first, second] = [shared('alice', ask), shared('alice', ask)];
  expect(begun).toHaveLength(1);
  begun[0]?.resolve(1);
  expect(await first).toBe(1);
  await turn();
  const third = shared('alice', ask); // the second has begun before it came
  begun[1]?.resolve(2);
  expect(await second).toBe(2);
  await turn();
  begun[2]?.resolve(3);
  expect(await third).toBe(3);
});

test('rule 2: a hundred at once are two runs; other questions have their own', async () => {
  const shared = openSingleFlight<number>();
  const { begun, ask } = runs();
  const crowd = Array.from({ length: 100 }, async () => shared('alice', ask));
  const bob = shared('bob', ask);
  expect(begun).toHaveLength(2);
  begun[0]?.resolve(1);
  begun[1]?.resolve(5);
  await turn();
  expect(begun).toHaveLength(3);
  begun[2]?.resolve(2);
  expect(await Promise.all(crowd)).toEqual([1, ...Array.from({ length: 99 }, () => 2)]);
  expect(await bob).toBe(5);
});

test('a run that fails is the failure of those who waited for it, and of nobody after', async () => {
  const shared = openSingleFlight<number>();
  const { begun, ask } = runs();
  const [first, second] = [shared('alice', ask), shared('alice', ask)];
  begun[0]?.reject(new Error('no sudo'));
  await expect(first).rejects.toThrow('no sudo');
  await turn();
  begun[1]?.resolve(2);
  expect(await second).toBe(2);
  await turn();
  const third = shared('alice', ask);
  begun[2]?.resolve(3);
  expect(await third).toBe(3);
});
