// From reviews to a grant, on the target host alone (law 8).
//
// 1. Only reviews signed by a host of this gate over the digest of this very request count, under the policy as it is now.
// 2. The window starts at the deciding approval and ends at one absolute instant (law 4), which is inside the signature.
// 3. The record is on disk before the grant is on the board (law 7); one transition on the board makes one winner.
// 4. A grant read back counts only with this host's signature, a window that is open, a key that expires, and no tombstone
//    (H9, C11).
// 5. A request is answered or withdrawn once, and this host remembers that for as long as its signature holds. Attack: whoever can write to
//    Redis sets an answered request back to pending, and its reviews grant a new window, also after a revocation.
// 6. What this host decided does not pass through Redis: a denial made here holds at once, whatever stands there. Attack: its
//    field is deleted, or the request called answered, before it was counted.
// 7. Counting ends. Attack: somebody who writes a review's field after each count keeps a keeper granting, and its journal growing.
// 8. A rule of the policy approves what this keeper holds in its hands in the very visit that asks (by-rule.ts), never what stands on the
//    board. Attack: whoever can write to Redis, or a peer, puts up a request that a rule would approve.
// 9. The session must run as what was approved: at the approval, and whenever a grant is read back (core/terms.ts).
import { grantShape, opens, type Grant, type LiveGrant } from '../../core/grant.ts';
import { sessionOf } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import { ruleOf, tally, type RequestFacts, type Review } from '../../core/request.ts';
import { servesMode, type Mode } from '../../core/sight.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { formatDuration } from '../../core/time.ts';
import { keepsTerms } from '../../core/terms.ts';
import { isBreakGlass } from '../../core/break-glass.ts';
import { line } from '../../core/text.ts';
import type { House } from '../house.ts';
import { readRequest, type ReadRequest } from '../read-request.ts';
import { lapse, lapseOf } from './lapse.ts';
import { endOutdated } from './outdated.ts';
import { checkClocks, dropLate, makeGrant, nameOf, takeEffect, type Approval } from './make-grant.ts';

export type Settled = 'approved' | 'denied' | 'lapsed' | 'pending' | 'over';

/** Counts the reviews of a request and acts on them; one at a time for each request. Safe to call at any time. */
export async function settle(house: House, id: string): Promise<Settled> {
  return house.oneByOne(`request ${id}`, async () => settleInTurn(house, id, house.tombstones.has(stoneOf(id))));
}

/** @param before whether it was answered before this turn (rule 5). */
async function settleInTurn(house: House, id: string, before: boolean): Promise<Settled> {
  for (let left = mostCounts; left > 0; left--) {
    const settled = await settleOnce(house, id, before);
    if (settled !== 'changed') return settled;
  }
  return 'over';
}

/**
 * Rule 8: the grant of a request that was made in this visit and is on the board since a moment.
 * @returns undefined when somebody answered it first: one denial holds against a rule, too.
 */
export async function grantByRule(
  house: House,
  read: ReadRequest,
  policy: SessionPolicy,
  approval: Approval,
): Promise<Grant | undefined> {
  return house.oneByOne(`request ${read.facts.id}`, async () => {
    const made = await makeGrant(house, read, policy, approval, 0);
    if (made !== undefined) {
      takeEffect(house, made.grant);
      return made.grant;
    }
    const settled = await settleInTurn(house, read.facts.id, false);
    // Answered here, and not enough to open anything: nothing could answer it any more (rule 5).
    if (settled === 'pending') throw new Refused('GRANT_OVER', { host: house.host, session: read.facts.session });
    return undefined;
  });
}

/** Rule 7: more than the people who review at one moment. */
const mostCounts = 8;

/** Rule 6: the denial of a request of this host, by somebody who may review it. */
export async function denyHere(house: House, read: ReadRequest, by: Review): Promise<Settled> {
  return house.oneByOne(`request ${read.facts.id}`, async () =>
    house.tombstones.has(stoneOf(read.facts.id)) ? 'over' : deny(house, read, by, true),
  );
}

/** Rule 5: beside the grants' own ids, which have no colon. */
export function stoneOf(request: string): string {
  return `${ofRequest}${request}`;
}

const ofRequest = 'request:';

/** @returns undefined for the stone of something else. */
export function requestOf(stone: string): string | undefined {
  return stone.startsWith(ofRequest) ? stone.slice(ofRequest.length) : undefined;
}

async function settleOnce(house: House, id: string, before: boolean): Promise<Settled | 'changed'> {
  const entry = await house.board.find(id);
  const read = entry === undefined ? undefined : await readRequest(house, entry);
  if (entry === undefined || read === undefined || read.facts.host !== house.host) return 'over';
  if (entry.state === 'lapsed') return 'lapsed';
  if (before && entry.state === 'pending') return 'over';
  const policy = sessionOf(house.config, read.facts.session);
  if (policy === undefined) return 'over';
  // Who was on call when they reviewed counts if they are when it is counted.
  const duty = await house.onCall.duty(read.reviews.length === 0 ? [] : (policy.approvers.onCall ?? []));
  const count = tally(read.reviews, read.facts, read.digest, policy, duty);
  if (count.state === 'pending') return entry.state === 'pending' ? 'pending' : 'over';
  if (count.state === 'denied') return deny(house, read, count.by, !before);
  if (house.book.all().some(({ grant }) => grant.request === id)) return answered(house, read, count);
  if (entry.state !== 'pending') return 'over';
  if (!keepsTerms(read.facts, policy)) return endOutdated(house, read.facts);
  const rules = count.by.map((review) => ruleOf(review, policy, duty) ?? '');
  return approve(house, read, policy, { by: count.by, rules, durationMs: count.durationMs }, entry.reviews.length);
}

