// Follows what came of the batches that were asked for here (asked-here.ts), by the grants that their hosts signed.
//
// 1. Of a person for whom the provider no longer vouches, what waits is withdrawn, and what was granted, also later, is revoked on its own host,
//    which confirms (law 5). So is what was granted after its person took it back. Attack: whoever can write to Redis hides the withdrawal.
// 2. Its end is told to receivers of notices, also where nobody waits for it any more: the line was lost, or the keeper started anew.
// 3. It is looked at again and again, since an event can be lost, Redis can be away, and a host can be late.
import { setTimeout as delay } from 'node:timers/promises';
import type { Journal } from '../../adapters/journal/journal.ts';
import { isSamePerson, type SamePerson } from '../../core/identity.ts';
import { providerWithdrew, toOthers } from '../../core/messages/attached.ts';
import { takenBack } from '../../core/messages/batch.ts';
import type { Grant } from '../../core/grant.ts';
import { second } from '../../core/time.ts';
import { allGrants } from '../grants/all-grants.ts';
import { revokeThere, type RevokeDeps } from '../grants/revoke.ts';
import type { AskedHere, AskedNote } from './asked-here.ts';
import { hostStates } from './host-states.ts';
import { readBatch, type ReadBatchDeps } from './read-batch.ts';
import { isReviewed, tellEndOfBatch, type TellBatchDeps } from './tell-batch.ts';
import { sayWithdrawn, type SayWithdrawnDeps } from './withdraw-batch.ts';

export interface FollowAskedDeps extends RevokeDeps, ReadBatchDeps, SayWithdrawnDeps, TellBatchDeps {
  readonly askedHere: AskedHere;
  readonly journal: Journal;
}

const everyMs = 15 * second;

/** Looks at once and then every few seconds, until the signal aborts (rule 3). Never rejects. */
export async function followAsked(deps: FollowAskedDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const grants = await endAskedOver(deps);
    if (grants !== undefined) await tellEnds(deps, grants, signal);
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** One look at what must end (rule 1). @returns the grants that came of batches; undefined when it could not be looked. Never rejects. */
export async function endAskedOver(deps: FollowAskedDeps): Promise<readonly Grant[] | undefined> {
  const notes = deps.askedHere.all();
  if (notes.length === 0) return [];
  try {
    const grants = grantsOf(notes, await allGrants(deps));
    deps.askedHere.live(new Set(grants.map(({ batch = '' }) => batch)));
    await Promise.all([...endOver(deps, notes, grants), ...repeatWithdrawals(deps, notes)]);
    return grants;
  } catch (error) {
    deps.log.warn('asked-here-not-looked-at', { error });
    return undefined;
  }
}

/** Rule 2, one after another: each end is a write of the whole file. Never rejects. */
async function tellEnds(deps: FollowAskedDeps, grants: readonly Grant[], signal: AbortSignal): Promise<void> {
  for (const note of deps.askedHere.all()) {
    if (signal.aborted) return;
    await tellEnd(deps, note, grants).catch((error: unknown) => deps.log.warn('asked-here-not-looked-at', { error }));
  }
}

function grantsOf(notes: readonly AskedNote[], grants: readonly Grant[]): readonly Grant[] {
  const by = new Map(notes.map((note) => [note.batch, note]));
  return grants.filter(({ batch = '', who }) => {
    const note = by.get(batch);
    return note !== undefined && isSamePerson(note.who, who);
  });
}

/** Rule 1. */
function endOver(
  deps: FollowAskedDeps,
  notes: readonly AskedNote[],
  grants: readonly Grant[],
): readonly Promise<unknown>[] {
  const by = new Map(notes.map((note) => [note.batch, note]));
  return grants.flatMap((grant) => {
    const reason = whyOver(by.get(grant.batch ?? ''), grant);
    // Of somebody who is gone this host ends its own grants by itself (identity/rechecks.ts).
    if (reason === undefined || grant.host === deps.host) return [];
    const ended = revokeThere(deps, grant, { by: deps.host, reason });
    return [ended.catch((error: unknown) => deps.log.error('batch-not-ended', { error }))];
  });
}

function whyOver(note: AskedNote | undefined, { start }: Grant): string | undefined {
  if (note?.gone === true) return providerWithdrew;
  return note?.withdrawn !== undefined && start > note.withdrawn ? takenBack : undefined;
}

/** What is withdrawn here is so for every host, whoever deletes it from Redis. */
function repeatWithdrawals(deps: FollowAskedDeps, notes: readonly AskedNote[]): readonly Promise<unknown>[] {
  const waiting = notes.filter(({ answerBy }) => deps.now() < answerBy);
  const over = waiting.filter(({ withdrawn, gone }) => withdrawn !== undefined || gone === true);
  return over.map(async ({ batch }) => {
    const read = await readBatch(deps, batch);
    if (read !== undefined && !read.isWithdrawn) await sayWithdrawn(deps, batch);
  });
}

/** Rule 2. The store forgets a batch when its time is over, so it is read shortly before that. */
async function tellEnd(deps: FollowAskedDeps, note: AskedNote, grants: readonly Grant[]): Promise<void> {
  const { batch, answerBy, withdrawn, gone, announced } = note;
  if (announced === undefined || announced.over === true) return;
  if (withdrawn !== undefined || gone === true) return tellEndOfBatch(deps, batch, 'withdrawn');
  const granted = grants.some((grant) => grant.batch === batch);
  if (deps.now() >= answerBy) return tellEndOfBatch(deps, batch, granted ? 'reviewed' : 'unanswered');
  if (deps.now() < answerBy - 2 * everyMs || announced.reviewed === true) return;
  const read = await readBatch(deps, batch);
  if (read !== undefined && isReviewed(await hostStates(deps, read))) await deps.askedHere.noteReviewed(batch);
}

/** The provider no longer vouches for a person (rule 1). On disk when it resolves. @throws an error of the file system */
export async function endAsked(deps: FollowAskedDeps, who: SamePerson): Promise<void> {
  const theirs = deps.askedHere.all().filter((note) => isSamePerson(note.who, who) && note.gone !== true);
  if (theirs.length === 0) return;
  await Promise.all(theirs.map(async (note) => recordWithdrawn(deps, note)));
  await deps.askedHere.mark(
    theirs.map(({ batch }) => batch),
    'gone',
  );
  void endAskedOver(deps);
}

/** Before it is so (law 7). Without room for the record it is withdrawn all the same (law 5). */
async function recordWithdrawn(deps: FollowAskedDeps, note: AskedNote): Promise<void> {
  const { batch, who, answerBy, withdrawn, announced } = note;
  if (withdrawn !== undefined || announced?.over === true || deps.now() >= answerBy) return;
  const record = { batch, login: who.login, why: toOthers(providerWithdrew) };
  await deps.journal.write('batch-withdrawn', record).catch((error: unknown) => {
    deps.log.error('batch-withdrawn-unwritten', { batch, error });
  });
}
