// Who asked for other hosts here, and what ends when the provider no longer vouches for them (src/keeper/batches: asked-here, end-asked).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '../../../src/core/batch.ts';
import type { Grant } from '../../../src/core/grant.ts';
import { minute } from '../../../src/core/time.ts';
import { openAskedHere } from '../../../src/keeper/batches/asked-here.ts';
import { endAsked, noteGranted, noteGrantedMeanwhile } from '../../../src/keeper/batches/end-asked.ts';
import { memberId } from '../../../src/keeper/batches/member-id.ts';
import { signedBy } from './fakes.ts';
import { alice, began, bob, host, lineOf, openWorld, type World } from './world.ts';

let folder: string;
let world: World;
const batch: Batch = {
  ...{ id: 'B00000', host, session: 'prod-db', hosts: ['peer-box'], who: alice, groups: [], address: '' },
  ...{ fingerprint: '', reason: 'INC-1', requestedAt: began, answerBy: began + 30 * minute },
  proof: { at: began, until: began, issuedAt: began },
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

describe('rule 1: who asked here', () => {
  test('is known until the last access that came of it ends, also to the next keeper', async () => {
    const path = join(folder, 'asked-here.json');
    const asked = await openAskedHere(path, () => Date.now());
    await asked.add(batch);
    expect([asked.has(member), asked.has('K7QF00'), asked.of(alice), asked.of(bob)]).toEqual([
      ...[true, false],
      ...[[{ batch: 'B00000', login: 'alice' }], []],
    ]);
    await asked.granted(member, began + 60 * minute);
    await asked.granted(member, began + 40 * minute);
    jest.setSystemTime(began + 59 * minute);
    const next = await openAskedHere(path, () => Date.now());
    expect(next.ids()).toEqual(['B00000']);
    jest.setSystemTime(began + 60 * minute);
    expect([next.ids(), next.of(alice), next.has(member)]).toEqual([[], [], false]);
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

const event = (id: string): Parameters<typeof noteGranted>[1] => ({
  ...{ id: '1-1', type: 'granted' },
  fields: { id, host: 'peer-box', session: 'prod-db', login: 'alice', grant: 'G9' },
});

describe('what came of it', () => {
  test('is noted by the grant that its host signed, not by the event', async () => {
    await world.deps.askedHere.add(batch);
    await noteGranted(world.deps, event(member));
    const forged = grantedThere();
    const [name = ''] = [...world.store.grants.keys()];
    const kept = world.store.grants.get(name);
    if (kept !== undefined) world.store.grants.set(name, { ...kept, jws: signedBy(host, 'grant', forged) });
    await noteGranted(world.deps, event(member));
    jest.setSystemTime(began + 31 * minute);
    expect(world.deps.askedHere.ids()).toEqual([]);
    jest.setSystemTime(began);
    grantedThere();
    await noteGranted(world.deps, event('K7QF00'));
    await noteGranted(world.deps, event(member));
    jest.setSystemTime(began + 31 * minute);
    expect(world.deps.askedHere.ids()).toEqual(['B00000']);
  });

  test('and by a keeper that was away meanwhile', async () => {
    await world.deps.askedHere.add(batch);
    await world.store.openRound('batch', { id: 'B00000', jws: signedBy(host, 'batch', batch), end: batch.answerBy });
    const facts = {
      ...{ id: member, host: 'peer-box', session: 'prod-db', account: 'dba', who: alice, address: '' },
      ...{ fingerprint: '', reason: 'INC-1', durationMs: minute, requestedAt: began, answerBy: batch.answerBy },
      batch: { id: 'B00000', host },
    };
    await world.store.post({ id: member, jws: signedBy('peer-box', 'request', facts), answerBy: batch.answerBy });
    const says = { batch: 'B00000', host: 'peer-box', request: member };
    await world.store.answerRound('batch', 'B00000', {
      from: 'peer-box',
      jws: signedBy('peer-box', 'batch-answer', says),
    });
    await noteGrantedMeanwhile(world.deps);
    grantedThere();
    const kept = world.store.requests.get(member);
    if (kept !== undefined) kept.state = 'approved';
    await noteGrantedMeanwhile(world.deps);
    jest.setSystemTime(began + 31 * minute);
    expect(world.deps.askedHere.ids()).toEqual(['B00000']);
  });

  test('ends on its host when the provider no longer vouches for the person', async () => {
    await world.deps.askedHere.add(batch);
    grantedThere();
    grantedThere({ id: 'G8', batch: 'B11111' });
    grantedThere({ id: 'G7', who: bob });
    grantedThere({ id: 'G6', host });
    const over = endAsked(world.deps, alice);
    for (let left = 50; left > 0; left--) await new Promise(setImmediate);
    jest.advanceTimersByTime(minute);
    await over;
    expect([...world.store.grants.values()].map(({ grantId }) => grantId)).toEqual(['G8', 'G7', 'G6']);
    expect(lineOf(world, 'revoked')).toMatchObject({ grant: 'G9', on: 'peer-box', by: host });
  });

  test('is left alone for somebody else, and a store that is away is no reason to fail', async () => {
    await world.deps.askedHere.add(batch);
    grantedThere();
    await endAsked(world.deps, bob);
    expect(world.store.grants.size).toBe(1);
    world.store.down = true;
    await endAsked(world.deps, alice);
    expect(world.deps.log.said.map(({ event }) => event)).toEqual(['batch-not-ended']);
  });
});
