// Law 5: the kill switch. A lock ends what a login has and keeps it out, over restarts and whatever Redis says; only a higher
// number lifts it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, rmdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { layoutAt } from '../../src/wire/layout.ts';
import { strangersKeys } from '../harness/forge.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, journal, place, testHost } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';
import { plain, seenOn } from '../harness/refused.ts';
import { requestAccess, letIn, putInOrder, rows, say } from '../harness/visits.ts';

let host: Host;
const alice = `${place('tgk')}-alice`;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgk', people: { carol: ['engineers'] } });
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  await putInOrder(host);
  for (const target of [alice, '--all']) await host.cli(['unlock', target]);
});

const lockAlice = async (): Promise<void> => {
  expect(await say(host.people.bob, ['lock', alice, '--reason', 'laptop', 'stolen'])).toMatchObject({ code: 0 });
};
const expectLocked = async (): Promise<void> => {
  const seen = await seenOn(host.people.alice.ssh(['-t', 'prod-db']));
  expect(plain(seen.text)).toContain('laptop stolen. [LOCKED]');
  expect(seen.code).toBe(77);
};
const stored = async (): Promise<string> => redis(host.layout, 'hget', '{tmux-gate}:locks', alice);

test('who is locked is cut and told why, others go on, and nothing of theirs opens again until it is lifted', async () => {
  const hers = await letIn(host, host.people.alice);
  const others = await letIn(host, host.people['carol']!);
  await lockAlice();
  expect((await hers.terminal.exit).code).toBe(77);
  expect(plain(hers.terminal.text)).toContain('login locked: laptop stolen');
  expect(connections(host.layout).map(({ who }) => who.login)).toEqual([`${place('tgk')}-carol`]);
  others.terminal.type('echo "$((6*7))-goes-on"\r');
  await others.terminal.until('42-goes-on');
  await expectLocked();
  expect((await say(host.people.alice, ['whoami'])).text).toContain('[LOCKED]');
  expect(await rows(host.people.bob, 'locks')).toMatchObject([{ target: alice, reason: 'laptop stolen', number: 1 }]);
  expect((await say(host.people.bob, ['unlock', alice])).text).toContain(`Unlocked ${alice}. prod-box: confirmed.`);
  expect(await rows(host.people.bob, 'locks')).toEqual([]);
  // The grant stays revoked and the sign-in forgotten: both are asked for anew.
  const again = await requestAccess(host.people.alice);
  expect(again.terminal.text).toContain('user_code=');
  expect(journal(host.layout).map(({ event }) => event)).toEqual(expect.arrayContaining(['locked', 'unlocked']));
});

test('an unlock that is left waiting lifts no lock that is newer than the one that was seen', async () => {
  await lockAlice();
  const waiting = host.people.bob.ssh(['unlock', alice], { tty: false });
  const [link = ''] = await waiting.until(/http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/);
  await host.cli(['unlock', alice]);
  await host.cli(['lock', alice, '--reason', 'laptop stolen']);
  await completeSignIn(link, host.people.bob.account);
  await waiting.exit;
  expect(waiting.text).toContain('[CHANGED_MEANWHILE]');
  await expectLocked();
});

test('who waits for an answer is told at once, and the request is withdrawn', async () => {
  const waiting = await requestAccess(host.people.alice);
  await lockAlice();
  expect((await waiting.terminal.exit).code).toBe(77);
  expect(plain(waiting.terminal.text)).toContain('[LOCKED]');
  expect(await rows(host.people.bob, 'requests')).toEqual([]);
});

test('a lock of everyone stops what opens, and whoever may approve can still lift it', async () => {
  const hers = await letIn(host, host.people.alice);
  expect((await host.cli(['lock', '--all', '--reason', 'drill'])).stdout).toContain('Locked everyone.');
  expect((await hers.terminal.exit).code).toBe(77);
  expect(plain((await seenOn(host.people['carol']!.ssh(['-t', 'prod-db']))).text)).toContain('drill. [LOCKED]');
  expect((await say(host.people.bob, ['approve', 'K7QF2M'])).text).toContain('[LOCKED]');
  expect((await say(host.people.bob, ['unlock', '--all'])).text).toContain('Unlocked everyone.');
});

describe('law 8: a lock holds', () => {
  test('over a restart of the keeper, and over a Redis that lost it', async () => {
    await lockAlice();
    await redis(host.layout, 'flushall');
    await host.keeper.stop();
    await host.keeper.start();
    await expectLocked();
    await eventually('it is shown again', async () => (await stored()) !== '');
  });

  test('against an older unlock that somebody puts back', async () => {
    await lockAlice();
    await host.cli(['unlock', alice]);
    const unlock = await stored();
    await lockAlice();
    const lock = await stored();
    await redis(host.layout, 'hset', '{tmux-gate}:locks', alice, unlock);
    await redis(host.layout, 'xadd', '{tmux-gate}:events', '*', 'type', 'locked', 'id', alice);
    await eventually('the lock is shown again', async () => (await stored()) === lock);
    await expectLocked();
  });

  test('and one that a stranger signed locks nobody', async () => {
    const forged = await (
      await strangersKeys()
    ).sign('lock', {
      ...{ target: alice, number: 99, locked: true, by: 'nobody', reason: 'forged', at: Date.now() },
    });
    await redis(host.layout, 'hset', '{tmux-gate}:locks', alice, forged);
    await redis(host.layout, 'xadd', '{tmux-gate}:events', '*', 'type', 'locked', 'id', alice);
    expect((await requestAccess(host.people.alice)).request).toMatch(/^[0-9A-Z]{6}$/);
    expect(await rows(host.people.bob, 'locks')).toEqual([]);
  });
});

