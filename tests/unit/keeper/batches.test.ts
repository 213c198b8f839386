// A batch at one of its hosts: what it makes of it (src/keeper/batches: take-up, read-batch).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Batch } from '../../../src/core/batch.ts';
import { minute } from '../../../src/core/time.ts';
import { memberId } from '../../../src/keeper/batches/member-id.ts';
import { membersOf, readBatch } from '../../../src/keeper/batches/read-batch.ts';
import { takeUpAll } from '../../../src/keeper/batches/take-up.ts';
import { Refused } from '../../../src/core/refusal.ts';
import { requestTombstoneId } from '../../../src/keeper/grants/tombstone-id.ts';
import {
  depsOf,
  memberHere,
  openBatchWorld,
  own,
  posted,
  sample,
  settled,
  takenUp,
  withdrawn,
  type BatchWorld,
} from './batch-world.ts';
import { signedBy } from './fakes.ts';
import { alice, began, bob, events, host, lineOf } from './world.ts';

let at: BatchWorld;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  at = openBatchWorld();
});
afterEach(() => {
  at.world.close();
  jest.useRealTimers();
});

describe('a host that is named', () => {
  test('makes its own request, which names the batch, and says so', async () => {
    await posted(at);
    expect(await takenUp(at)).toEqual({ batch: 'B00000', host, request: own });
    expect(lineOf(at.world, 'requested')).toMatchObject({
      ...{ request: own, rule: 'sessions.prod-db.who: engineers', durationMs: 20 * minute },
      batch: { id: 'B00000', host: 'peer-box' },
    });
    const member = await memberHere(at);
    expect(member).toMatchObject({ state: 'pending', facts: { id: own, host, account: 'dba', who: alice } });
  });

  test('gives its own default where no time was asked for, and only views where it was asked to', async () => {
    const { durationMs, ...open } = sample;
    expect(durationMs).toBe(20 * minute);
    await at.world.store.openRound('batch', {
      ...{ id: 'B00000', end: open.answerBy },
      jws: signedBy('peer-box', 'batch', { ...open, mode: 'view' }),
    });
    await takenUp(at);
    expect(lineOf(at.world, 'requested')).toMatchObject({ durationMs: 30 * minute, mode: 'view' });
  });

  test('rule 3: makes one request however often it is told', async () => {
    await posted(at);
    await takenUp(at);
    await takenUp(at);
    await takeUpAll(depsOf(at));
    expect(events(at.world)).toEqual(['requested']);
  });

  test('rule 3: makes no other one after that was denied, also when the store has lost both', async () => {
    await posted(at);
    await takenUp(at);
    await at.world.tombstones.add(requestTombstoneId(own), began + 30 * minute);
    at.world.store.requests.clear();
    at.world.store.shownBatches.clear();
    await posted(at);
    expect(await takenUp(at)).toMatchObject({ request: own });
    expect(events(at.world)).toEqual(['requested']);
  });

  test('takes up at its start what was asked for while it was away', async () => {
    await posted(at);
    await takeUpAll(depsOf(at));
    await settled();
    expect(events(at.world)).toEqual(['requested']);
  });

  test('whose journal is full answers nothing, and makes it once there is room', async () => {
    await posted(at);
    at.world.journal.full = true;
    expect(await takenUp(at)).toBeUndefined();
    at.world.journal.full = false;
    await takeUpAll(depsOf(at));
    await settled();
    expect(await takenUp(at)).toMatchObject({ request: own });
  });

  test('tells of its end also where Redis took it and its answer was lost', async () => {
    const post = at.world.store.post.bind(at.world.store);
    at.world.store.post = async (request) => {
      await post(request);
      throw new Refused('REDIS_DOWN', { host });
    };
    await posted(at);
    await takenUp(at);
    at.world.store.post = post;
    expect(await takenUp(at)).toMatchObject({ request: own });
    await jest.advanceTimersByTimeAsync(31 * minute);
    await settled();
    expect(events(at.world)).toEqual(['requested', 'unanswered']);
  });

  test('rule 6: that was away when the others were asked tells approvers by itself', async () => {
    await posted(at, { requestedAt: began - minute });
    await takenUp(at);
    expect(lineOf(at.world, 'requested')).toMatchObject({ batch: { id: 'B00000', host: 'peer-box', late: true } });
    expect(at.announced).toEqual([own]);
  });

  test('has the notices sent by the host where it was asked for', async () => {
    await posted(at);
    await takenUp(at);
    expect([at.world.notices, at.announced]).toEqual([[], []]);
  });
});

