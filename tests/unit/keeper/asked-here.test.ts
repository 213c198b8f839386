// Who asked for other hosts here, and what ends when the provider no longer vouches for them (src/keeper/batches: asked-here, follow-asked).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '../../../src/core/batch.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { RequestState } from '../../../src/adapters/redis/replies.ts';
import type { RequestFacts } from '../../../src/core/request.ts';
import { minute, second } from '../../../src/core/time.ts';
import { openAskedHere } from '../../../src/keeper/batches/asked-here.ts';
import { endAsked, endAskedOver, followAsked } from '../../../src/keeper/batches/follow-asked.ts';
import { memberId } from '../../../src/keeper/batches/member-id.ts';
import { tellEndOfBatch } from '../../../src/keeper/batches/tell-batch.ts';
import { withdrawBatch } from '../../../src/keeper/batches/withdraw-batch.ts';
import { takenBack } from '../../../src/core/messages/batch.ts';
import { signedBy } from './fakes.ts';
import { alice, began, bob, events, host, lineOf, openWorld, type World } from './world.ts';

let folder: string;
let world: World;
const batch: Batch = {
  ...{ id: 'B00000', host, session: 'prod-db', hosts: ['peer-box'], who: alice, groups: [], address: '' },
  ...{ fingerprint: '', reason: 'INC-1', requestedAt: began, answerBy: began + 30 * minute },
  proof: { at: began, until: began, issuedAt: began, loginClaim: 'email', groupsClaim: 'groups' },
};
const member = memberId('B00000', 'peer-box');

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  folder = mkdtempSync(join(tmpdir(), 'asked-'));
  world = openWorld();
});
afterEach(() => {
  world.close();
  rmSync(folder, { recursive: true, force: true });
  jest.useRealTimers();
});

describe('who asked here', () => {
  const path = (): string => join(folder, 'asked-here.json');
  const open = async (): ReturnType<typeof openAskedHere> => openAskedHere(path(), () => Date.now());

  test('rule 1: counts while it waits, and while it has live grants; the note stays longer than any access', async () => {
    const asked = await open();
    expect(await asked.add(batch)).toBe(true);
    expect([asked.of(alice), asked.of(bob)]).toEqual([[{ batch: 'B00000', login: 'alice' }], []]);
    jest.setSystemTime(batch.answerBy);
    expect(asked.of(alice)).toEqual([]);
    asked.live(new Set(['B00000']));
    expect(asked.of(alice)).toHaveLength(1);
    jest.setSystemTime(batch.answerBy + 24 * 60 * minute - 1);
    expect((await open()).all()).toHaveLength(1);
    jest.setSystemTime(batch.answerBy + 24 * 60 * minute);
    expect((await open()).all()).toEqual([]);
  });

  test('rule 2: what is decided about it is known to the next keeper', async () => {
    const asked = await open();
    await asked.add(batch);
    await asked.add({ ...batch, id: 'B11111' });
    await asked.mark(['B00000'], 'gone');
    await asked.mark(['B11111'], 'withdrawn');
    const next = await open();
    expect(next.all()).toMatchObject([{ batch: 'B00000', gone: true }, { withdrawn: began }]);
    expect(next.of(alice)).toEqual([{ batch: 'B11111', login: 'alice' }]);
  });

  test('rule 3: that its end is to be told is known to the next keeper, and whoever sees it first tells it', async () => {
    const asked = await open();
    await asked.add(batch);
    const ends: unknown[] = [];
    const close = async (by: typeof asked): Promise<void> =>
      by.closeNotice('B00000', (note, what) => void ends.push([note.batch, what]));
    await close(asked);
    expect(ends).toEqual([]);
    await asked.announce('B00000', { session: 'prod-db', hosts: 'peer-box' });
    const next = await open();
    await Promise.all([close(next), close(next)]);
    await close(await open());
    expect(ends).toEqual([['B00000', { session: 'prod-db', hosts: 'peer-box' }]]);
  });

  test('rule 4: a host that has no room for another note takes none', async () => {
    const asked = await open();
    for (let n = 0; n < 3; n++) await asked.add({ ...batch, id: `B${n}` });
    const full = JSON.parse(readFileSync(path(), 'utf8')) as object[];
    writeFileSync(path(), JSON.stringify(Array.from({ length: 4_000 }, () => full[0])), { mode: 0o600 });
    const next = await open();
    expect([await next.add(batch), next.all().length]).toEqual([false, 4_000]);
  });
});