test('law 5: one that cannot be written ends and keeps out all the same, says so, and is written as soon as it can be', async () => {
  const { locks } = layoutAt(host.root);
  const hers = await letIn(host, host.people.alice);
  mkdirSync(`${locks}.new`); // where the next state would be drafted
  try {
    expect((await say(host.people.bob, ['lock', alice, '--reason', 'laptop', 'stolen'])).text).toContain(
      '[JOURNAL_DOWN]',
    );
    expect((await hers.terminal.exit).code).toBe(77);
    expect((await host.cli(['unlock', alice])).stderr).toContain('[JOURNAL_DOWN]');
    await expectLocked();
  } finally {
    rmdirSync(`${locks}.new`);
  }
  await eventually('it is on disk', async () => (await readFile(locks, 'utf8')).includes('laptop stolen'));
  await host.keeper.stop();
  await host.keeper.start();
  await expectLocked();
});

test('the answer says what ended here', async () => {
  const hers = await letIn(host, host.people.alice);
  const waiting = await requestAccess(host.people['carol']!);
  const told = await say(host.people.bob, ['lock', alice, '--reason', 'laptop', 'stolen']);
  expect(told.text).toContain(
    `Locked ${alice}. prod-box: confirmed. Ended here: 1 connection, 1 grant, 0 requests, 1 sign-in.`,
  );
  await hers.terminal.exit;
  const carol = host.people['carol']!.login;
  const { stdout } = await host.cli(['lock', carol, '--reason', 'test']);
  expect(stdout).toMatch(/Ended here: 0 connections, 0 grants, 1 request, \d sign-ins?\./);
  await waiting.terminal.exit;
  await host.cli(['unlock', carol]);
});

describe('a login that nobody knows', () => {
  const locked = async (): Promise<readonly unknown[]> => rows(host.people.bob, 'locks');

  test('is taken for a typing error: nothing is locked, and the answer says how to lock it all the same', async () => {
    const told = await say(host.people.bob, ['lock', 'alice', '--reason', 'laptop', 'stolen']);
    expect(plain(told.text)).toContain('No login "alice" is known on prod-box, so nothing was locked. [LOCK_UNKNOWN]');
    expect(plain(told.text)).toContain('--force');
    expect(told.code).toBe(65);
    expect((await host.cli(['lock', 'alice', '--reason', 'x'])).stderr).toContain('[LOCK_UNKNOWN]');
    expect(await locked()).toEqual([]);
  });

  test('is locked by --force, as one of another host; then it is known', async () => {
    const forced = await say(host.people.bob, ['lock', 'alice', '--force', '--reason', 'elsewhere']);
    expect(forced.text).toContain('Ended here: 0 connections, 0 grants, 0 requests, 0 sign-ins.');
    expect(await locked()).toMatchObject([{ target: 'alice', reason: 'elsewhere' }]);
    expect(await host.cli(['lock', 'alice', '--reason', 'again'])).toMatchObject({ code: 0 });
    expect(await host.cli(['unlock', 'alice'])).toMatchObject({ code: 0 });
  });

  test('is one that has no grant on any host either; a grant of a peer makes it known', async () => {
    const key = '{tmux-gate}:grant:other-box:prod-db:erin:AAAAAAAAAA';
    await redis(host.layout, 'set', key, 'a grant', 'EX', '60');
    await redis(host.layout, 'zadd', '{tmux-gate}:grants', '1', key);
    expect(await host.cli(['lock', 'erin', '--reason', 'x'])).toMatchObject({ code: 0 });
    await host.cli(['unlock', 'erin']);
    await redis(host.layout, 'del', key);
  });
});

describe('who may', () => {
  test.each([
    ['an engineer locks nobody', 'carol', ['lock', 'x', '--reason', 'y'], 'NOT_YOURS'],
    ['a lock says why', 'bob', ['lock', 'x'], 'LOCK_REASON'],
    ['one login, or everyone', 'bob', ['lock', '--reason', 'y'], 'BAD_COMMAND'],
    ['not both', 'bob', ['lock', 'x', '--all', '--reason', 'y'], 'BAD_COMMAND'],
    ['what is not locked is not lifted', 'bob', ['unlock', 'x'], 'NOT_LOCKED'],
    ['an engineer does not see who is', 'carol', ['locks'], 'NOT_YOURS'],
  ] as const)('%s', async (_, person, words, code) => {
    expect((await say(host.people[person]!, words)).text).toContain(`[${code}]`);
  });

  test('nobody lifts the lock of their own login', async () => {
    await host.cli(['lock', host.people.bob.login, '--reason', 'test']);
    expect((await say(host.people.bob, ['unlock', host.people.bob.login])).text).toContain('[LOCKED]');
    expect((await host.cli(['unlock', host.people.bob.login])).code).toBe(0);
  });
});
