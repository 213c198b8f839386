// Requests, and the reviews that decide them (docs/design.md, "Store" and "Requests and reviews").
//
// 1. A request cannot be changed: reviews are made over the digest of what its host signed. Attack: a request changed between display
//    and approval; the reviews then do not belong to it (law 8).
// 2. Nobody's review counts for their own request: not by subject, not by login, not as admin (law 3).
// 3. Each person counts once, whatever subject or login they use. One denial ends the request. Attack: one approver counts as two.
// 4. Requester and reviewer must be known to the same provider. Attack: one person with a subject at each of two providers.
// 5. Reviewers may shorten the window, never lengthen it; the shortest wins.
// 6. An approval by link counts only while the policy lets links decide (`approvers.by_link`).
import { loginShape } from './ids.ts';
import { isOwn, isSamePerson, type SamePerson } from './identity.ts';
import { reviewRule, type Duty } from './on-call.ts';
import { boolean, integer, list, object, oneOf, optional, text, type Shape } from './shape.ts';
import type { SessionPolicy } from './policy-types.ts';
import { termsShape } from './terms.ts';

/** A person under one login. */
export interface Person extends SamePerson {
  readonly login: string;
  /** The value of the claim that maps to the login, a mail address say: what people recognise. */
  readonly claim: string;
}

/** What a request says, and what its host signs. */
export interface RequestFacts {
  readonly id: string;
  readonly host: string;
  readonly session: string;
  readonly account: string;
  readonly who: Person;
  /** Address and key fingerprint are claims and not proofs: the login could rewrite the file that sshd leaves. */
  readonly address: string;
  readonly fingerprint: string;
  readonly reason: string;
  /** The time asked for: milliseconds. */
  readonly durationMs: number;
  /** Instants, milliseconds. */
  readonly requestedAt: number;
  readonly answerBy: number;
  /** View-only; absent: typing. */
  readonly mode?: 'view';
  /** For an extension: the live grant of the same person to extend by `durationMs`, and its end (instant, ms) at the time of asking. */
  readonly extends?: { readonly grant: string; readonly until: number };
  /** The session account, kind and privileges that reviewers see (core/terms.ts). */
  readonly terms?: string;
  /** The batch that it is of, and the host where that was asked for (core/batch.ts). `late`: that host no longer waited for this one. */
  readonly batch?: { readonly id: string; readonly host: string; readonly late?: boolean };
}

export type Verdict = 'approve' | 'deny';

/** One approval or denial by one identity, as the host where it was made signs it. */
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
  /** How recently the reviewer proved who they are: `auth_time` if the provider gave it, else only when the ID token was issued. */
  readonly proof: {
    readonly issuedAt: number;
    readonly authenticatedAt?: number;
    readonly amr?: readonly string[];
    readonly acr?: string;
    /** Missing: the device flow. Hosts of older versions refuse a review that has it. */
    readonly flow?: 'code';
    /** Given by an approval link of the request's own host. */
    readonly byLink?: boolean;
  };
  readonly local?: boolean;
}

/** The fields of an identity that a review keeps as its proof. */
export function proofOf({ issuedAt, authenticatedAt, amr, acr, flow }: Review['proof']): Review['proof'] {
  return {
    issuedAt,
    ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
    ...(amr === undefined ? {} : { amr }),
    ...(acr === undefined ? {} : { acr }),
    ...(flow === undefined ? {} : { flow }),
  };
}

/** Names of hosts, accounts and ids, whoever signed them: no character that moves a cursor, splits a Redis key or ends a line. */
export const nameShape = text(64, /^[A-Za-z0-9_.$-]+$/);
export const sessionShape = text(32, /^[A-Za-z][A-Za-z0-9_-]*$/);
export const idShape = text(16, /^[0-9A-Z]+$/);

const person = object({ issuer: text(2048), subject: text(255), login: loginShape, claim: text(320) });
export const digestShape = text(64, /^[0-9a-f]{64}$/);
/** Instant in milliseconds, at most what a Date can hold (ECMA-262, time values). */
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
  batch: optional(object({ id: idShape, host: nameShape, late: optional(boolean) })),
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
    flow: optional(oneOf('code')),
    byLink: optional(boolean),
  }),
  local: optional(boolean),
});

export const personShape: Shape<Person> = person;

/** Why a review does not count; undefined when it does. */
export type ReviewFault = 'self' | 'not-approver' | 'other-request' | 'other-provider' | 'by-link';

/** A request, and the SHA-256 (hex) of its signed form, to which reviews are bound. */
export interface SignedRequest {
  readonly facts: RequestFacts;
  readonly digest: string;
}

/** Why a review does not count for a request under the policy as it is now; undefined when it counts (rules 1, 2, 4 and 6). */
export function faultOf(
  review: Review,
  { facts: request, digest }: SignedRequest,
  policy: SessionPolicy,
  duty: Duty,
): ReviewFault | undefined {
  if (review.request !== request.id || review.digest !== digest) return 'other-request';
  if (isOwn(review.by, request.who.login, request.who)) return 'self';
  if (review.by.issuer !== request.who.issuer) return 'other-provider';
  if (review.proof.byLink === true && !policy.approvers.byLink) return 'by-link';
  return ruleOf(review, policy, duty) === undefined ? 'not-approver' : undefined;
}

/** The rule by which the reviewer may review, by the groups that the signing host verified; undefined when none allows it. */
export function ruleOf({ groups, by }: Review, policy: SessionPolicy, duty: Duty): string | undefined {
  return reviewRule(policy, { groups, claim: by.claim }, duty);
}

/** What the reviews of a request amount to. `durationMs` is the window to grant (rule 5). */
export type Tally =
  | { readonly state: 'pending'; readonly missing: number }
  | { readonly state: 'denied'; readonly by: Review }
  | { readonly state: 'approved'; readonly by: readonly Review[]; readonly durationMs: number };

/** Counts the reviews of one request; reviews with a fault are left out (rules 1 to 6). */
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

/** The first review of each person: a second subject under a login, or a second login of a subject, is the same person (rule 3). */
function oncePerPerson(reviews: readonly Review[]): readonly Review[] {
  const kept: Review[] = [];
  for (const review of reviews) {
    if (!kept.some((other) => isSamePerson(other.by, review.by) || other.by.login === review.by.login))
      kept.push(review);
  }
  return kept;
}
