// What a host revoked on another, and the store lost with a primary that failed over (src/keeper/grants/revoke.ts, rule 4; threat H9).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minute } from '../../../src/core/time.ts';
import type { Grant } from '../../../src/core/grant.ts';
import { addTombstoneAgain, revokeAgain, revokeThere, type RevokeDeps } from '../../../src/keeper/grants/revoke.ts';
import { openTombstones } from '../../../src/keeper/state/tombstones.ts';
import { signedBy } from './fakes.ts';
import { began, granted, openWorld, type World } from './world.ts';

let world: World;
let folder: string;
let proofs: string[];
const by = { by: 'bob', reason: 'enough' };

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-revoke-again-'));
  proofs = [];
  const { store } = world;
  world.deps.store = {
    ...store,
    revoke: async (entry, proof) => {
      proofs.push(proof ?? '');
      return store.revoke(entry, proof);
    },
  };
});
afterEach(() => {
  world.close();
  rmSync(folder, { recursive: true });
  jest.useRealTimers();
});

/** A keeper that starts: nothing is left of the one before but its files, and the store. */
const started = async (): Promise<RevokeDeps> => ({
  ...world.deps,
  tombstones: await openTombstones(join(folder, 'tombstones.json'), world.deps.now),
});

const elsewhere = async (id: string, end = began + 20 * minute): Promise<Grant> =>
  granted(world, { id, host: 'peer-box', end });

/** Revokes it, which takes it out of the store. */
async function revoked(deps: RevokeDeps, grant: Grant): Promise<void> {
  const answer = revokeThere(deps, grant, by);
  while (world.store.grants.size > 0) await new Promise(setImmediate);
  deps.peerConfirmations.give(grant.host, grant.id);
  await answer;
}

/** The store as the new primary has it: without the revocation of these. */
async function putBack(grants: readonly Grant[]): Promise<void> {
  for (const { id, end } of grants) await elsewhere(id, end);
  proofs.length = 0;
}

const left = (): readonly string[] => [...world.store.grants.keys()].map((key) => key.split(':').at(-1) ?? '');

describe('a revocation that the store lost', () => {
  test('is said again, signed, by a keeper that has started since, until the store has it', async () => {
    const grant = await elsewhere('G1');
    await revoked(await started(), grant);
    await putBack([grant]);
    const deps = await started();
    await revokeAgain(deps);
    await revokeAgain(deps);
    expect(left()).toEqual([]);
    const key = { host: 'peer-box', session: 'prod-db', login: 'alice', grantId: 'G1' };
    expect(proofs).toEqual([signedBy('prod-box', 'revocation', { ...key, end: grant.end })]);
  });

  test('is said again whichever of 501 it is', async () => {
    const deps = await started();
    const all: Grant[] = [];
    while (all.length < 501) {
      const grant = await elsewhere(`G${all.length}`);
      await revoked(deps, grant);
      all.push(grant);
    }
    await putBack(all);
    await elsewhere('H1');
    await revokeAgain(deps);
    expect(left()).toEqual(['H1']);
  });

  test('is not asked about once its time is over, nor is one of this host', async () => {
    const steps: string[] = [];
    world = openWorld({ pause: async (step) => Promise.resolve(void steps.push(step)) });
    const deps = await started();
    await deps.tombstones.add('G1', began + minute);
    await deps.tombstones.add('G2', began, { host: 'peer-box', session: 'prod-db', login: 'alice' });
    steps.length = 0;
    await revokeAgain(deps);
    expect(steps).toEqual([]);
  });

  test('is known to a keeper that takes it up where the one before died', async () => {
    const end = began + 20 * minute;
    const is = { grant: 'G1' };
    const facts = { ...is, on: 'peer-box', session: 'prod-db', login: 'alice', ...by };
    await world.deps.outbox.intend({ event: 'revoked', is, facts, redo: String(end) });
    const deps = await started();
    for (const entry of world.deps.outbox.all()) await addTombstoneAgain(deps, entry);
    const known = (await started()).tombstones.elsewhere();
    expect(known).toEqual([{ host: 'peer-box', session: 'prod-db', login: 'alice', grantId: 'G1', end }]);
  });
});

test('tombstones that an earlier version wrote are read', async () => {
  writeFileSync(join(folder, 'tombstones.json'), JSON.stringify([{ id: 'G1', until: began + minute }]));
  const { tombstones } = await started();
  expect([tombstones.has('G1'), tombstones.elsewhere()]).toEqual([true, []]);
});
