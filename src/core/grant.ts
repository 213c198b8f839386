// A grant: the signed, time-boxed permission that enough reviews create.
//
// 1. The end is inside the signature (law 8): whoever can write to Redis can delete a grant, never lengthen one.
// 2. A grant opens one session of one host for one person under one login. A grant of another host, session, login or
//    person is none.
// 3. The effective end is the earlier of the signed end and the key's own expiry (docs/design.md, "Store").
// 4. Who approved is inside the signature: people, or the name of the rule that approved in their place. Attack: an exception to law 3
//    that reads like an approval.
import { isSamePerson, type SamePerson } from './identity.ts';
import { digestShape, nameShape, idShape, instantShape, personShape, sessionShape, type Person } from './request.ts';
import { list, object, oneOf, optional, text, type Shape } from './shape.ts';
import { termsShape } from './terms.ts';

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
  /** For looking on alone; left out: for typing. */
  readonly mode?: 'view';
  /** The grant that this one prolongs (core/extension.ts). */
  readonly extends?: string;
  /** As what the session runs (core/terms.ts). */
  readonly terms?: string;
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
});

export interface GrantScope {
  readonly host: string;
  readonly session: string;
  readonly login: string;
}

/** Rule 2, and that the grant is live now. `now` is an instant in milliseconds. */
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

/** A grant is signed by this very host, so its clock may only have been set back a little since. */
const clockSlack = 5_000;

export interface LiveGrant {
  readonly grant: Grant;
  /** When its key expires: instant, milliseconds. */
  readonly keyEnd: number;
}

/** Rule 3: instant, milliseconds. */
export function effectiveEnd(live: LiveGrant): number {
  return Math.min(live.grant.end, live.keyEnd);
}

/** Of several overlapping grants, the one that ends last: one ending never ends another. */
export function latest(grants: readonly LiveGrant[]): LiveGrant | undefined {
  return grants.reduce<LiveGrant | undefined>(
    (best, live) => (best === undefined || effectiveEnd(live) > effectiveEnd(best) ? live : best),
    undefined,
  );
}

/** Who approved, in words for a table: logins, or the rule. */
export function approvedBy({ approvers, auto }: Pick<Grant, 'approvers' | 'auto'>): string {
  return auto === undefined ? approvers.map(({ login }) => login).join(', ') : `rule ${auto}`;
}
