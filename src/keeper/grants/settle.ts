// From reviews to a grant, on the target host alone (law 8).
//
// 1. Only reviews count that a host of this fleet signed over the digest of this very request, under the policy as it is now.
// 2. The window starts at the deciding approval and ends at one absolute instant (law 4), which is part of what is signed.
// 3. The record is on disk before the grant is in the store (law 7). One atomic transition in the store decides the winner.
// 4. A request is answered or withdrawn once, and this host remembers that for as long as its signature holds. Attack: whoever can write to
//    Redis sets an answered request back to pending, and its reviews grant a new window, also after a revocation.
// 5. What this host decided does not pass through Redis: a denial made here holds at once, whatever Redis says. Attack: the denial's field
//    is deleted, or the request is marked as answered, before it was counted.
// 6. Counting ends after a few rounds. Attack: somebody writes a review's field after each count, so that a keeper never stops granting and
//    its journal grows.
// 7. A rule of the policy approves only a request that this keeper itself makes in the same visit (visit/by-rule.ts), never one that was
//    read from the store. Attack: whoever can write to Redis, or a peer, posts a request that a rule would approve.
// 8. The session must run on the terms that were approved (core/terms.ts).
// 9. A login that is locked while its reviews are counted gets no grant, not even for the time after the lock. Attack: an approval that is
//    under way when the lock ends what is live.
// 10. Where another policy was taken while a source or the provider was asked, the count is repeated: reviews count by the policy in force when
//    the grant is made, whatever it was when they were made. Attack: an approver whom a reload removed hangs an on-call source, and their
//    approval counts afterwards. A rule that a reload removed approves nothing more either.
import type { Grant } from '../../core/grant.ts';
import { lockedRefusal } from '../../core/lock.ts';
import { isCurrent, sessionOf } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import { ruleOf, tally, type RequestFacts, type Review } from '../../core/request.ts';
import { keepsTerms } from '../../core/terms.ts';
import { sanitizeLine } from '../../core/text.ts';
import { readRequest, type ReadRequest, type ReadRequestDeps } from './read-request.ts';
import { lapse, lapseOf, type LapseDeps } from './lapse.ts';
import { endOutdated, type OutdatedDeps } from './outdated.ts';
import { dropLate, makeGrant, takeEffect, type Approval, type IssueDeps } from './issue.ts';
import { requestTombstoneId } from './tombstone-id.ts';
import type { Duty } from '../../core/on-call.ts';
import { requestEnds } from '../../core/messages/ends.ts';
import { approvedBy, approverSays, shortenedTo } from '../../core/messages/waiting.ts';
import { personName } from '../../core/person-name.ts';

export interface SettleDeps extends IssueDeps, ReadRequestDeps, OutdatedDeps, LapseDeps {
  readonly onCall: { duty(sources?: readonly string[]): Promise<Duty> };
  /** Remembers the sign-in of a request that was asked for on another host (batches/vouch.ts). Never rejects. */
  vouch(facts: RequestFacts, forMs: number): Promise<void>;
}

/** The state of a request after a count; `over` when there is nothing to decide any more. */
export type Settled = 'approved' | 'denied' | 'lapsed' | 'pending' | 'over';

/**
 * Counts the reviews of a request and acts on the result; one count at a time for each request. It may be called at any time, any number of
 * times.
 * @throws Refused JOURNAL_DOWN, REDIS_DOWN, CLOCK_SKEW
 */
export async function settle(deps: SettleDeps, id: string): Promise<Settled> {
  return deps.oneByOne(`request ${id}`, async () =>
    settleInTurn(deps, id, deps.tombstones.has(requestTombstoneId(id))),
  );
}

/** @param before whether it was answered before this turn (rule 4). */
async function settleInTurn(deps: SettleDeps, id: string, before: boolean): Promise<Settled> {
  for (let left = mostCounts; left > 0; left--) {
    const settled = await settleOnce(deps, id, before);
    if (settled !== 'changed') return settled;
  }
  return 'over';
}

/**
 * Rule 7: grants a request that was made in this visit and has just been posted.
 * @returns undefined when somebody answered it first (a denial also counts against a rule), or when another policy was taken
 * @throws Refused LOCKED, GRANT_OVER, JOURNAL_DOWN, REDIS_DOWN, CLOCK_SKEW
 */
export async function grantByRule(
  deps: SettleDeps,
  read: ReadRequest,
  policy: SessionPolicy,
  approval: Approval,
): Promise<Grant | undefined> {
  return deps.oneByOne(`request ${read.facts.id}`, async () => {
    // Between its post and this turn somebody may have denied it.
    const before = deps.tombstones.has(requestTombstoneId(read.facts.id));
    if (!isCurrent(deps.config, policy)) return undefined; // rule 10
    const made = before ? undefined : await makeGrant(deps, read, policy, approval);
    const { login } = read.facts.who;
    const lock = deps.locks.of(login);
    if (made !== undefined && lock !== undefined) {
      await dropLate(deps, made.grant, requestEnds.lockedMeanwhile);
      await lapse(deps, read.facts, 'LOCKED');
      throw lockedRefusal(lock, login, deps.host);
    }
    if (made !== undefined) {
      takeEffect(deps, made.grant);
      return made.grant;
    }
    const settled = await settleInTurn(deps, read.facts.id, before);
    // Nobody waits for it any more, so no later count may grant it (rule 4).
    if (settled === 'pending') {
      await deps.tombstones.add(requestTombstoneId(read.facts.id), read.facts.answerBy);
      throw new Refused('GRANT_OVER', { host: deps.host, session: read.facts.session });
    }
    return undefined;
  });
}

