// Who is on call: a source of the policy (a rota, a program, a URL) names people who may review, beside the groups of the claim.
//
// 1. A source names logins, or values of the claim that names logins. Whether it names somebody is told by their verified claim
//    alone (law 2). Attack: a login that was merely told, or that another identity came with.
// 2. One word names one person: what is a login is no claim, and a claim that maps to no login is nobody's. Attack: an identity of
//    another domain whose claim is spelt like the login of somebody on call.
// 3. A source that does not answer names nobody (law 1).
import { isSameClaim, loginsOf, mapsTo, type LoginRule } from './identity.ts';
import { isLogin } from './ids.ts';
import type { SessionPolicy } from './policy-types.ts';
import type { Shift } from './shift.ts';
import { sanitizeLine } from './text.ts';

/** Whom a rota names at an instant. */
export function onTurn(shifts: readonly Shift[], now: number): readonly string[] {
  return shifts.filter((turn) => holds(turn, now)).flatMap(({ people }) => people);
}

function holds({ from, until, everyMs }: Shift, now: number): boolean {
  if (now < from) return false;
  return everyMs === undefined ? now < until : (now - from) % everyMs < until - from;
}

/** What the sources said at one moment. */
export interface Duty {
  /** Source to the words it gave; one that did not answer is not there. */
  readonly named: ReadonlyMap<string, readonly string[]>;
  readonly rule: LoginRule;
}

/** Somebody who wants to decide, as a verified identity tells it. */
export interface Reviewer {
  readonly groups: readonly string[];
  readonly claim: string;
}

/** The first of these sources that names the person. */
export function namedBy(sources: readonly string[], claim: string, { named, rule }: Duty): string | undefined {
  return sources.find((source) => (named.get(source) ?? []).some((word) => isMeant(word, claim, rule)));
}

/** Rules 1 and 2. */
function isMeant(word: string, claim: string, rule: LoginRule): boolean {
  if (isLogin(word) && mapsTo(claim, word, rule)) return true;
  const isKnownLogin = 'map' in rule && Object.hasOwn(rule.map, word);
  return isSameClaim(word, claim) && !isKnownLogin && loginsOf(claim, rule).length > 0;
}

const groupRule = ({ name }: SessionPolicy, group: string): string => `sessions.${name}.approvers.groups: ${group}`;
const sourceRule = ({ name }: SessionPolicy, source: string): string => `sessions.${name}.approvers.on_call: ${source}`;

/** The rules of the policy by which anybody may review. */
export function reviewRules(policy: SessionPolicy): readonly string[] {
  const { groups, onCall = [] } = policy.approvers;
  return [...groups.map((one) => groupRule(policy, one)), ...onCall.map((one) => sourceRule(policy, one))];
}

/** Those of them that let somebody review. */
export function rulesFor(policy: SessionPolicy, who: Reviewer, duty: Duty): readonly string[] {
  const { groups, onCall = [] } = policy.approvers;
  const theirs = groups.filter((one) => who.groups.includes(one));
  const named = onCall.filter((one) => namedBy([one], who.claim, duty) !== undefined);
  return [...theirs.map((one) => groupRule(policy, one)), ...named.map((one) => sourceRule(policy, one))];
}

/** The first of them; undefined when none lets them. */
export function reviewRule(policy: SessionPolicy, who: Reviewer, duty: Duty): string | undefined {
  return rulesFor(policy, who, duty)[0];
}

/** The claim by which a login of the policy is known, for asking about a person who is not there. */
export function claimOf(word: string, rule: LoginRule): string {
  if ('map' in rule) return Object.entries(rule.map).find(([login]) => login === word)?.[1] ?? word;
  return rule.stripDomain === undefined || word.includes('@') ? word : `${word}@${rule.stripDomain}`;
}

const mostShown = 6;

/** Who may review, in words for a screen: `oncall, or on call by primary (bob, carol)`. What a source said is filtered (law 9). */
export function approversSaid({ approvers }: SessionPolicy, { named }: Pick<Duty, 'named'>): string {
  const sources = (approvers.onCall ?? []).map((source) => `${source} (${peopleSaid(named.get(source) ?? [])})`);
  const byGroup = approvers.groups.length === 0 ? [] : [approvers.groups.join(', ')];
  return [...byGroup, ...(sources.length === 0 ? [] : [`on call by ${sources.join(', ')}`])].join(', or ');
}

function peopleSaid(people: readonly string[]): string {
  const shown = people.slice(0, mostShown).map((word) => sanitizeLine(word, 64));
  const more = people.length - shown.length;
  return shown.length === 0 ? 'nobody now' : [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
