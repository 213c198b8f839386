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
import { grantId, idBytes } from '../../core/ids.ts';
import { grantShape, opens, type Grant, type LiveGrant } from '../../core/grant.ts';
import type { Notice } from '../../core/notice.ts';
import { sessionOf } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import type { Person, Review } from '../../core/request.ts';
import { ruleOf, tally } from '../../core/request.ts';
import { servesMode, sightOf, type Mode } from '../../core/sight.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { formatDuration, formatInstant, windowEnd } from '../../core/time.ts';
import { line } from '../../core/text.ts';
import type { House } from '../house.ts';
import { readRequest, type ReadRequest } from '../read-request.ts';

export type Settled = 'approved' | 'denied' | 'pending' | 'over';

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
export async function grantByRule(house: House, read: ReadRequest, approval: Approval): Promise<Grant | undefined> {
  return house.oneByOne(`request ${read.facts.id}`, async () => {
    const grant = await makeGrant(house, read, approval, 0);
    if (grant !== undefined) return grant;
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
  return `request:${request}`;
}

async function settleOnce(house: House, id: string, before: boolean): Promise<Settled | 'changed'> {
  const entry = await house.board.find(id);
  const read = entry === undefined ? undefined : await readRequest(house, entry);
  if (entry === undefined || read === undefined || read.facts.host !== house.host) return 'over';
  if (before && entry.state === 'pending') return 'over';
  const policy = sessionOf(house.config, read.facts.session);
  if (policy === undefined) return 'over';
  // Who was on call when they reviewed counts if they are when it is counted.
  const duty = await house.onCall.duty(read.reviews.length === 0 ? [] : (policy.approvers.onCall ?? []));
  const count = tally(read.reviews, read.facts, read.digest, policy, duty);
  if (count.state === 'pending') return entry.state === 'pending' ? 'pending' : 'over';
  if (count.state === 'denied') return deny(house, read, count.by, !before);
  if (house.book.all().some(({ grant }) => grant.request === id)) return answered(house, id, count.by);
  if (entry.state !== 'pending') return 'over';
  const rules = count.by.map((review) => ruleOf(review, policy, duty) ?? '');
  return approve(house, read, { by: count.by, rules, durationMs: count.durationMs }, entry.reviews.length);
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
  approval: Approval,
  reviews: number,
): Promise<Settled | 'changed'> {
  const grant = await makeGrant(house, read, approval, reviews);
  return grant === undefined ? 'changed' : answered(house, read.facts.id, approval.by);
}

/** What makes a grant: reviews, or a rule in their place. */
export interface Approval {
  readonly by: readonly Review[];
  /** Of the policy, by which each of them may review; the rule that approved, where nobody did. */
  readonly rules: readonly string[];
  readonly durationMs: number;
  readonly auto?: { readonly name: string; readonly why?: string };
}

function answered(house: House, id: string, by: readonly Review[]): Settled {
  const names = by.map((review) => nameOf(review.by)).join(', ');
  house.answers.give(id, { state: 'approved', by: names });
  return 'approved';
}

/** Rules 2, 3 and 5. */
async function makeGrant(
  house: House,
  { facts, digest }: ReadRequest,
  { by, rules, durationMs, auto }: Approval,
  reviews: number,
): Promise<Grant | undefined> {
  await checkClocks(house);
  const start = house.now();
  const grant: Grant = {
    id: grantId(house.random(idBytes.grant)),
    request: facts.id,
    digest,
    host: house.host,
    session: facts.session,
    who: facts.who,
    reason: facts.reason,
    approvers: by.map((review) => review.by),
    ...(auto === undefined ? {} : { auto: auto.name }),
    start,
    end: windowEnd(start, durationMs),
    ...sightOf(facts.mode ?? 'type'),
  };
  const jws = await house.keys.sign('grant', grant);
  const { id, ...told } = grant;
  await house.journal.write('granted', {
    grant: id,
    ...told,
    window: formatDuration(durationMs),
    rules,
    ...(auto?.why === undefined ? {} : { why: auto.why }),
    proofs: by.map((review) => review.proof),
  });
  await house.tombstones.bury(stoneOf(facts.id), facts.answerBy);
  const { host, session } = grant;
  const won = await house.board.grant(facts.id, {
    host,
    session,
    login: facts.who.login,
    grantId: grant.id,
    jws,
    end: grant.end,
    reviews,
  });
  if (won) {
    house.book.add({ grant, keyEnd: grant.end });
    house.notifier.send(grantedNotice(grant));
  } else
    await house.journal.write('grant-dropped', {
      grant: grant.id,
      request: facts.id,
      why: 'the request changed meanwhile',
    });
  return won ? grant : undefined;
}

function grantedNotice({ id, request, host, session, who, approvers, auto, end }: Grant): Notice {
  const by = approvers.map(nameOf).join(', ');
  return {
    event: 'granted',
    grant: id,
    request,
    host,
    session,
    login: who.login,
    identity: who.claim,
    ...(auto === undefined ? { by } : { auto }),
    until: formatInstant(end),
  };
}

const mostSkewMs = 5_000;

/** Instants come from the signer's clock; Redis' own only says when the two differ too much (M17). @throws Refused */
async function checkClocks(house: House): Promise<void> {
  const skew = await house.board.skew();
  if (Math.abs(skew) > mostSkewMs) throw new Refused('CLOCK_SKEW', { host: house.host }, `${skew} ms`);
}

function nameOf(person: Person): string {
  return `${line(person.login, 64)} (${line(person.claim, 120)})`;
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
export async function isOnBoard(house: House, { id, host, session, who }: Grant): Promise<boolean> {
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

async function readGrant(house: House, entry: { jws: string; keyEnd: number }): Promise<LiveGrant | undefined> {
  const read = await house.keys.verify(entry.jws, 'grant', grantShape, house.host);
  if (read === undefined || read.value.end <= house.now() || house.tombstones.has(read.value.id)) return undefined;
  return { grant: read.value, keyEnd: entry.keyEnd };
}
