// Identities: who somebody is, as a verified ID token says (law 2).
//
// 1. An Identity is made from verified claims alone: `identityOf` is the only constructor, and only adapters/oidc calls it, after it
//    checked signature, iss, aud, exp and iat. Attack: claiming an identity by login, key or environment.
// 2. An identity may act for a login only where a rule that root owns maps its claim to that login (`mapsTo`). Attack: a device code
//    relayed to somebody else (RFC 8628 section 5.4) signs in as *them*, never as the login that asked.
// 3. Two identities are the same when issuer and subject are; names and mail addresses can be renamed or reused (OpenID Connect Core
//    1.0 section 5.7).
// 4. A claim that a refreshed token leaves out is unknown and refuses nobody; a wrong claim, or one that is missing at a sign-in,
//    refuses. Accident: a provider that leaves a claim out of its refreshed tokens would disconnect everybody.
// 5. A group that the policy names for a value (`group_names`) is given by that value alone, never by a group that has the name itself.
//    Attack: somebody who may make groups at the provider makes one that is called like the policy's.

declare const verified: unique symbol;

/** What a verified ID token says about a person. */
export interface IdentityFacts {
  readonly issuer: string;
  readonly subject: string;
  /** The value of the claim that the policy maps to logins, as the provider gave it. */
  readonly claim: string;
  readonly groups: readonly string[];
  /** The type of a groups claim that cannot be read (a number, say), for the log; such a claim gives no groups. */
  readonly unreadGroups?: string;
  /** Whether there is no groups claim at all. Some providers leave it out for a person without groups. */
  readonly lacksGroups?: true;
  /** When the ID token was issued: instant, milliseconds. */
  readonly issuedAt: number;
  /** When the person authenticated, if the provider said so (`auth_time`): instant, milliseconds. */
  readonly authenticatedAt?: number;
  readonly amr?: readonly string[];
  readonly acr?: string;
}

/** Facts that come from a verified ID token; only `identityOf` makes one (rule 1). */
export type Identity = IdentityFacts & { readonly [verified]: true };

/** The names of the claims that the policy reads. */
export interface ClaimNames {
  readonly login: string;
  readonly groups: string;
  /** What the policy calls a group, to the value that the claim has for it (a GUID, say). */
  readonly groupNames?: Readonly<Record<string, string>>;
}

/** The groups of a person by the value of their login claim, as a file of root's lists them. It takes the place of the groups claim. */
export type GroupList = (claim: string) => readonly string[];

const subjectLimit = 255; // OpenID Connect Core 1.0 section 2: sub MUST NOT exceed 255 ASCII characters
const claimLimit = 320;
const groupLimit = 500;

type Claims = Readonly<Record<string, unknown>>;

/**
 * Makes an identity from the claims of a verified ID token.
 * @param listed says the groups in place of the groups claim.
 * @returns undefined when iss, sub, iat or the login claim is missing, too long or of a wrong type.
 */
