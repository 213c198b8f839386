// Checks an ID token, and reads the identity from it (law 2). openid-client has verified signature, iss, aud, exp and nbf already (with
// `enableNonRepudiationChecks`; without it a forged signature passes). This file checks in addition:
//
// 1. There is an ID token at all. Attack: a token response without one leaves claims unproved.
// 2. Its algorithm is on our list, whatever the provider's metadata allow. Attack: `none`, or an HMAC keyed with something public (RFC
//    8725 section 2.1).
// 3. It is for this client: any other audience needs azp to name us, and azp never names another (OpenID Connect Core 1.0 section
//    3.1.3.7, 4 and 5). Attack: a token that the person gave to another service.
// 4. It is new: issued after the sign-in began and not in the future, with `toleranceSeconds` allowed for clocks. Attack: a stored token.
//    A device login has no nonce, so within that tolerance a token must not have been used before (`Used`).
// 5. A mail address names somebody only where the provider says that it verified it: `true`, or `"true"` as some providers write it, and
//    nothing else (OpenID Connect Core 1.0 section 5.1). Attack: an account registered with somebody else's address, at a provider that
//    writes its `false` as text. A provider that says nothing is refused, unless the policy has `insecure_unstated_email`; a refreshed
//    token may leave it out (section 12.2), because what the sign-in said still holds.
// 6. Claims that the policy requires have the value that it names (`oidc.claims.require`: Google's `hd`, Entra's `tid`). Attack: an account
//    outside the company, at a provider that everybody can register at.
import type { IDToken, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import {
  type ClaimNames,
  foreignClaim,
  type GroupList,
  type Identity,
  identityOf,
  isGroupsOverage,
  type Vouched,
  vouchedOf,
} from '../core/identity.ts';
import { refused } from './oidc-fault.ts';

/** The answer of the token endpoint. */
export type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** How far the clocks of provider and host may differ, in seconds. */
export const toleranceSeconds = 60;

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** What a refreshed ID token is compared with. */
export interface Expected {
  readonly clientId: string;
  readonly claims: ClaimNames;
  /** Claims, each with the value that it must have. */
  readonly required: Readonly<Record<string, string>>;
  /** Whether a mail address counts when the provider does not say whether it is verified. */
  readonly unstatedEmail: boolean;
  /** When the exchange began: milliseconds since the epoch. */
  readonly began: number;
  /** Now: milliseconds since the epoch. */
  readonly now: number;
}

/** What the ID token of a sign-in is compared with. */
export interface ExpectedAtSignIn extends Expected {
  /** Says the groups in place of the groups claim; undefined: the claim says them. */
  readonly listed: GroupList | undefined;
}

/** The identity of a token response, after rules 1 to 6. @throws Refused TOKEN_REFUSED, GROUPS_OVERAGE, FOREIGN_ACCOUNT */
export function identityFrom(tokens: Tokens, expected: ExpectedAtSignIn): Identity {
  const claims = claimsOf(tokens, expected, false);
  if (expected.listed === undefined && isGroupsOverage(claims, expected.claims.groups))
    throw refused(
      'GROUPS_OVERAGE',
      `the ID token has more groups than fit ("${expected.claims.groups}" is said to be elsewhere)`,
    );
  const identity = identityOf(claims, expected.claims, expected.listed);
  if (identity === undefined) {
    throw refused('TOKEN_REFUSED', `ID token: sub or the login claim "${expected.claims.login}" is missing or no text`);
  }
  return identity;
}

/** What a refreshed token says about its person (core/identity.ts, rule 4), after rules 1 to 6. @throws Refused as `identityFrom` */
export function vouchedFrom(tokens: Tokens, expected: Expected): Vouched {
  const vouched = vouchedOf(claimsOf(tokens, expected, true), expected.claims);
  if (vouched === undefined) throw refused('TOKEN_REFUSED', 'ID token: sub is missing or no text');
  return vouched;
}

/** The claims, checked by rules 1 to 6. @throws Refused TOKEN_REFUSED, FOREIGN_ACCOUNT */
function claimsOf(tokens: Tokens, expected: Expected, isRefreshed: boolean): IDToken {
  const claims = tokens.claims();
  const problem = claims === undefined ? 'there is no ID token' : problemOf(claims, tokens.id_token ?? '', expected);
  if (claims === undefined || problem !== undefined)
    throw refused('TOKEN_REFUSED', `ID token: ${problem ?? 'missing'}`);
  const foreign = foreignClaim(claims, expected.required, isRefreshed);
  if (foreign !== undefined)
    throw refused(
      'FOREIGN_ACCOUNT',
      `ID token: the claim "${foreign}" does not have the value that the policy requires`,
    );
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

/** Whether a mail address may be used (rule 5). */
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

/** Remembers the ID tokens that were used, in this process. */
export interface Used {
  /**
   * Records a token as used.
   * @param began when its login began;
   * @param now both in milliseconds since the epoch.
   * @throws Refused TOKEN_REFUSED when it was used before the login began. Two logins of one person within the same second may be given
   * the same token, and both pass.
   */
  take(tokens: Tokens, began: number, now: number): void;
}

/** How long a used token is remembered, in milliseconds: the tolerance and the life of a code (oidc-device.ts). Later `iat` excludes it. */
const usedFor = (toleranceSeconds + 300 + 60) * 1000;

/** An empty memory of used tokens. */
export function openUsed(): Used {
  const taken = new Map<string, number>();
  return {
    take: ({ id_token: token = '' }, began, now) => {
      for (const [known, at] of taken) if (at + usedFor < now) taken.delete(known);
      // Without the signature, because an ECDSA signature has two spellings.
      const id = token.slice(0, token.lastIndexOf('.'));
      const at = taken.get(id);
      if (at !== undefined && at <= began) throw refused('TOKEN_REFUSED', 'ID token: it was used before');
      taken.set(id, at ?? now);
    },
  };
}
