// A sign-in: a completed device login, remembered for a bounded time (docs/design.md, "Sign-in"). It holds for one host, login and key
// fingerprint. The fingerprint is only a claim: it limits where a sign-in holds, and is never enough alone.
import type { Identity } from './identity.ts';
import type { Person } from './request.ts';
import { integer, list, object, optional, text, type Shape } from './shape.ts';

/** What a sign-in says, and what its host signs. */
export interface SignIn extends Person {
  readonly host: string;
  readonly fingerprint: string;
  readonly groups: readonly string[];
  /** The type of a groups claim that could not be read (core/identity.ts), so that the person is told why they have no groups. */
  readonly unreadGroups?: string;
  /** When the ID token was issued; this and the times below are instants in milliseconds. */
  readonly issuedAt: number;
  /** When the person signed in, by this host's clock. */
  readonly at: number;
  readonly until: number;
  readonly authenticatedAt?: number;
  readonly amr?: readonly string[];
  readonly acr?: string;
  /** The host of the fleet where they signed in, if it was not this one (keeper/batches/vouch.ts). */
  readonly from?: string;
  /** Then: the batch with whose access it came. It opens no other. */
  readonly batch?: string;
}

export const signInShape: Shape<SignIn> = object({
  issuer: text(2048),
  subject: text(255),
  login: text(64),
  claim: text(320),
  host: text(64),
  fingerprint: text(128),
  groups: list(text(255), 500),
  unreadGroups: optional(text(16)),
  issuedAt: integer(0),
  at: integer(0),
  until: integer(0),
  authenticatedAt: optional(integer(0)),
  amr: optional(list(text(255), 500)),
  acr: optional(text(255)),
  from: optional(text(64)),
  batch: optional(text(16)),
});

/** The sign-in of a verified identity at one login, host and key, from `at` until `until` (instants, ms). */
export function signInOf(
  identity: Identity,
  place: Pick<SignIn, 'login' | 'host' | 'fingerprint' | 'at' | 'until'>,
): SignIn {
  const { issuer, subject, claim, groups, unreadGroups, issuedAt, authenticatedAt, amr, acr } = identity;
  return {
    ...{ issuer, subject, claim, groups, issuedAt },
    ...place,
    ...(unreadGroups === undefined ? {} : { unreadGroups }),
    ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
    ...(amr === undefined ? {} : { amr }),
    ...(acr === undefined ? {} : { acr }),
  };
}

/** Whether a remembered sign-in is valid for this login, host and key at `now` (instant, ms). An empty fingerprint never matches. */
export function serves(signIn: SignIn, place: Pick<SignIn, 'login' | 'host' | 'fingerprint'>, now: number): boolean {
  return (
    signIn.login === place.login &&
    signIn.host === place.host &&
    signIn.fingerprint === place.fingerprint &&
    place.fingerprint !== '' &&
    now < signIn.until
  );
}

/** The person who signed in. */
export function personOf(signIn: SignIn): Person {
  const { issuer, subject, login, claim } = signIn;
  return { issuer, subject, login, claim };
}
