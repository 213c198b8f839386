// A request of a batch that is approved, or withdrawn (src/keeper/batches: vouch, withdraw-batch).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Batch } from '../../../src/core/batch.ts';
import { minute, second } from '../../../src/core/time.ts';
import { withdrawBatch, withdrawMember } from '../../../src/keeper/batches/withdraw-batch.ts';
import { settle } from '../../../src/keeper/grants/settle.ts';
import { liveGrant } from '../../../src/keeper/grants/live-grant-of.ts';
import { remembered } from '../../../src/keeper/identity/identify.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import type { SignIn } from '../../../src/core/sign-in.ts';
import { signedBy } from './fakes.ts';
import { memberHere, openBatchWorld, own, posted, sample, takenUp, withdrawn, type BatchWorld } from './batch-world.ts';
import { alice, began, bob, codeOf, configOf, events, host, lineOf, openWorld, post } from './world.ts';

let at: BatchWorld;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  at = openBatchWorld();
});
afterEach(() => {
  at.world.close();
  jest.useRealTimers();
});

const visitor = { login: 'alice', fingerprint: 'SHA256:x' } as Visitor;
const rememberedHere = async (): ReturnType<typeof remembered> =>
  remembered(at.world.deps as unknown as Parameters<typeof remembered>[0], visitor);

describe('a request of a batch that is approved', () => {
  async function approved(change: Partial<Batch> = {}): Promise<void> {
    await posted(at, change);
    await takenUp(at);
    const member = await memberHere(at);
    await post(at.world, member, bob, { host: 'peer-box' });
    expect(await settle(at.world.deps, own)).toBe('approved');
  }

  test('counts as the sign-in of its person while the access lasts, with its record and the pin', async () => {
    await approved();
    expect(await rememberedHere()).toMatchObject({ login: 'alice', from: 'peer-box', until: began + 20 * minute });
    expect(events(at.world)).toEqual(['requested', 'pinned', 'sign-in-taken-over', 'granted']);
    expect(lineOf(at.world, 'granted')).toMatchObject({ batch: 'B00000', request: own });
  });

  test('never for longer than the sign-in there, or than this host remembers one', async () => {
    await approved({ proof: { ...sample.proof, until: began + 2 * minute } });
    expect(await rememberedHere()).toMatchObject({ until: began + 2 * minute });
    at.world.close();
    at = openBatchWorld(
      openWorld({
        config: configOf({}, { signIn: { lifetimeMs: 3 * minute, recheckMs: minute, flow: 'device' } }),
      }),
    );
    await approved();
    expect(await rememberedHere()).toMatchObject({ until: began + 2 * minute }); // it began a minute ago
  });

  test('opens nothing but the access of its batch', async () => {
    await approved();
    const who = await rememberedHere();
    if (who === undefined) throw new Error('no sign-in');
    const enter = async (as: SignIn): Promise<unknown> =>
      (await liveGrant(at.world.deps, as, 'prod-db', 'type'))?.grant;
    expect(await enter(who)).toMatchObject({ batch: 'B00000' });
    expect(await enter({ ...who, batch: 'B11111' })).toBeUndefined();
    const { from, batch, ...own } = who;
    expect([from, batch, await enter(own)]).toEqual(['peer-box', 'B00000', expect.anything()]);
  });

  test('replaces the sign-in of another batch, and never one of the person here', async () => {
    const key = { host, login: 'alice', fingerprint: 'SHA256:x' };
    const other = { ...alice, ...key, groups: [], issuedAt: began, at: began, until: began + minute };
    const remember = async (more: object): Promise<void> =>
      at.world.store.rememberSignIn(key, signedBy(host, 'sign-in', { ...other, ...more }), began + minute);
    await remember({ from: 'peer-box', batch: 'B11111' });
    await approved();
    expect(await rememberedHere()).toMatchObject({ batch: 'B00000' });
    at.world.close();
    at = openBatchWorld();
    await remember({});
    await at.world.deps.pins.set('alice', alice);
    await approved();
    expect(await rememberedHere()).toMatchObject({ until: began + minute });
  });

  test('rule 3: is as old as it can be, whatever the clock of the other host says', async () => {
    await approved({ proof: { ...sample.proof, at: began + 60 * minute } });
    expect(await rememberedHere()).toMatchObject({ at: began });
  });

  test('rule 3: never when the sign-ins of the login were barred since', async () => {
    await at.world.tombstones.bar('alice', began + 60 * minute);
    jest.setSystemTime(began + second);
    await approved();
    expect(await rememberedHere()).toBeUndefined();
  });

  test('never before it is approved', async () => {
    await posted(at);
    await takenUp(at);
    expect(await settle(at.world.deps, own)).toBe('pending');
    expect(await rememberedHere()).toBeUndefined();
  });

  test('never without a key, to which a sign-in is bound', async () => {
    await approved({ fingerprint: '' });
    expect(at.world.store.signIns.size).toBe(0);
  });

  test('rule 4: a failure refuses nothing', async () => {
    await posted(at);
    await takenUp(at);
    const member = await memberHere(at);
    await post(at.world, member, bob, { host: 'peer-box' });
    at.world.store.findRound = async () => Promise.reject(new Error('gone'));
    expect(await settle(at.world.deps, own)).toBe('approved');
    expect(at.world.deps.log.said.some(({ event }) => event === 'sign-in-not-taken-over')).toBe(true);
  });
});

describe('a batch that is withdrawn', () => {
  test('withdraws the request of this host, once, and tells nobody of it by itself', async () => {
    await posted(at);
    await takenUp(at);
    await withdrawn(at);
    await withdrawMember(at.world.deps, 'B00000');
    await withdrawMember(at.world.deps, 'B00000');
    expect(events(at.world)).toEqual(['requested', 'withdrawn']);
    expect([at.world.store.requests.get(own)?.state, at.world.notices]).toEqual(['withdrawn', []]);
  });

  test('stays so where Redis hid the request meanwhile', async () => {
    await posted(at);
    await takenUp(at);
    const [hidden] = [at.world.store.requests.get(own)];
    at.world.store.requests.delete(own);
    await withdrawn(at);
    await withdrawMember(at.world.deps, 'B00000');
    if (hidden !== undefined) at.world.store.requests.set(own, hidden);
    await post(at.world, await memberHere(at), bob, { host: 'peer-box' });
    expect(await settle(at.world.deps, own)).not.toBe('approved');
    expect(events(at.world)).not.toContain('granted');
  });

  test('does nothing here without the signature of the host where it was asked for', async () => {
    await posted(at);
    await takenUp(at);
    await withdrawn(at, host);
    await withdrawMember(at.world.deps, 'B00000');
    expect(events(at.world)).toEqual(['requested']);
  });

  test('has its record first', async () => {
    const batch = await posted(at, { host });
    at.world.journal.full = true;
    expect(await codeOf(withdrawBatch(at.world.deps, batch))).toBe('JOURNAL_DOWN');
    expect(at.world.store.shownBatches.get('B00000')?.withdrawal).toBeUndefined();
  });
});