describe('rules 1, 2 and 4: it says why it makes none', () => {
  test.each<[string, Partial<Batch>, string]>([
    ['a session that it has not', { session: 'root' }, 'UNKNOWN_SESSION'],
    ['groups that may not ask', { groups: ['sales'] }, 'NOT_ALLOWED'],
    ['more time than it gives', { durationMs: 120 * minute }, 'WINDOW_TOO_LONG'],
    ['a reason that is longer than one may be', { reason: 'x'.repeat(401) }, 'LONG_REASON'],
    ['a reason with what nobody sees', { reason: 'INC-1 \u200b look' }, 'UNSEEN_REASON'],
    ['one that nobody would answer any more', { requestedAt: began - 31 * minute }, 'REQUEST_OVER'],
    ['a person of another provider', { who: { ...alice, issuer: 'https://x.example.com' } }, 'PEER_PROOF'],
    ['a person without a login here', { who: { ...alice, claim: 'alice@elsewhere.org' } }, 'NOT_THIS_LOGIN'],
    ['a login that is no account', { who: { ...alice, claim: 'zoe@example.com' } }, 'UNKNOWN_LOGIN'],
  ])('%s', async (_, change, code) => {
    await posted(at, change);
    expect(await takenUp(at)).toMatchObject({ code, says: expect.any(String) });
    expect(events(at.world)).toEqual([]);
  });

  test('a person of whom eight wait here, wherever they were asked for', async () => {
    for (let n = 0; n < 8; n++) await posted(at, { id: `B0000${String(n)}` });
    for (let n = 0; n < 8; n++)
      expect(await takenUp(at, `B0000${String(n)}`)).toMatchObject({ request: memberId(`B0000${String(n)}`, host) });
    await posted(at, { id: 'B00008' });
    expect(await takenUp(at, 'B00008')).toMatchObject({ code: 'MANY_BATCHES' });
    at.accounts = new Set(['bob', 'dba']);
    await posted(at, { id: 'B00009', who: { ...bob, claim: 'bob@example.com' } });
    expect(await takenUp(at, 'B00009')).toMatchObject({ request: memberId('B00009', host) });
  });

  test('a login of somebody else', async () => {
    await at.world.deps.pins.set('alice', bob);
    await posted(at);
    expect(await takenUp(at)).toMatchObject({ code: 'PIN_MISMATCH' });
  });

  test('a login that sudo does not name', async () => {
    at.gated = 'no';
    await posted(at);
    expect(await takenUp(at)).toMatchObject({ code: 'NOT_GATED' });
  });

  test('a login that is locked', async () => {
    const lock = { target: 'alice', number: 1, locked: true, by: 'root', reason: 'gone', at: began };
    await at.world.deps.locks.take({ lock, jws: '' });
    await posted(at);
    expect(await takenUp(at)).toMatchObject({ code: 'LOCKED' });
  });

  test('a person whom the provider has disabled', async () => {
    at.world.groups.set('alice', 'gone');
    await posted(at);
    expect(await takenUp(at)).toMatchObject({ code: 'SIGN_IN_OVER' });
  });

  test('a group that this host has not heard of, or the other one', async () => {
    at.world.groups.set('alice', ['sales']);
    await posted(at);
    expect(await takenUp(at)).toMatchObject({ code: 'NOT_ALLOWED' });
    at.world.groups.set('alice', ['engineers']);
    await posted(at, { id: 'B11111', groups: ['sales'] });
    expect(await takenUp(at, 'B11111')).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('a session account that is not there', async () => {
    at.accounts = new Set(['alice']);
    await posted(at);
    expect(await takenUp(at)).toMatchObject({ code: 'SESSION_ACCOUNT' });
  });
});

test('rule 1: a list of root says the groups, whatever the other host heard', async () => {
  const { deps, groups } = at.world;
  const claims = { ...deps.config.oidc.claims, groupsFile: '/etc/groups.yaml' };
  Object.assign(deps, { config: { ...deps.config, oidc: { ...deps.config.oidc, claims } } });
  groups.set('alice', ['engineers']);
  await posted(at, { groups: [] });
  expect(await takenUp(at)).toMatchObject({ request: own });
});

describe('law 8: a host does nothing about a batch', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['that no peer signed', async () => posted(at, { host: 'stranger' }, 'stranger')],
    ['that a peer signed in the name of another', async () => posted(at, { host })],
    [
      'under the id of another',
      async () =>
        at.world.store.openRound('batch', {
          ...{ id: 'B00000', end: began + minute },
          jws: signedBy('peer-box', 'batch', { ...sample, id: 'B11111' }),
        }),
    ],
    ['whose time is over', async () => posted(at, { answerBy: began })],
    ['that does not name it', async () => posted(at, { hosts: ['peer-box'] })],
    ['that is not there', async () => Promise.resolve()],
  ])('%s', async (_, prepare) => {
    await prepare();
    expect(await takenUp(at)).toBeUndefined();
    expect(events(at.world)).toEqual([]);
  });

  test('that was withdrawn', async () => {
    await posted(at);
    await withdrawn(at);
    expect(await takenUp(at)).toBeUndefined();
  });

  test('and what is said in the name of another host does not count', async () => {
    await posted(at);
    const says = { batch: 'B00000', host, code: 'NOT_ALLOWED', says: 'no' };
    await at.world.store.answerRound('batch', 'B00000', {
      from: host,
      jws: signedBy('peer-box', 'batch-answer', says),
    });
    expect((await readBatch(at.world.deps, 'B00000'))?.answers.size).toBe(0);
  });

  test('nor is a withdrawal that another host signed one', async () => {
    await posted(at);
    await withdrawn(at, host);
    expect((await readBatch(at.world.deps, 'B00000'))?.isWithdrawn).toBe(false);
  });

  test('nor is a request of somebody else one of the batch', async () => {
    const batch = await posted(at);
    const id = memberId('B00000', 'peer-box');
    const facts = { ...{ id, host: 'peer-box', session: 'prod-db', account: 'dba', who: bob }, ...theRest(batch) };
    await at.world.store.post({ id, jws: signedBy('peer-box', 'request', facts), answerBy: batch.answerBy });
    const says = { batch: 'B00000', host: 'peer-box', request: id };
    await at.world.store.answerRound('batch', 'B00000', {
      from: 'peer-box',
      jws: signedBy('peer-box', 'batch-answer', says),
    });
    const read = await readBatch(at.world.deps, 'B00000');
    expect(read && (await membersOf(at.world.deps, read))).toEqual([]);
  });
});

const theRest = ({ address, fingerprint, reason, requestedAt, answerBy }: Batch): object => ({
  ...{ address, fingerprint, reason, requestedAt, answerBy, durationMs: 20 * minute },
  batch: { id: 'B00000', host: 'peer-box' },
});
