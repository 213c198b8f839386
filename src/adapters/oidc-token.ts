// From a token response to an identity (law 2). openid-client has verified signature, iss, aud, exp and nbf before
// (with `enableNonRepudiationChecks`; without it a forged signature passes). What is checked here on top:
//
// 1. There is an ID token at all. Attack: a token response without one leaves claims unproved.
// 2. Its algorithm is on our list, whatever the provider's metadata allow. Attack: `none`, or an HMAC keyed with something
//    public (RFC 8725 section 2.1).
// 3. It is for this client: any other audience needs azp to name us, and azp never names another (OpenID Connect Core 1.0
//    section 3.1.3.7, 4 and 5).
// 4. It is new: issued after the visit began and not in the future, `tolerance` allowed for clocks. Attack: a stored token. Within
//    that tolerance it is one that has proved nothing yet (`Used`): a device login has no nonce that would tell.
// 5. A mail address names somebody only where the provider says that it verified it: `true`, or `"true"` as some providers write
//    it, and nothing else (OpenID Connect Core 1.0 section 5.1). Attack: an account registered with somebody else's address, at a
//    provider that spells its `false` as text. A provider that says nothing of it is refused, unless the policy has
//    `insecure_unstated_email`; a refreshed token may leave it out (section 12.2), as what was said at the sign-in stands.
import type { IDToken, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import {
  type ClaimNames,
  type Identity,
  identityOf,
  isGroupsOverage,
  type Vouched,
  vouchedOf,
} from '../core/identity.ts';
import { refused } from './oidc-fault.ts';

export type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** How far clocks may differ, seconds. */
export const toleranceSeconds = 60;

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

export interface Expected {
  readonly clientId: string;
  readonly claims: ClaimNames;
  /** Whether a mail address counts of which the provider does not say whether it is verified. */
  readonly unstatedEmail: boolean;
  /** When the exchange began: instant, milliseconds. */
  readonly began: number;
  /** Now: instant, milliseconds. */
  readonly now: number;
}

/** @throws Refused TOKEN_REFUSED, GROUPS_OVERAGE */
export function identityFrom(tokens: Tokens, expected: Expected): Identity {
  const claims = claimsOf(tokens, expected);
  if (isGroupsOverage(claims, expected.claims.groups))
    throw refused(
      'GROUPS_OVERAGE',
      `the ID token has more groups than fit ("${expected.claims.groups}" is said to be elsewhere)`,
    );
  const identity = identityOf(claims, expected.claims);
  if (identity === undefined) {
    throw refused('TOKEN_REFUSED', `ID token: sub or the login claim "${expected.claims.login}" is missing or no text`);
  }
  return identity;
}

/** What a refreshed token says (core/identity.ts, rule 4). @throws Refused TOKEN_REFUSED */
export function vouchedFrom(tokens: Tokens, expected: Expected): Vouched {
  const vouched = vouchedOf(claimsOf(tokens, expected), expected.claims);
  if (vouched === undefined) throw refused('TOKEN_REFUSED', 'ID token: sub is missing or no text');
  return vouched;
}

/** Rules 1 to 5. @throws Refused TOKEN_REFUSED */
function claimsOf(tokens: Tokens, expected: Expected): IDToken {
  const claims = tokens.claims();
  const problem = claims === undefined ? 'there is no ID token' : problemOf(claims, tokens.id_token ?? '', expected);
  if (claims === undefined || problem !== undefined)
    throw refused('TOKEN_REFUSED', `ID token: ${problem ?? 'missing'}`);
  return claims;
}

function problemOf(claims: IDToken, token: string, expected: Expected): string | undefined {
  const { login } = expected.claims;
  if (!algorithms.includes(algorithmOf(token))) return 'signed with an algorithm that is not accepted';
  if (!isForUs(claims, expected.clientId)) return 'issued for another client (aud, azp)';
  if (login === 'email' && !isVerified(claims['email_verified'], expected.unstatedEmail))
    return `the mail address is not verified (email_verified: ${JSON.stringify(claims['email_verified'])})`.slice(
      0,
      100,
    );
  return timeProblem(claims, expected);
}

/** Rule 5. */
function isVerified(said: unknown, unstated: boolean): boolean {
  return said === undefined ? unstated : said === true || said === 'true';
}

function algorithmOf(token: string): string {
  const { alg } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { alg?: unknown };
  return typeof alg === 'string' ? alg : '';
}

function isForUs({ aud, azp }: IDToken, clientId: string): boolean {
  if (azp !== undefined && azp !== clientId) return false;
  const audience = Array.isArray(aud) ? aud : [aud];
  return audience.includes(clientId) && (azp === clientId || audience.every((one) => one === clientId));
}

function timeProblem({ iat, exp }: IDToken, { began, now }: Expected): string | undefined {
  if (!Number.isFinite(iat) || !Number.isFinite(exp)) return 'iat or exp is no number';
  if (iat > now / 1000 + toleranceSeconds) return 'issued in the future (iat)';
  if (iat < began / 1000 - toleranceSeconds) return 'issued before this sign-in began (iat)';
  return exp <= now / 1000 - toleranceSeconds ? 'expired (exp)' : undefined;
}

/** ID tokens that have proved somebody already. */
export interface Used {
  /**
   * @param began when the login that brings it began, and now: instants, milliseconds.
   * @throws Refused TOKEN_REFUSED for one that was here before that: two logins of one person within the same second may be
   * given the same token, one that was taken already is not given again.
   */
  take(tokens: Tokens, began: number, now: number): void;
}

/** Longer ago, `iat` tells (rule 4): the tolerance, and the life of a code (oidc-device.ts). Milliseconds. */
const usedFor = (toleranceSeconds + 300 + 60) * 1000;

export function openUsed(): Used {
  const taken = new Map<string, number>();
  return {
    take: ({ id_token: token = '' }, began, now) => {
      for (const [known, at] of taken) if (at + usedFor < now) taken.delete(known);
      // The signed part alone: an ECDSA signature has two spellings.
      const id = token.slice(0, token.lastIndexOf('.'));
      const at = taken.get(id);
      if (at !== undefined && at <= began) throw refused('TOKEN_REFUSED', 'ID token: it was used before');
      taken.set(id, at ?? now);
    },
  };
}