/** Rule 6: more than the number of people who review at one moment. */
const mostCounts = 8;

/** Rule 5: denies a request of this host. @param by a review by somebody who may review it. @throws Refused JOURNAL_DOWN */
export async function denyHere(deps: SettleDeps, read: ReadRequest, by: Review): Promise<Settled> {
  return deps.oneByOne(`request ${read.facts.id}`, async () =>
    read.facts.answerBy <= deps.now() || deps.tombstones.has(requestTombstoneId(read.facts.id))
      ? 'over'
      : deny(deps, read, by, true),
  );
}

async function settleOnce(deps: SettleDeps, id: string, before: boolean): Promise<Settled | 'changed'> {
  const entry = await deps.store.find(id);
  const read = entry === undefined ? undefined : await readRequest(deps, entry);
  if (entry === undefined || read === undefined || read.facts.host !== deps.host) return 'over';
  if (entry.state === 'lapsed') return 'lapsed';
  if (before && entry.state === 'pending') return 'over';
  const policy = sessionOf(deps.config, read.facts.session);
  if (policy === undefined) return 'over';
  // A reviewer who was on call when they reviewed must be on call at the count, too.
  const duty = await deps.onCall.duty(read.reviews.length === 0 ? [] : (policy.approvers.onCall ?? []));
  if (!isCurrent(deps.config, policy)) return 'changed'; // rule 10
  const count = tally(read.reviews, { facts: read.facts, digest: read.digest }, policy, duty);
  if (count.state === 'pending') return entry.state === 'pending' ? 'pending' : 'over';
  if (count.state === 'denied') return deny(deps, read, count.by, !before);
  if (deps.liveGrants.all().some(({ grant }) => grant.request === id)) return answered(deps, read, count);
  if (entry.state !== 'pending') return 'over';
  if (!keepsTerms(read.facts, policy)) return endOutdated(deps, read.facts);
  const rules = count.by.map((review) => ruleOf(review, policy, duty) ?? '');
  const counted = entry.reviews.length;
  return approve(deps, read, policy, { by: count.by, rules, durationMs: count.durationMs, counted });
}

async function deny(deps: SettleDeps, read: ReadRequest, by: Review, isNew: boolean): Promise<Settled> {
  const { id } = read.facts;
  if (isNew) {
    await deps.journal.write('denied', { request: id, login: read.facts.who.login, by: by.by, reason: by.reason });
    await deps.tombstones.add(requestTombstoneId(id), read.facts.answerBy);
    await deps.store.settle(id, 'denied', deps.config.request.answerWithinMs).catch((error: unknown) => {
      deps.log.warn('denial-not-in-store', { request: id, error });
    });
  }
  deps.pendingAnswers.give(id, { state: 'denied', by: personName(by.by), reason: sanitizeLine(by.reason ?? '', 400) });
  return 'denied';
}

/** If a review or another policy came in meanwhile, the count is repeated: it may be a denial. @returns `changed` then. */
async function approve(
  deps: SettleDeps,
  read: ReadRequest,
  policy: SessionPolicy,
  approval: Approval,
): Promise<Settled | 'changed'> {
  const code = await lapseOf(deps, read.facts, policy);
  if (code === undefined) await deps.vouch(read.facts, approval.durationMs);
  if (!isCurrent(deps.config, policy)) return 'changed'; // rule 10
  if (code !== undefined) return lapsed(deps, read, code);
  const made = await makeGrant(deps, read, policy, approval);
  if (made === undefined) return 'changed';
  const { grant, span } = made;
  if (grant.extends !== undefined && deps.liveGrants.find(grant.extends) === undefined) {
    await dropLate(deps, grant, requestEnds.nothingToExtend);
    return lapsed(deps, read, 'EXTENSION_LATE');
  }
  // Rule 9: nothing may be awaited between this and its effect.
  if (deps.locks.of(grant.who.login) !== undefined) {
    await dropLate(deps, grant, requestEnds.lockedMeanwhile);
    return lapsed(deps, read, 'LOCKED');
  }
  takeEffect(deps, grant);
  return answered(deps, read, { ...approval, durationMs: span.givenMs });
}

async function lapsed(deps: SettleDeps, { facts }: ReadRequest, code: RefusalCode): Promise<Settled> {
  await lapse(deps, facts, code);
  return 'lapsed';
}

type Said = Pick<Approval, 'by' | 'durationMs'>;

function answered(deps: SettleDeps, { facts }: ReadRequest, approval: Said): Settled {
  deps.pendingAnswers.give(facts.id, { state: 'approved', said: approvedLines(facts, approval) });
  return 'approved';
}

/** Who approved, what they said, and whether it is less than was asked for. */
function approvedLines(facts: RequestFacts, { by, durationMs }: Said): readonly string[] {
  const reasons = by.flatMap(({ by: { login }, reason = '' }) =>
    reason === '' ? [] : [approverSays(sanitizeLine(login, 64), sanitizeLine(reason, 400))],
  );
  const shorter = durationMs < facts.durationMs ? [shortenedTo(durationMs, facts.durationMs)] : [];
  return [approvedBy(by.map((review) => personName(review.by))), ...reasons, ...shorter];
}
