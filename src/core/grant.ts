// A grant: the signed, time-limited permission that enough reviews create.
//
// 1. The end is part of what is signed (law 8). Attack: whoever can write to Redis lengthens a grant; they can only delete it.
// 2. A grant opens one session of one host for one person under one login. Attack: a grant used for another of these.
// 3. The effective end is the earlier of the signed end and the expiry of the Redis key (docs/design.md, "Store").
// 4. Who approved is part of what is signed: people, or the name of the rule that approved in their place. Attack: an exception to
//    law 3 that reads like an approval.
import { isSamePerson, type SamePerson } from './identity.ts';
import { digestShape, nameShape, idShape, instantShape, personShape, sessionShape, type Person } from './request.ts';
import { list, object, oneOf, optional, text, type Shape } from './shape.ts';
import { termsShape } from './terms.ts';

/** What a grant says, and what its host signs. */
export interface Grant {
  readonly id: string;
  readonly request: string;
  /** SHA-256 of the signed request, hex. */
  readonly digest: string;
  readonly host: string;
  readonly session: string;
  readonly who: Person;
  readonly reason: string;
  readonly approvers: readonly Person[];
  /** The rule of the policy that approved in the place of people (rule 4). */
  readonly auto?: string;
  /** Instants, milliseconds: the deciding approval, and the end (whole seconds). */
  readonly start: number;
  readonly end: number;
  /** View-only; absent: typing. */
  readonly mode?: 'view';
  /** The id of the grant that this one extends (core/extension.ts). */
  readonly extends?: string;
  /** The session account, kind and privileges that were approved (core/terms.ts). */
  readonly terms?: string;
  /** The batch that its request was of (core/batch.ts). */
  readonly batch?: string;
}

export const ruleShape = text(32, /^[a-z][a-z0-9_-]*$/);

export const grantShape: Shape<Grant> = object({
  id: idShape,
  request: idShape,
  digest: digestShape,
  host: nameShape,
  session: sessionShape,
  who: personShape,
  reason: text(1000),
  approvers: list(personShape, 10),
  auto: optional(ruleShape),
  start: instantShape,
  end: instantShape,
  mode: optional(oneOf('view')),
  extends: optional(idShape),
  terms: optional(termsShape),
  batch: optional(idShape),
});

/** The one place where a grant opens something (rule 2). */
export interface GrantScope {
  readonly host: string;
  readonly session: string;
  readonly login: string;
}

/** Whether the grant opens this session of this host for this login and person (rule 2), and is live at `now` (instant, ms). */
export function opens(grant: Grant, scope: GrantScope, person: SamePerson, now: number): boolean {
  return (
    grant.host === scope.host &&
    grant.session === scope.session &&
    grant.who.login === scope.login &&
    isSamePerson(grant.who, person) &&
    grant.start <= now + clockSlack &&
    now < grant.end
  );
}

/** By how much, in ms, a grant may start in the future: this host signed it, so only a clock that was set back explains more. */
const clockSlack = 5_000;

/** A grant as the store has it. */
export interface LiveGrant {
  readonly grant: Grant;
  /** When its Redis key expires: instant, milliseconds. */
  readonly keyEnd: number;
}

/** When the grant ends: instant, milliseconds (rule 3). */
export function effectiveEnd(live: LiveGrant): number {
  return Math.min(live.grant.end, live.keyEnd);
}

/** The grant that ends last, since the end of one grant never ends another; undefined for an empty list. */
export function latest(grants: readonly LiveGrant[]): LiveGrant | undefined {
  return grants.reduce<LiveGrant | undefined>(
    (best, live) => (best === undefined || effectiveEnd(live) > effectiveEnd(best) ? live : best),
    undefined,
  );
}

/** Who approved, as text for a table: logins, or the name of the rule. */
export function approvedBy({ approvers, auto }: Pick<Grant, 'approvers' | 'auto'>): string {
  return auto === undefined ? approvers.map(({ login }) => login).join(', ') : `rule ${auto}`;
}
