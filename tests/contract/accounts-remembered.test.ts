// How long an account is remembered (src/adapters/accounts, openAccounts): each service of accounts has its own memory.
import { beforeEach, expect, test } from '@jest/globals';
import { openAccounts, type Account } from '../../src/adapters/accounts.ts';

const alice: Account = { name: 'alice', uid: 1001, gid: 1001, home: '/home/alice', shell: '/bin/sh' };

let asked: string[];
let now: number;
const open = () =>
  openAccounts(
    () => now,
    async (key) => {
      asked.push(key);
      if (key === 'down') throw new Error('the directory does not answer');
      return Promise.resolve(key === 'gone' ? undefined : alice);
    },
  );

beforeEach(() => {
  [asked, now] = [[], 0];
});

test('an answer is used for five seconds, and not a moment longer', async () => {
  const accounts = open();
  for (now of [0, 4_999]) expect([await accounts.byName('alice'), await accounts.byUid(1001)]).toEqual([alice, alice]);
  expect(asked).toEqual(['alice', '1001']);
  now = 5_000;
  await accounts.byName('alice');
  expect(asked).toEqual(['alice', '1001', 'alice']);
});

test('that there is none is an answer; that the directory does not answer is none', async () => {
  const accounts = open();
  for (let time = 0; time < 2; time += 1) {
    expect(await accounts.byName('gone')).toBeUndefined();
    await expect(accounts.byName('down')).rejects.toThrow('does not answer');
  }
  expect(asked).toEqual(['gone', 'down', 'down']);
});

test('two services share nothing, so the end of one forgets its answers', async () => {
  await open().byName('alice');
  await open().byName('alice');
  expect(asked).toEqual(['alice', 'alice']);
});

test('an entry of another name or uid than asked for is none, whoever remembers it', async () => {
  const accounts = open();
  for (let time = 0; time < 2; time += 1)
    expect([await accounts.byName('ALICE'), await accounts.byUid(7)]).toEqual([undefined, undefined]);
});

test('a crowd of names does not grow the memory without end: it is emptied and asked again', async () => {
  const accounts = open();
  for (let n = 0; n <= 1_000; n += 1) await accounts.byName(`n${n}`);
  await accounts.byName('n0');
  expect(asked.filter((key) => key === 'n0')).toHaveLength(2);
});
