// Judges a waiting request by another policy (judge-anew.ts, rule 6).
//
// 1. A request of a session that is gone, of a person whose groups may no longer ask for it, or with a reason that is no longer accepted, lapses; one
//    of a session that runs as something else ends as outdated (outdated.ts). Each end has its record first, in the turn of the request (law 7).
// 2. What is not known refuses nothing here: the person's groups are those that the provider said last, and it is asked when the request is approved
//    (lapse.ts). A longer time than the policy gives now is shortened by the approval.
// 3. Where reviews were made, they are counted by the policy of now: one that had too few may have enough.
import type { StoredRequest } from '../../adapters/redis/replies.ts';
import { fits } from '../../config/pattern.ts';
import { decide as judge, sessionOf } from '../../core/policy.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import type { RequestFacts } from '../../core/request.ts';
import { keepsTerms } from '../../core/terms.ts';
import { lapse } from './lapse.ts';
import { endOutdated } from './outdated.ts';
import { readRequest } from './read-request.ts';
import { settle, type SettleDeps } from './settle.ts';
import { requestTombstoneId } from './tombstone-id.ts';

/** @returns whether it ended @throws Refused JOURNAL_DOWN, REDIS_DOWN */
export async function judgeRequest(deps: SettleDeps, entry: StoredRequest): Promise<boolean> {
  const facts = (await readRequest(deps, entry))?.facts;
  if (facts?.host !== deps.host) return false;
  const ended = await deps.oneByOne(`request ${facts.id}`, async () => endUnlessValid(deps, facts));
  if (ended || entry.reviews.length === 0) return ended;
  return (await settle(deps, facts.id)) === 'lapsed'; // rule 3
}

/** Rules 1 and 2, in the turn of the request. */
async function endUnlessValid(deps: SettleDeps, facts: RequestFacts): Promise<boolean> {
  if (deps.tombstones.has(requestTombstoneId(facts.id))) return false;
  const policy = sessionOf(deps.config, facts.session);
  if (policy !== undefined && !keepsTerms(facts, policy)) {
    await endOutdated(deps, facts);
    return true;
  }
  const code = await faultOf(deps, facts);
  if (code !== undefined) await lapse(deps, facts, code);
  return code !== undefined;
}

async function faultOf(deps: SettleDeps, { who, session, reason }: RequestFacts): Promise<RefusalCode | undefined> {
  const said = await deps.rechecks.groupsOf(who, Infinity);
  if (said === 'gone') return 'SIGN_IN_OVER';
  const groups = said ?? sessionOf(deps.config, session)?.who ?? [];
  const decision = judge(deps.config, { groups }, { session, reason }, fits);
  return decision.allow ? undefined : decision.code;
}
