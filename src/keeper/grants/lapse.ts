// Whether a person may still have what reviewers approve (docs/design.md, "Requests and reviews": policy is judged again at the approval).
//
// 1. The policy of now decides, with the person's groups as the provider names them now, if it answers. Attack: a person who was taken out
//    of the group while their request waited still gets access.
// 2. A login that is locked gets nothing.
// 3. An extension lapses with the grant that it was to extend, and both requester and approvers are told. Accident: access that has ended
//    goes on.
import type { StoredRequest } from '../../adapters/redis/replies.ts';
import { fits } from '../../config/pattern.ts';
import type { Grant } from '../../core/grant.ts';
import { decide as judge } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import type { Person, RequestFacts } from '../../core/request.ts';
import { readRequest, type ReadRequestDeps } from './read-request.ts';
import { tellEnd, type TellRequestEndDeps } from './tell-request-end.ts';
import { moreFor, prolonged, type ExtensionWindowDeps } from './extension-window.ts';
import { isInStore, type GrantChecksDeps } from './grant-checks.ts';
import { requestTombstoneId } from './tombstone-id.ts';
import type { Lock } from '../../core/lock.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Log } from '../../adapters/log.ts';
import type { PendingAnswers } from './pending-answers.ts';

export interface LapseDeps extends ExtensionWindowDeps, GrantChecksDeps, TellRequestEndDeps, ReadRequestDeps {
  readonly locks: { of(login: string): Lock | undefined };
  readonly rechecks: { groupsOf(who: Person, oldest?: number): Promise<readonly string[] | 'gone' | undefined> };
  readonly journal: Journal;
  readonly tombstones: Tombstones;
  readonly log: Log;
  readonly pendingAnswers: PendingAnswers;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
}

/** Why this approval cannot be granted; undefined when it can. */
export async function lapseOf(
  deps: LapseDeps,
  facts: RequestFacts,
  policy: SessionPolicy,
): Promise<RefusalCode | undefined> {
  if (deps.locks.of(facts.who.login) !== undefined) return 'LOCKED';
  const groups = await deps.rechecks.groupsOf(facts.who, 0);
  if (groups === 'gone') return 'SIGN_IN_OVER';
  const { session, reason } = facts;
  const decision = judge(deps.config, { groups: groups ?? policy.who }, { session, reason }, fits);
  if (!decision.allow) return decision.code;
  return facts.extends === undefined ? undefined : lateness(deps, facts, policy);
}

/** Rule 3. An extension that would add no time is refused as well. */
async function lateness(deps: LapseDeps, facts: RequestFacts, policy: SessionPolicy): Promise<RefusalCode | undefined> {
  const live = prolonged(deps, facts);
  if (live === undefined || !(await isInStore(deps, live.grant))) return 'EXTENSION_LATE';
  return moreFor(deps, facts, policy, facts.durationMs) === 0 ? 'WINDOW_TOO_LONG' : undefined;
}

/**
 * Ends a request as lapsed: journal, tombstone, store, notice, and the answer for whoever waits. Call it in the turn of the request, unless
 * nobody has reviewed it.
 * @throws Refused JOURNAL_DOWN
 */
export async function lapse(deps: LapseDeps, facts: RequestFacts, code: RefusalCode): Promise<void> {
  const { id, who, session, answerBy } = facts;
  await deps.journal.write('lapsed', { request: id, login: who.login, session, code });
  await deps.tombstones.add(requestTombstoneId(id), answerBy);
  await deps.store.settle(id, 'lapsed', deps.config.request.answerWithinMs).catch((error: unknown) => {
    deps.log.warn('lapse-not-in-store', { request: id, error });
  });
  tellEnd(deps, facts, 'lapsed', code);
  deps.pendingAnswers.give(id, { state: 'lapsed', code });
}

/** Ends the requests that were to extend a grant that has ended (rule 3). */
export async function lapseExtensions(deps: LapseDeps, ended: Grant): Promise<void> {
  const entries = await deps.store.pending().catch(() => []);
  await lapseThose(deps, entries, async ({ extends: more }) => Promise.resolve(more?.grant === ended.id));
}

/** The same for a keeper that starts: requests to extend grants that ended while no keeper ran. */
export async function lapseLate(deps: LapseDeps): Promise<void> {
  await lapseThose(deps, await deps.store.pending(), async (facts) => {
    if (facts.extends === undefined || prolonged(deps, facts) !== undefined) return false;
    return !(await isInStore(deps, { ...facts, id: facts.extends.grant }));
  });
}

async function lapseThose(
  deps: LapseDeps,
  entries: readonly StoredRequest[],
  isLate: (facts: RequestFacts) => Promise<boolean>,
): Promise<void> {
  for (const entry of entries) {
    const facts = (await readRequest(deps, entry))?.facts;
    if (facts?.host !== deps.host || !(await isLate(facts))) continue;
    await deps.oneByOne(`request ${facts.id}`, async () => {
      if (!deps.tombstones.has(requestTombstoneId(facts.id))) await lapse(deps, facts, 'EXTENSION_LATE');
    });
  }
}
