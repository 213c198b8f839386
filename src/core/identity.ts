// Who somebody is (law 2).
//
// 1. An Identity comes from verified claims alone: `identityOf` is the one constructor, and only adapters/oidc calls it,
//    after signature, iss, aud, exp and iat were checked. Attack: naming an identity by login, key or environment.
// 2. An identity may act for a login only where a root-owned rule maps its claim to that login (`mapsTo`). Attack: a
//    device code relayed to somebody else (RFC 8628 section 5.4) signs in as *them*, never as the login that asked.
// 3. Issuer and subject are what an identity is; names and mail addresses can be renamed or reused (OpenID Connect Core
//    1.0 section 5.7).
// 4. What a token does not say is not known; it is no "no". Only what it says wrongly, or leaves out at a sign-in, refuses. Accident: a
//    provider that leaves a claim out of its refreshed tokens throws out whoever is in.

declare const verified: unique symbol;

export interface IdentityFacts {
  readonly issuer: string;
  readonly subject: string;
  /** The value of the claim that the policy maps to logins, as the provider gave it. */
  readonly claim: string;
  readonly groups: readonly string[];
  /** What the groups claim is where it is none that can be read: its type. For the log: it names no groups. */
  readonly unreadGroups?: string;
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
    ...groupsOf(claims[names.groups]),
    issuedAt: iat * 1000,
    ...(typeof authTime === 'number' ? { authenticatedAt: authTime * 1000 } : {}),
    ...(Array.isArray(claims['amr']) ? { amr: textList(claims['amr'] as unknown[]) } : {}),
    ...(isText(acr, 255) ? { acr } : {}),
  };
  return facts as Identity;
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= max;
}

const textList = (value: readonly unknown[]): readonly string[] =>
  value.filter((item) => isText(item, 255)).slice(0, groupLimit);

/**
 * The groups that a claim names: a list of texts, one text (one group, and never several: AD FS writes a single group so), or the keys
 * of an object (Zitadel's roles). Anything else names none: it can only take rights away.
 */
function groupsOf(value: unknown): Pick<IdentityFacts, 'groups' | 'unreadGroups'> {
  if (value === undefined || value === null) return { groups: [] };
  if (Array.isArray(value)) return { groups: textList(value) };
  if (typeof value === 'string') return { groups: textList([value]) };
  if (typeof value === 'object') return { groups: textList(Object.keys(value)) };
  return { groups: [], unreadGroups: typeof value };
}

/**
 * Whether a token says that there are groups, and that they are too many to be in it (Microsoft Entra, "groups overage claim"; OpenID
 * Connect Core 1.0 section 5.6.2, distributed claims). Taken for no group at all, it would refuse exactly those who are in most.
 */
export function isGroupsOverage(claims: Readonly<Record<string, unknown>>, name: string): boolean {
  const { _claim_names: elsewhere, hasgroups: has } = claims;
  if (claims[name] !== undefined) return false;
  return has === true || has === 'true' || (typeof elsewhere === 'object' && elsewhere !== null && name in elsewhere);
}

/** What a refreshed token says: of the same person, and of nothing else that it leaves out (OpenID Connect Core 1.0 section 12.2). */
export interface Vouched extends SamePerson {
  readonly claim: string | undefined;
  readonly groups: readonly string[] | undefined;
}

/** Rule 4. @returns undefined when it does not even say whom it is about. */
export function vouchedOf(claims: Readonly<Record<string, unknown>>, names: ClaimNames): Vouched | undefined {
  const { iss, sub } = claims;
  const claim = claims[names.login];
  if (!isText(iss, 2048) || !isText(sub, subjectLimit)) return undefined;
  const { groups, unreadGroups } = groupsOf(claims[names.groups]);
  const isSaid = claims[names.groups] !== undefined && unreadGroups === undefined;
  return {
    ...{ issuer: iss, subject: sub },
    claim: isText(claim, claimLimit) ? claim : undefined,
    groups: isSaid ? groups : undefined,
  };
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

/**
 * A claim without case in its domain (RFC 5321 section 2.4); the local part is the other host's to compare. ASCII letters alone: of
 * others some become a letter that they only look like (the Kelvin sign).
 */
function folded(claim: string): string {
  const at = claim.lastIndexOf('@');
  return at < 0 ? claim : claim.slice(0, at) + lower(claim.slice(at));
}

/** Whether two values of a claim name one person. */
export const isSameClaim = (one: string, other: string): boolean => folded(one) === folded(other);

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Every login that an identity maps to: no rule, no login; a table may name one person several times. */
export function loginsOf(claim: string, rule: LoginRule): readonly string[] {
  if ('map' in rule) return Object.keys(rule.map).filter((login) => isSameClaim(String(rule.map[login]), claim));
  if (rule.stripDomain === undefined) return [claim];
  const suffix = lower(`@${rule.stripDomain}`);
  const local = folded(claim).endsWith(suffix) ? claim.slice(0, -suffix.length) : '';
  // What has an @ of its own is no local part (RFC 5321 section 4.1.2), and would be another domain's login.
  return local === '' || local.includes('@') ? [] : [local];
}

/** Rule 2: whether this identity may act as this login. */
export function mapsTo(claim: string, login: string, rule: LoginRule): boolean {
  return loginsOf(claim, rule).includes(login);
}