async function deny(house: House, read: ReadRequest, by: Review, isNew: boolean): Promise<Settled> {
  const { id } = read.facts;
  if (isNew) {
    await house.journal.write('denied', { request: id, login: read.facts.who.login, by: by.by, reason: by.reason });
    await house.tombstones.bury(stoneOf(id), read.facts.answerBy);
    await house.board.settle(id, 'denied', house.config.request.answerWithinMs).catch((error: unknown) => {
      house.log.warn('denial-not-on-board', { request: id, error });
    });
  }
  house.answers.give(id, { state: 'denied', by: nameOf(by.by), reason: line(by.reason ?? '', 400) });
  return 'denied';
}

/** A review that came in between counts too: a denial must not be outrun, so the count is made again. */
async function approve(
  house: House,
  read: ReadRequest,
  policy: SessionPolicy,
  approval: Approval,
  reviews: number,
): Promise<Settled | 'changed'> {
  const code = await lapseOf(house, read.facts, policy);
  if (code !== undefined) return lapsed(house, read, code);
  const made = await makeGrant(house, read, policy, approval, reviews);
  if (made === undefined) return 'changed';
  const { grant, span } = made;
  if (grant.extends !== undefined && house.book.find(grant.extends) === undefined) {
    await dropLate(house, grant);
    return lapsed(house, read, 'EXTENSION_LATE');
  }
  takeEffect(house, grant);
  return answered(house, read, { ...approval, durationMs: span.givenMs });
}

async function lapsed(house: House, { facts }: ReadRequest, code: RefusalCode): Promise<Settled> {
  await lapse(house, facts, code);
  return 'lapsed';
}

type Said = Pick<Approval, 'by' | 'durationMs'>;

function answered(house: House, { facts }: ReadRequest, approval: Said): Settled {
  house.answers.give(facts.id, { state: 'approved', said: approvedLines(facts, approval) });
  return 'approved';
}

/** By whom, what they said, and that it is less than was asked for. */
function approvedLines(facts: RequestFacts, { by, durationMs }: Said): readonly string[] {
  const reasons = by.flatMap(({ by: { login }, reason = '' }) =>
    reason === '' ? [] : [`  ${line(login, 64)}: ${line(reason, 400)}`],
  );
  const [given, asked] = [durationMs, facts.durationMs].map(formatDuration);
  const shorter = durationMs < facts.durationMs ? [`  Shortened to ${given}; you asked for ${asked}.`] : [];
  return [`  Approved by ${by.map((review) => nameOf(review.by)).join(', ')}.`, ...reasons, ...shorter];
}

/** The live grant of this person for this session that serves and ends last, read anew from the board (rule 4). */
export async function liveGrant(
  house: House,
  who: SignIn,
  session: string,
  mode: Mode,
): Promise<LiveGrant | undefined> {
  const door = { host: house.host, session, login: who.login };
  const [grants] = await Promise.all([readGrants(house, door), checkClocks(house)]);
  for (const live of grants) house.book.add(live);
  return house.book.latestFor(
    who,
    door,
    ({ grant }) =>
      servesMode(grant, mode) &&
      opens(grant, door, who, house.now()) &&
      grants.some((read) => read.grant.id === grant.id),
  );
}

/** Whether the key of a grant is there and will end: what else somebody put on the board neither hides it nor stands for it. */
export async function isOnBoard(
  house: House,
  { id, host, session, who }: Pick<Grant, 'id' | 'host' | 'session' | 'who'>,
): Promise<boolean> {
  return (await house.board.live({ host, session, login: who.login, id })).length > 0;
}

/** Rule 4. */
export async function readGrants(
  house: House,
  filter: { host: string; session?: string; login?: string },
): Promise<readonly LiveGrant[]> {
  const entries = await house.board.live(filter);
  const read = await Promise.all(entries.map((entry) => readGrant(house, entry)));
  return read.filter((live) => live !== undefined);
}

/** Live grants that break-glass opened: they are on no board. */
export function brokenIn(house: House): readonly LiveGrant[] {
  return house.book.all().filter(({ grant }) => isBreakGlass(grant));
}

/** Whether the session that a grant is for still runs as what was approved (core/terms.ts). */
export function isOnTerms(house: House, grant: Grant): boolean {
  const policy = sessionOf(house.config, grant.session);
  return policy === undefined || keepsTerms(grant, policy);
}

async function readGrant(house: House, entry: { jws: string; keyEnd: number }): Promise<LiveGrant | undefined> {
  const read = await house.keys.verify(entry.jws, 'grant', grantShape, house.host);
  if (read === undefined || !isOnTerms(house, read.value)) return undefined;
  if (read.value.end <= house.now() || house.tombstones.has(read.value.id)) return undefined;
  return { grant: read.value, keyEnd: entry.keyEnd };
}