/** What peer-box granted, as it stands in the store. */
function grantedThere(change: Partial<Grant> = {}): Grant {
  const grant: Grant = {
    ...{ id: 'G9', request: member, digest: 'a'.repeat(64), host: 'peer-box', session: 'prod-db', who: alice },
    ...{ reason: 'INC-1', approvers: [bob], start: began, end: began + 50 * minute, batch: 'B00000' },
    ...change,
  };
  const key = { host: grant.host, session: grant.session, login: grant.who.login, grantId: grant.id };
  const jws = signedBy(grant.host, 'grant', grant);
  world.store.grants.set(Object.values(key).join(':'), { ...key, jws, end: grant.end });
  return grant;
}

describe('what came of it', () => {
  const waits = async (): Promise<void> => {
    await world.deps.askedHere.add(batch);
    const jws = signedBy(host, 'batch', batch);
    await world.store.openRound('batch', { id: 'B00000', jws, end: batch.answerBy });
  };
  const look = async (): Promise<void> => {
    const over = endAskedOver(world.deps);
    for (let left = 50; left > 0; left--) await new Promise(setImmediate);
    jest.advanceTimersByTime(10 * second);
    await over;
  };
  const left = (): readonly string[] => [...world.store.grants.values()].map(({ grantId }) => grantId);

  test('is known by the grants that hosts signed, of that person alone', async () => {
    await waits();
    grantedThere({ who: bob });
    const forged = grantedThere({ id: 'G5' });
    const [name = ''] = [...world.store.grants.keys()].slice(-1);
    const kept = world.store.grants.get(name);
    if (kept !== undefined) world.store.grants.set(name, { ...kept, jws: signedBy(host, 'grant', forged) });
    await look();
    jest.setSystemTime(batch.answerBy);
    expect(world.deps.askedHere.of(alice)).toEqual([]);
    grantedThere({ id: 'G6', end: batch.answerBy + minute });
    await look();
    expect(world.deps.askedHere.of(alice)).toHaveLength(1);
  });

  test('rule 1: ends on its host when the provider no longer vouches for the person, and what waits is withdrawn', async () => {
    await waits();
    grantedThere();
    grantedThere({ id: 'G8', batch: 'B11111' });
    grantedThere({ id: 'G7', who: bob });
    await endAsked(world.deps, alice);
    expect(world.deps.askedHere.of(alice)).toEqual([]);
    await look();
    expect(left()).toEqual(['G8', 'G7']);
    expect(lineOf(world, 'revoked')).toMatchObject({ grant: 'G9', on: 'peer-box', by: host });
    expect(world.store.shownBatches.get('B00000')?.withdrawal).toBeDefined();
    const why = 'the identity provider no longer vouches for them';
    expect(lineOf(world, 'batch-withdrawn')).toMatchObject({ batch: 'B00000', login: 'alice', why });
  });

  test('rule 1: a full journal does not keep what waits from being withdrawn; what is over is not', async () => {
    await waits();
    world.journal.full = true;
    await endAsked(world.deps, alice);
    await look();
    expect(world.store.shownBatches.get('B00000')?.withdrawal).toBeDefined();
    world.journal.full = false;
    jest.setSystemTime(batch.answerBy);
    await world.deps.askedHere.add({ ...batch, id: 'B22222', who: bob });
    await endAsked(world.deps, bob);
    expect(events(world)).not.toContain('batch-withdrawn');
  });

  test('rule 1: what is granted to them later ends as well', async () => {
    await waits();
    await endAsked(world.deps, alice);
    await look();
    grantedThere();
    await look();
    expect(left()).toEqual([]);
  });

  test('rule 1: what is granted after its person took it back ends as well, and not what was granted before', async () => {
    await waits();
    grantedThere({ id: 'G7' });
    await withdrawBatch(world.deps, batch);
    grantedThere({ start: began + 1 });
    await look();
    expect(left()).toEqual(['G7']);
    expect(lineOf(world, 'revoked')).toMatchObject({ grant: 'G9', reason: takenBack });
  });

  test('rule 2: a store that is away is asked again', async () => {
    await waits();
    grantedThere();
    world.store.down = true;
    await endAsked(world.deps, alice);
    await look();
    world.store.down = false;
    await look();
    expect(left()).toEqual([]);
  });

  test('rule 2: a withdrawal that somebody deletes is said again', async () => {
    await waits();
    await withdrawBatch(world.deps, batch);
    const round = world.store.shownBatches.get('B00000');
    if (round === undefined) throw new Error('no batch');
    const { withdrawal, ...rest } = round;
    expect(withdrawal).toBeDefined();
    world.store.shownBatches.set('B00000', rest);
    await look();
    expect(world.store.shownBatches.get('B00000')?.withdrawal).toBeDefined();
  });

  test('of somebody else is left alone', async () => {
    await waits();
    grantedThere();
    await endAsked(world.deps, bob);
    await look();
    expect([left(), world.store.shownBatches.get('B00000')?.withdrawal]).toEqual([['G9'], undefined]);
  });

  test('is looked at again and again until the keeper stops', async () => {
    const stop = new AbortController();
    const over = followAsked(world.deps, stop.signal);
    await waits();
    await endAsked(world.deps, alice);
    stop.abort();
    await over;
    expect(world.deps.askedHere.all()).toMatchObject([{ gone: true }]);
  });

  describe('is told to receivers of notices', () => {
    const told = async (): Promise<void> => {
      await waits();
      await world.deps.askedHere.announce('B00000', { session: 'prod-db', hosts: 'peer-box' });
    };
    const notices = (): unknown[] => world.notices.map(({ event }) => event);
    const has = (state: RequestState): void => {
      const facts: RequestFacts = {
        ...{ id: member, host: 'peer-box', session: 'prod-db', account: 'dba', who: alice },
        ...{ address: '', fingerprint: '', reason: 'INC-1', durationMs: minute, requestedAt: began },
        ...{ answerBy: batch.answerBy, batch: { id: 'B00000', host } },
      };
      const jws = signedBy('peer-box', 'request', facts);
      world.store.requests.set(member, { jws, state, until: batch.answerBy + minute, reviews: new Map() });
    };

    const lookAt = async (now: number): Promise<void> => {
      jest.setSystemTime(now);
      const stop = new AbortController();
      const over = followAsked(world.deps, stop.signal);
      for (let left = 50; left > 0; left--) await new Promise(setImmediate);
      stop.abort();
      await over;
    };

    test('once, when its time is over and nobody reviewed it', async () => {
      await told();
      has('pending');
      await lookAt(batch.answerBy - 1);
      expect(notices()).toEqual([]);
      await lookAt(batch.answerBy);
      await lookAt(batch.answerBy + 1);
      expect(world.notices).toEqual([
        { event: 'unanswered', request: 'B00000', host: 'peer-box', session: 'prod-db', login: 'alice' },
      ]);
    });

    test('when its person is gone, as withdrawn; what the command that waits sees comes after that', async () => {
      await told();
      await endAsked(world.deps, alice);
      await tellEndOfBatch(world.deps, 'B00000', 'unanswered');
      await lookAt(began);
      expect(notices()).toEqual(['withdrawn']);
    });

    test('not where it was denied: that is read shortly before the store forgets it', async () => {
      await told();
      has('denied');
      await lookAt(batch.answerBy - second);
      await lookAt(batch.answerBy);
      expect(notices()).toEqual([]);
    });

    test('not where it was approved, or where the command that waited saw a review', async () => {
      await told();
      grantedThere({ end: batch.answerBy + minute });
      await lookAt(batch.answerBy);
      await world.deps.askedHere.add({ ...batch, id: 'B11111' });
      await world.deps.askedHere.announce('B11111', { session: 'prod-db', hosts: 'peer-box' });
      await tellEndOfBatch(world.deps, 'B11111', 'reviewed');
      await world.deps.askedHere.noteReviewed('B11111');
      await lookAt(batch.answerBy);
      expect(notices()).toEqual([]);
    });
  });
});