export function identityOf(claims: Claims, names: ClaimNames, listed?: GroupList): Identity | undefined {
  const { iss, sub, iat, auth_time: authTime, acr } = claims;
  const claim = claims[names.login];
  if (!isText(iss, 2048) || !isText(sub, subjectLimit) || !isText(claim, claimLimit)) return undefined;
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return undefined;
  const facts: IdentityFacts = {
    issuer: iss,
    subject: sub,
    claim,
    ...(listed === undefined ? groupsOf(claims[names.groups], names) : { groups: listed(claim) }),
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
 * The groups that a claim names: a list of strings, one string (one group, as AD FS writes it, never a list to split), or the keys of
 * an object (Zitadel's roles). Anything else gives no groups, which can only take rights away.
 */
function groupsOf(value: unknown, names: ClaimNames): Pick<IdentityFacts, 'groups' | 'unreadGroups' | 'lacksGroups'> {
  if (value === undefined || value === null) return { groups: [], lacksGroups: true };
  if (Array.isArray(value)) return { groups: named(textList(value), names) };
  if (typeof value === 'string') return { groups: named(textList([value]), names) };
  if (typeof value === 'object') return { groups: named(textList(Object.keys(value)), names) };
  return { groups: [], unreadGroups: typeof value };
}

/** The groups by the names that the policy gives them (rule 5). A value without a name stays as it is. */
function named(values: readonly string[], { groupNames = {} }: ClaimNames): readonly string[] {
  const pairs = Object.entries(groupNames);
  if (pairs.length === 0) return values;
  return values.flatMap((value) => {
    const given = pairs.filter(([, one]) => one === value).map(([name]) => name);
    return given.length > 0 || Object.hasOwn(groupNames, value) ? given : [value];
  });
}

/**
 * Whether a token says that the person's groups are too many to be in it (Microsoft Entra, "groups overage claim"; OpenID Connect Core
 * 1.0 section 5.6.2, distributed claims). Read as "no groups", it would refuse exactly the people with the most groups.
 */
export function isGroupsOverage(claims: Claims, name: string): boolean {
  const { _claim_names: elsewhere, hasgroups: has } = claims;
  if (claims[name] !== undefined) return false;
  // `hasgroups` is about the claim `groups`; somebody without app roles (`roles`) has it as well.
  if (name === 'groups' && (has === true || has === 'true')) return true;
  return typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, name);
}

/**
 * The first claim that does not have the value that the policy requires (Google's `hd`, Entra's `tid`); undefined when all have.
 * @param mayLack whether a claim may be left out, as in a refreshed token (rule 4).
 */
export function foreignClaim(
  claims: Claims,
  required: Readonly<Record<string, string>>,
  mayLack: boolean,
): string | undefined {
  return Object.keys(required).find(
    (name) => claims[name] !== required[name] && !(mayLack && claims[name] === undefined),
  );
}

/** What a refreshed ID token says; undefined fields were left out of it (OpenID Connect Core 1.0 section 12.2). */
export interface Vouched extends SamePerson {
  readonly claim: string | undefined;
  readonly groups: readonly string[] | undefined;
}

/** Reads the claims of a refreshed, verified ID token (rule 4). @returns undefined when iss or sub is missing */
export function vouchedOf(claims: Claims, names: ClaimNames): Vouched | undefined {
  const { iss, sub } = claims;
  const claim = claims[names.login];
  if (!isText(iss, 2048) || !isText(sub, subjectLimit)) return undefined;
  const { groups, unreadGroups } = groupsOf(claims[names.groups], names);
  const isSaid = claims[names.groups] !== undefined && unreadGroups === undefined;
  return {
    ...{ issuer: iss, subject: sub },
    claim: isText(claim, claimLimit) ? claim : undefined,
    groups: isSaid ? groups : undefined,
  };
}

/** What identifies a person (rule 3). */
export interface SamePerson {
  readonly issuer: string;
  readonly subject: string;
}

/** Whether two identities are the same person (rule 3). */
export function isSamePerson(a: SamePerson, b: SamePerson): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}

/**
 * Whether a request or a connection is this person's own, by subject or by login: then they neither review nor follow it (law 3).
 * @param login whose it is
 * @param owner whom that login belongs to; undefined where it is not known (break-glass proves no identity)
 */
export function isOwn(
  who: SamePerson & { readonly login: string },
  login: string,
  owner: SamePerson | undefined,
): boolean {
  return who.login === login || (owner !== undefined && isSamePerson(who, owner));
}

/** How a claim maps to a login: its value is the login, without `@stripDomain`; or a table of login to claim value. */
export type LoginRule =
  | { readonly claim: string; readonly stripDomain?: string }
  | { readonly claim: string; readonly map: Readonly<Record<string, string>> };

/**
 * A claim with its domain in lower case; the local part may be case-sensitive (RFC 5321 section 2.4). Only ASCII letters are changed:
 * lower case of some others is a letter that they only look like (the Kelvin sign becomes k).
 */
export function foldedClaim(claim: string): string {
  const at = claim.lastIndexOf('@');
  return at < 0 ? claim : claim.slice(0, at) + lower(claim.slice(at));
}

/** Whether two values of the login claim name the same person: equal but for the case of the domain. */
export const isSameClaim = (one: string, other: string): boolean => foldedClaim(one) === foldedClaim(other);

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Every login that a claim maps to. Empty when none; more than one when the table names a person several times. */
export function loginsOf(claim: string, rule: LoginRule): readonly string[] {
  if ('map' in rule) return Object.keys(rule.map).filter((login) => isSameClaim(String(rule.map[login]), claim));
  if (rule.stripDomain === undefined) return [claim];
  const suffix = lower(`@${rule.stripDomain}`);
  const local = foldedClaim(claim).endsWith(suffix) ? claim.slice(0, -suffix.length) : '';
  // What still has an @ is not a local part (RFC 5321 section 4.1.2), and would be taken for a login of another domain.
  return local === '' || local.includes('@') ? [] : [local];
}

/** Whether an identity with this claim may act as this login (rule 2). */
export function mapsTo(claim: string, login: string, rule: LoginRule): boolean {
  return loginsOf(claim, rule).includes(login);
}
