import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { dial, type Channel } from '../../../src/gate/channel.ts';
import { followKeeper, type Keeper } from '../../../src/gate/rejoin.ts';
import { temporary, type Folder } from './folder.ts';
import { listenAt, type KeeperEnd, type Post } from './keeper-end.ts';
import { go } from './sample.ts';

let folder: Folder;
let post: Post;
let line: Channel;
let first: KeeperEnd;
let keeper: Keeper;
const words: unknown[] = [];

beforeEach(async () => {
  folder = temporary();
  words.length = 0;
  post = await listenAt(`${folder.path}/keeper`);
  line = await dial(`${folder.path}/keeper`);
  first = await post.next();
  keeper = followKeeper(line, go, `${folder.path}/rejoin`, {
    deadline: (...word) => words.push(['deadline', ...word]),
    input: (...word) => words.push(['input', ...word]),
    looked: (...word) => words.push(['looked', ...word]),
    cut: (...word) => words.push(['cut', ...word]),
    lost: () => words.push(['lost']),
  });
});
afterEach(async () => {
  keeper.ended('line', 129);
  line.close();
  await post[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function until(met: () => boolean): Promise<void> {
  while (!met()) await pause(5);
}

test('a stopped client is told to the keeper, and it is asked for looks', async () => {
  keeper.stopped();
  keeper.look(3, ['Password: ']);
  expect(await first.count(2)).toEqual([{ t: 'stopped' }, { t: 'look', n: 3, rows: ['Password: '] }]);
});

test('the relay hears its deadline move and its cut, and the keeper hears its end', async () => {
  first.say({ t: 'deadline', end: 5, expired: ['e'] }, { t: 'input', rule: 'held' });
  const looked = { t: 'looked', n: 1, prompts: [] } as const;
  first.say({ t: 'cut', lines: ['c'], exit: 1 }, looked);
  await until(() => words.length === 4);
  expect(words).toEqual([
    ['deadline', 5, ['e']],
    ['input', 'held'],
    ['cut', ['c'], 1],
    ['looked', looked],
  ]);
  keeper.ended('detached', 0);
  expect(await first.count(1)).toEqual([{ t: 'ended', why: 'detached', exit: 0 }]);
});

test('a keeper that says anything else is left, and the next one is told the secret of this connection', async () => {
  const rejoin = await listenAt(`${folder.path}/rejoin`);
  first.say({ t: 'bell' });
  await first.closed;
  const next = await rejoin.next();
  expect(await next.count(1)).toEqual([{ t: 'rejoin', v: 1, id: 'C1', secret: 's3cret', pid: process.pid }]);
  next.say({ t: 'deadline', end: 7, expired: [] });
  await until(() => words.length === 2);
  expect(words).toEqual([['lost'], ['deadline', 7, []]]);
  keeper.ended('cut', 0);
  expect((await next.count(2))[1]).toEqual({ t: 'ended', why: 'cut', exit: 0 });
  await rejoin[Symbol.asyncDispose]();
});

test('a keeper whose words cannot be read is left, so that it takes the gate back', async () => {
  const rejoin = await listenAt(`${folder.path}/rejoin`);
  first.socket.write('no message\n');
  await first.closed;
  const next = await rejoin.next();
  expect((await next.count(1))[0]).toMatchObject({ t: 'rejoin' });
  await rejoin[Symbol.asyncDispose]();
});

test('the gate goes on knocking until a keeper is back', async () => {
  first.socket.destroy();
  await pause(700);
  const rejoin = await listenAt(`${folder.path}/rejoin`);
  const next = await rejoin.next();
  expect((await next.count(1))[0]).toMatchObject({ t: 'rejoin' });
  await rejoin[Symbol.asyncDispose]();
});

test('a keeper that is away is given the time to come back before its word is missed', async () => {
  const there = keeper.wordMs();
  first.socket.destroy();
  await until(() => keeper.wordMs() > there);
  const rejoin = await listenAt(`${folder.path}/rejoin`);
  await rejoin.next();
  await until(() => keeper.wordMs() === there);
  await rejoin[Symbol.asyncDispose]();
});

test('after its own end the gate knocks at nobody', async () => {
  const rejoin = await listenAt(`${folder.path}/rejoin`);
  keeper.ended('cut', 0);
  first.socket.destroy();
  const knocked = await Promise.race([rejoin.next().then(() => true), pause(900).then(() => false)]);
  expect(knocked).toBe(false);
  await rejoin[Symbol.asyncDispose]();
});
