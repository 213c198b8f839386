// A batch at one of its hosts: the world of the tests of src/keeper/batches.
import type { TakeUpDeps } from '../../../src/keeper/batches/take-up.ts';
import type { Batch, BatchAnswer } from '../../../src/core/batch.ts';
import { minute } from '../../../src/core/time.ts';
import { openRecent } from '../../../src/keeper/concurrency/recent.ts';
import { memberId } from '../../../src/keeper/batches/member-id.ts';
import { membersOf, readBatch, type Member } from '../../../src/keeper/batches/read-batch.ts';
import { takeUp } from '../../../src/keeper/batches/take-up.ts';
import { signedBy } from './fakes.ts';
import { alice, began, host, openWorld, type World } from './world.ts';

/** What alice asks for at peer-box, for this host and that one. */
export const sample: Batch = {
  ...{ id: 'B00000', host: 'peer-box', session: 'prod-db', hosts: [host, 'peer-box'], who: alice },
  ...{ groups: ['engineers'], address: '10.0.0.7', fingerprint: 'SHA256:x', reason: 'INC-1 look' },
  ...{ durationMs: 20 * minute, requestedAt: began, answerBy: began + 30 * minute },
  proof: {
    ...{ at: began - minute, until: began + 60 * minute, issuedAt: began - minute },
    ...{ loginClaim: 'email', groupsClaim: 'groups' },
  },
};
/** The request that this host makes of it. */
export const own = memberId('B00000', host);

export interface BatchWorld {
  readonly world: World;
  accounts: ReadonlySet<string>;
  gated: 'yes' | 'no';
  /** The requests of which this host told approvers. */
  readonly announced: string[];
}

export const openBatchWorld = (world = openWorld()): BatchWorld => ({
  ...{ world, accounts: new Set(['alice', 'dba']), gated: 'yes', announced: [] },
});

export const depsOf = (at: BatchWorld): TakeUpDeps => ({
  ...at.world.deps,
  accounts: {
    byName: async (name: string) =>
      Promise.resolve(at.accounts.has(name) ? { name, uid: 5, gid: 5, home: '/', shell: '/bin/sh' } : undefined),
  } as unknown as TakeUpDeps['accounts'],
  sudoNames: async () => Promise.resolve(at.gated),
  links: { announce: ({ facts }) => void at.announced.push(facts.id) },
  tookUp: openRecent(100), // as after a start
});

/** Puts a batch into the store. @param by the host that signs it */
export async function posted({ world }: BatchWorld, change: Partial<Batch> = {}, by = 'peer-box'): Promise<Batch> {
  const batch = { ...sample, ...change };
  await world.store.openRound('batch', { id: batch.id, jws: signedBy(by, 'batch', batch), end: batch.answerBy });
  return batch;
}

/** Waits until nothing in memory has anything left to do. */
export async function settled(): Promise<void> {
  for (let left = 200; left > 0; left--) await new Promise(setImmediate);
}

/** Takes it up, and waits for what this host says. */
export async function takenUp(at: BatchWorld, id = 'B00000'): Promise<BatchAnswer | undefined> {
  takeUp(depsOf(at), id);
  await settled();
  return (await readBatch(at.world.deps, id))?.answers.get(host);
}

/** The request of this host. @throws Error when there is none */
export async function memberHere({ world: { deps } }: BatchWorld): Promise<Member> {
  const read = await readBatch(deps, 'B00000');
  const [member] = read === undefined ? [] : await membersOf(deps, read);
  if (member === undefined) throw new Error('no request');
  return member;
}

/** The host where it was asked for takes it back. @param by who signs that */
export async function withdrawn({ world }: BatchWorld, by = 'peer-box'): Promise<void> {
  const jws = signedBy(by, 'batch-withdrawal', { batch: 'B00000', at: began });
  await world.store.withdrawRound('batch', 'B00000', jws);
}
