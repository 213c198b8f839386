// Who somebody is (design law 2).
//
// 1. An Identity comes from verified claims alone: `identityOf` is the one constructor, and only adapters/oidc calls it,
//    after signature, iss, aud, exp and iat were checked. Attack: naming an identity by login, key or environment.
// 2. An identity may act for a login only where a root-owned rule maps its claim to that login (`mapsTo`). Attack: a
//    device code relayed to somebody else (RFC 8628 section 5.4) signs in as *them*, never as the login that asked.
// 3. Issuer and subject are what an identity is; names and mail addresses can be renamed or reused (OpenID Connect Core
//    1.0 section 5.7).

declare const verified: unique symbol;

export interface IdentityFacts {
  readonly issuer: string;
  readonly subject: string;
  /** The value of the claim that the policy maps to logins, as the provider gave it. */
  readonly claim: string;
  readonly groups: readonly string[];
  /** When the ID token was issued: instant, milliseconds. */
  readonly issuedAt: number;
  /** When the person authenticated, if the provider said so (`auth_time`): instant, milliseconds. */
  readonly authenticatedAt?: number;
  readonly amr?: readonly string[];
  readonly acr?: string;
}

export type Identity = IdentityFacts & { readonly [verified]: true };

export interface ClaimNames {
  readonly login: string;
  readonly groups: string;
}

const subjectLimit = 255; // OpenID Connect Core 1.0 section 2: sub MUST NOT exceed 255 ASCII characters
const claimLimit = 320;
const groupLimit = 500;

/**
 * Makes an identity of the claims of an ID token that has been verified.
 * @returns undefined when a claim that an identity needs is missing or of a wrong type.
 */
export function identityOf(claims: Readonly<Record<string, unknown>>, names: ClaimNames): Identity | undefined {
  const { iss, sub, iat, auth_time: authTime, acr } = claims;
  const claim = claims[names.login];
  if (!isText(iss, 2048) || !isText(sub, subjectLimit) || !isText(claim, claimLimit)) return undefined;
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return undefined;
  const facts: IdentityFacts = {
    issuer: iss,
    subject: sub,
    claim,
    groups: textList(claims[names.groups]),
    issuedAt: iat * 1000,
    ...(typeof authTime === 'number' ? { authenticatedAt: authTime * 1000 } : {}),
    ...(Array.isArray(claims['amr']) ? { amr: textList(claims['amr']) } : {}),
    ...(isText(acr, 255) ? { acr } : {}),
  };
  return facts as Identity;
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= max;
}

/** A claim that is no list of texts names no groups: it can only take rights away. */
function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => isText(item, 255)).slice(0, groupLimit) : [];
}

export interface SamePerson {
  readonly issuer: string;
  readonly subject: string;
}

export function isSamePerson(a: SamePerson, b: SamePerson): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}

/** How a claim names a login: by itself without its domain, or by an explicit table of login to claim value. */
export type LoginRule =
  | { readonly claim: string; readonly stripDomain?: string }
  | { readonly claim: string; readonly map: Readonly<Record<string, string>> };

/** Every login that an identity maps to: no rule, no login; a table may name one person several times. */
export function loginsOf(claim: string, rule: LoginRule): readonly string[] {
  if ('map' in rule) return Object.keys(rule.map).filter((login) => rule.map[login] === claim);
  if (rule.stripDomain === undefined) return [claim];
  const suffix = `@${rule.stripDomain}`;
  return claim.endsWith(suffix) && claim.length > suffix.length ? [claim.slice(0, -suffix.length)] : [];
}

/** Rule 2: whether this identity may act as this login. */
export function mapsTo(claim: string, login: string, rule: LoginRule): boolean {
  return loginsOf(claim, rule).includes(login);
}
