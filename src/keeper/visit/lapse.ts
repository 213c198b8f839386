// Whether somebody may still have what reviewers approve (design section 5: policy is judged again at the approval).
//
// 1. By the policy as it is now, and by their groups as the provider names them now, where it does. Attack: a person who was taken out
//    of the group while their request waited.
// 2. Not while their login is locked.
// 3. An extension lapses with the grant that it was to prolong, and both sides are told: nothing that has ended goes on.
import type { BoardEntry } from '../../adapters/redis/board.ts';
import { fitsInTime } from '../../adapters/pattern.ts';
import type { Grant } from '../../core/grant.ts';
import { decide as judge } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { House } from '../house.ts';
import { readRequest } from '../read-request.ts';
import { tellEnd } from '../request-ends.ts';
import { moreFor, prolonged } from './prolong.ts';
import { isOnBoard, stoneOf } from './grant.ts';

/** Why an approval comes to nothing; undefined when the person may have it. */
export async function lapseOf(
  house: House,
  facts: RequestFacts,
  policy: SessionPolicy,
): Promise<RefusalCode | undefined> {
  if (house.locks.of(facts.who.login) !== undefined) return 'LOCKED';
  const groups = await house.rechecks.groupsOf(facts.who, 0);
  if (groups === 'gone') return 'SIGN_IN_OVER';
  const { session, reason } = facts;
  const decision = judge(house.config, { groups: groups ?? policy.who }, { session, reason }, fitsInTime);
  if (!decision.allow) return decision.code;
  return facts.extends === undefined ? undefined : lateness(house, facts, policy);
}

/** Rule 3; and a window that is as long as it may be is not prolonged by nothing. */
async function lateness(house: House, facts: RequestFacts, policy: SessionPolicy): Promise<RefusalCode | undefined> {
  const live = prolonged(house, facts);
  if (live === undefined || !(await isOnBoard(house, live.grant))) return 'EXTENSION_LATE';
  return moreFor(house, facts, policy, facts.durationMs) === 0 ? 'WINDOW_TOO_LONG' : undefined;
}

/** In the turn of the request, or for one that nobody has answered. */
export async function lapse(house: House, facts: RequestFacts, code: RefusalCode): Promise<void> {
  const { id, who, session, answerBy } = facts;
  await house.journal.write('lapsed', { request: id, login: who.login, session, code });
  await house.tombstones.bury(stoneOf(id), answerBy);
  await house.board.settle(id, 'lapsed', house.config.request.answerWithinMs).catch((error: unknown) => {
    house.log.warn('lapse-not-on-board', { request: id, error });
  });
  tellEnd(house, facts, 'lapsed', code);
  house.answers.give(id, { state: 'lapsed', code });
}

/** When a grant has ended: whoever waits for more of it waits no longer. */
export async function lapseExtensions(house: House, ended: Grant): Promise<void> {
  const entries = await house.board.pending().catch(() => []);
  await lapseThose(house, entries, async ({ extends: more }) => Promise.resolve(more?.grant === ended.id));
}

/** The same for a keeper that starts: of grants that ended while none ran. */
export async function lapseLate(house: House): Promise<void> {
  await lapseThose(house, await house.board.pending(), async (facts) => {
    if (facts.extends === undefined || prolonged(house, facts) !== undefined) return false;
    return !(await isOnBoard(house, { ...facts, id: facts.extends.grant }));
  });
}

async function lapseThose(
  house: House,
  entries: readonly BoardEntry[],
  isLate: (facts: RequestFacts) => Promise<boolean>,
): Promise<void> {
  for (const entry of entries) {
    const facts = (await readRequest(house, entry))?.facts;
    if (facts?.host !== house.host || !(await isLate(facts))) continue;
    await house.oneByOne(`request ${facts.id}`, async () => {
      if (!house.tombstones.has(stoneOf(facts.id))) await lapse(house, facts, 'EXTENSION_LATE');
    });
  }
}
