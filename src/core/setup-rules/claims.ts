// What a real ID token of the provider carries, and which of its claims `init` proposes for the policy.
//
// 1. A proposal is only that: a person reads it before it is written. The claim of the login is one that names a person and that nobody
//    can take over: a verified address of mail, then a user name (docs/design.md, "Sign-in").
import { isLogin } from '../ids.ts';
import { isGroupsOverage, loginsOf, type LoginRule } from '../identity.ts';
import { asciiJson, sanitizeLine } from '../text.ts';

type Claims = Readonly<Record<string, unknown>>;

/** What is proposed, by what one token carries. */
export interface Proposal {
  readonly login: LoginRule;
  /** The login that whoever signed in would have by it. */
  readonly own: string | undefined;
  /** The claim with the groups; undefined where the token has none. */
  readonly groups: string | undefined;
  /** The groups of whoever signed in. */
  readonly ownGroups: readonly string[];
  /** The provider left the groups out because there are too many. */
  readonly isOverage: boolean;
}

const text = (value: unknown): string => (typeof value === 'string' && value.length <= 320 ? value : '');

/** The claims that name a person, the best first. */
const personal = ['preferred_username', 'upn', 'unique_name', 'nickname', 'username'];

/** The proposal for the claims of a verified token (rule 1). */
export function proposeClaims(claims: Claims): Proposal {
  const login = loginRule(claims);
  const [own] = loginsOf(text(claims[login.claim]), login).filter(isLogin);
  const groups = groupsClaim(claims);
  return {
    ...{ login, own, groups, ownGroups: groups === undefined ? [] : namesIn(claims[groups]) },
    isOverage: isGroupsOverage(claims, 'groups'),
  };
}

function loginRule(claims: Claims): LoginRule {
  const isVerified = claims['email_verified'] === true || claims['email_verified'] === 'true';
  const names = isVerified ? ['email', ...personal] : personal;
  for (const claim of names) {
    const value = text(claims[claim]);
    const [local, domain, ...more] = value.split('@');
    if (!isLogin(String(local)) || more.length > 0) continue;
    return domain === undefined ? { claim } : { claim, stripDomain: domain.toLowerCase() };
  }
  return { claim: 'sub' };
}

/** Claims of lists that are not groups (OpenID Connect Core 1.0 section 2; RFC 8176). */
const other = new Set(['aud', 'amr', 'scope', 'scp', 'address', '_claim_names', '_claim_sources']);

/** Names that a claim of groups has, the best first. */
const groupNames = [/^groups$/i, /groups?$/i, /^roles?$/i, /roles?$/i];

function groupsClaim(claims: Claims): string | undefined {
  const lists = Object.keys(claims).filter((name) => !other.has(name) && namesIn(claims[name]).length > 0);
  for (const form of groupNames) {
    const name = lists.find((one) => form.test(one));
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The groups in a claim, as core/identity.ts reads it. */
function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** The claims as rows for a person: name and value, filtered and cut (law 9). */
export function claimRows(claims: Claims): readonly (readonly [name: string, value: string])[] {
  return Object.entries(claims).map(([name, value]) => [
    sanitizeLine(name, 60),
    sanitizeLine(typeof value === 'string' ? value : asciiJson(value ?? null), 100),
  ]);
}
