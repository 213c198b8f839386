// Who is on call: a source of the policy (a rota, a program, a URL) names people who may review, besides the approver groups.
//
// 1. A source gives words: logins, or values of the login claim. A word is compared with a person's verified claim alone (law 2).
//    Attack: a login that was only claimed, or that somebody with another identity uses.
// 2. A word names at most one person: a word that is a login of the table is not compared as a claim, and a claim that maps to no login
//    matches nothing. Attack: an identity of another domain whose claim is spelt like the login of somebody on call.
// 3. A source that does not answer names nobody (law 1).
import { isSameClaim, loginsOf, mapsTo, type LoginRule } from './identity.ts';
import { isLogin } from './ids.ts';
import type { SessionPolicy } from './policy-types.ts';
import type { Shift } from './shift.ts';

/** The people whom a rota names at an instant (ms). */
export function onTurn(shifts: readonly Shift[], now: number): readonly string[] {
  return shifts.filter((turn) => holds(turn, now)).flatMap(({ people }) => people);
}

function holds({ from, until, everyMs }: Shift, now: number): boolean {
  if (now < from) return false;
  return everyMs === undefined ? now < until : (now - from) % everyMs < until - from;
}

/** The answers of the on-call sources at one moment. */
export interface Duty {
  /** Name of a source to the words that it gave; a source that did not answer is missing (rule 3). */
  readonly named: ReadonlyMap<string, readonly string[]>;
  readonly rule: LoginRule;
}

/** Groups and login claim of a verified identity that wants to review. */
export interface Reviewer {
  readonly groups: readonly string[];
  readonly claim: string;
}

/** The first of these sources that names the person with this claim; undefined when none does. */
export function namedBy(sources: readonly string[], claim: string, { named, rule }: Duty): string | undefined {
  return sources.find((source) => (named.get(source) ?? []).some((word) => isMeant(word, claim, rule)));
}

/** Whether a word of a source means the person with this claim (rules 1 and 2). */
function isMeant(word: string, claim: string, rule: LoginRule): boolean {
  if (isLogin(word) && mapsTo(claim, word, rule)) return true;
  const isKnownLogin = 'map' in rule && Object.hasOwn(rule.map, word);
  return isSameClaim(word, claim) && !isKnownLogin && loginsOf(claim, rule).length > 0;
}

/** A key of the policy that names people: members of groups, and whom sources name. */
export interface Naming {
  readonly groups: readonly string[];
  readonly onCall?: readonly string[];
}

const rulesOf = (key: string, { groups, onCall = [] }: Naming): readonly string[] => [
  ...groups.map((group) => `${key}.groups: ${group}`),
  ...onCall.map((source) => `${key}.on_call: ${source}`),
];

const approversKey = ({ name }: SessionPolicy): string => `sessions.${name}.approvers`;

/** Every rule by which somebody may review for a session, as text that names the policy's key. */
export function reviewRules(policy: SessionPolicy): readonly string[] {
  return rulesOf(approversKey(policy), policy.approvers);
}

/** The rules by which a key of the policy names this person; empty when it does not. @param key for the text of the rules */
export function rulesNaming(
  key: string,
  { groups, onCall = [] }: Naming,
  who: Reviewer,
  duty: Duty,
): readonly string[] {
  const theirs = groups.filter((one) => who.groups.includes(one));
  const named = onCall.filter((one) => namedBy([one], who.claim, duty) !== undefined);
  return rulesOf(key, { groups: theirs, onCall: named });
}

/** The rules by which this person may review; empty when they may not. */
export function rulesFor(policy: SessionPolicy, who: Reviewer, duty: Duty): readonly string[] {
  return rulesNaming(approversKey(policy), policy.approvers, who, duty);
}

/** The first rule by which this person may review; undefined when they may not. */
export function reviewRule(policy: SessionPolicy, who: Reviewer, duty: Duty): string | undefined {
  return rulesFor(policy, who, duty)[0];
}

/** The claim value that a login (or a claim, unchanged) stands for, to ask about a person without their ID token. */
export function claimOf(word: string, rule: LoginRule): string {
  if ('map' in rule) return Object.entries(rule.map).find(([login]) => login === word)?.[1] ?? word;
  return rule.stripDomain === undefined || word.includes('@') ? word : `${word}@${rule.stripDomain}`;
}
