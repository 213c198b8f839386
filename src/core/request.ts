// A request, and the reviews that decide it (docs/design.md, "Store" and "Requests and reviews").
//
// 1. A request is frozen: reviews are made over the digest of what its host signed, so a request changed between display and
//    approval has no reviews (law 8).
// 2. Nobody's review counts for their own request: not by subject, not by login, not as admin (law 3).
// 3. A review counts once a person, whatever they signed in as. One denial ends it.
// 4. Requester and reviewer are known to the same provider: under two, one person is two subjects.
// 5. Reviewers may shorten the window, never lengthen it; the shortest wins.
// 6. What was approved by link counts only while the policy lets links decide (`approvers.by_link`).
import { loginShape } from './ids.ts';
import { isSamePerson, type SamePerson } from './identity.ts';
import { reviewRule, type Duty } from './on-call.ts';
import { boolean, integer, list, object, oneOf, optional, text, type Shape } from './shape.ts';
import type { SessionPolicy } from './policy-types.ts';
import { termsShape } from './terms.ts';

export interface Person extends SamePerson {
  readonly login: string;
  /** The claim that named the login: what people recognise. */
  readonly claim: string;
}

export interface RequestFacts {
  readonly id: string;
  readonly host: string;
  readonly session: string;
  readonly account: string;
  readonly who: Person;
  /** Claimed, not proved: the login could rewrite what sshd left. */
  readonly address: string;
  readonly fingerprint: string;
  readonly reason: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** Instants, milliseconds. */
  readonly requestedAt: number;
  readonly answerBy: number;
  /** Asks to look on alone; left out: to type. */
  readonly mode?: 'view';
  /** A live grant of the same person that is to go on for `durationMs` more, and when it ended as this was asked. */
  readonly extends?: { readonly grant: string; readonly until: number };
  /** As what the session runs (core/terms.ts). */
  readonly terms?: string;
}

export type Verdict = 'approve' | 'deny';

export interface Review {
  readonly request: string;
  /** SHA-256 of the signed request that the reviewer was shown, hex. */
  readonly digest: string;
  /** The host where the review was made, which signed it. */
  readonly host: string;
  readonly verdict: Verdict;
  readonly by: Person;
  readonly groups: readonly string[];
  readonly at: number;
  readonly durationMs?: number;
  readonly reason?: string;
  /** How fresh the proof was: `auth_time` given by the provider, or only possession of a provider session. */
  readonly proof: {
    readonly issuedAt: number;
    readonly authenticatedAt?: number;
    readonly amr?: readonly string[];
    readonly acr?: string;
    /** Given at an approval link, on the request's own host. */
    readonly byLink?: boolean;
  };
  readonly local?: boolean;
}

/** What a review says of the identity's proof. */
export function proofOf({ issuedAt, authenticatedAt, amr, acr }: Review['proof']): Review['proof'] {
  return {
    issuedAt,
    ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
    ...(amr === undefined ? {} : { amr }),
    ...(acr === undefined ? {} : { acr }),
  };
}

/** Names of our own kind: nothing in them can move a cursor, split a key or end a line, whoever signed them. */
export const nameShape = text(64, /^[A-Za-z0-9_.$-]+$/);
export const sessionShape = text(32, /^[A-Za-z][A-Za-z0-9_-]*$/);
export const idShape = text(16, /^[0-9A-Z]+$/);

const person = object({ issuer: text(2048), subject: text(255), login: loginShape, claim: text(320) });
export const digestShape = text(64, /^[0-9a-f]{64}$/);
/** As far as a Date goes (ECMA-262): beyond it there is nothing to show. */
export const instantShape = integer(0, 8_640_000_000_000_000);
const instant = instantShape;

export const requestShape: Shape<RequestFacts> = object({
  id: idShape,
  host: nameShape,
  session: sessionShape,
  account: nameShape,
  who: person,
  address: text(128),
  fingerprint: text(128),
  reason: text(1000),
  durationMs: integer(1),
  requestedAt: instant,
  answerBy: instant,
  mode: optional(oneOf('view')),
  extends: optional(object({ grant: idShape, until: instant })),
  terms: optional(termsShape),
});

export const reviewShape: Shape<Review> = object({
  request: idShape,
  digest: digestShape,
  host: nameShape,
  verdict: oneOf('approve', 'deny'),
  by: person,
  groups: list(text(255), 500),
  at: instant,
  durationMs: optional(integer(1)),
  reason: optional(text(1000)),
  proof: object({
    issuedAt: instant,
    authenticatedAt: optional(instant),
    amr: optional(list(text(255), 50)),
    acr: optional(text(255)),
    byLink: optional(boolean),
  }),
  local: optional(boolean),
});

export const personShape: Shape<Person> = person;

/** Why a review does not count; undefined when it does. */
export type ReviewFault = 'self' | 'not-approver' | 'other-request' | 'other-provider' | 'by-link';

/** A request, and what reviews of it are bound to: SHA-256 of it as it was signed, hex. */
export interface SignedRequest {
  readonly facts: RequestFacts;
  readonly digest: string;
}

/** Rules 1, 2 and 6, and the policy as it is now. */
export function faultOf(
  review: Review,
  { facts: request, digest }: SignedRequest,
  policy: SessionPolicy,
  duty: Duty,
): ReviewFault | undefined {
  if (review.request !== request.id || review.digest !== digest) return 'other-request';
  if (isOwn(review.by, request)) return 'self';
  if (review.by.issuer !== request.who.issuer) return 'other-provider';
  if (review.proof.byLink === true && !policy.approvers.byLink) return 'by-link';
  return ruleOf(review, policy, duty) === undefined ? 'not-approver' : undefined;
}

/** By which rule somebody reviewed: as the host where they did it verified them. */
export function ruleOf({ groups, by }: Review, policy: SessionPolicy, duty: Duty): string | undefined {
  return reviewRule(policy, { groups, claim: by.claim }, duty);
}

/** Rule 2. */
export function isOwn(reviewer: Person, request: RequestFacts): boolean {
  return isSamePerson(reviewer, request.who) || reviewer.login === request.who.login;
}

export type Tally =
  | { readonly state: 'pending'; readonly missing: number }
  | { readonly state: 'denied'; readonly by: Review }
  | { readonly state: 'approved'; readonly by: readonly Review[]; readonly durationMs: number };

/** Counts the reviews of one request; those that do not count are left out (rules 1 to 4). */
export function tally(reviews: readonly Review[], signed: SignedRequest, policy: SessionPolicy, duty: Duty): Tally {
  const counted = reviews.filter((review) => faultOf(review, signed, policy, duty) === undefined);
  const denial = counted.find((review) => review.verdict === 'deny');
  if (denial !== undefined) return { state: 'denied', by: denial };
  const approvals = oncePerPerson(counted);
  const missing = policy.approvers.count - approvals.length;
  if (missing > 0) return { state: 'pending', missing };
  const offered = approvals.map((review) => review.durationMs ?? signed.facts.durationMs);
  return {
    state: 'approved',
    by: approvals,
    durationMs: Math.min(signed.facts.durationMs, policy.window.maxMs, ...offered),
  };
}

/** Rule 3: neither a second subject under the same login nor a second login of the same subject counts again. */
function oncePerPerson(reviews: readonly Review[]): readonly Review[] {
  const kept: Review[] = [];
  for (const review of reviews) {
    if (!kept.some((other) => isSamePerson(other.by, review.by) || other.by.login === review.by.login))
      kept.push(review);
  }
  return kept;
}
