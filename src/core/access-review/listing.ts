// The listing of an access review: who may use one session, who did in a period, and who may and did not (PCI DSS 7.2.4, ISO 27001 A.5.18).
//
// 1. What needs a decision comes first: break-glass that nobody reviewed, access that no person approved, people who could not ask today.
//    Accident: the one row that matters is the hundredth.
// 2. A listing depends on nothing but the journal, the policy, the pins and the period: not on who reads it, when, or how wide their
//    screen is. So two people read the same rows, and a sign-off names them by their digest. Attack: somebody signs off other rows than
//    those that they were shown.
// 3. Groups are those of the person's newest sign-in. Of a login that nobody signed in with they are not known, and the listing says so.
//    Accident: a right that nobody has ever used is missing where rights are reviewed.
// 4. A journal that does not reach back to the period's begin is an exception. Accident: a listing without accesses, because the journal was
//    moved aside, passes for a quarter in which nobody came.
import { isSamePerson, type SamePerson } from '../identity.ts';
import { standings, type reviewed } from '../messages/access-review.ts';
import { yearBefore, type Period } from '../period.ts';
import type { Person } from '../request.ts';
import { day } from '../time.ts';
import { personKey, type Accesses } from './accesses.ts';
import type { Access, Known, PolicyChange, SignOff } from './facts.ts';

/** How long somebody may not have attached before they are listed: milliseconds before the period's end. */
export const unusedMs = 90 * day;

/** What the policy says of a session, for its review. */
export interface ReviewedSession {
  readonly name: string;
  /** The groups that may ask; none where the policy no longer has the session. */
  readonly who: readonly string[];
  /** The rules by which people approve, and how many approvals are needed. */
  readonly approvers: readonly string[];
  readonly count: number;
  /** The groups whose members may approve. */
  readonly approverGroups: readonly string[];
  /** The rules that approve without a person. */
  readonly rules: readonly string[];
}

/** A login that this host knows: whose it is by its pin; neither issuer nor subject where the policy maps it and nobody came yet. */
export interface KnownLogin extends Partial<SamePerson> {
  readonly login: string;
}

export type RowKind = keyof typeof reviewed;

/**
 * A row of a listing. Instants and durations are in milliseconds; what does not apply is undefined. Of who may ask or approve, `first` is
 * their first sign-in, and `last` when they were last attached, however long ago.
 */
export interface Row {
  readonly what: RowKind;
  readonly login?: string | undefined;
  readonly identity?: string | undefined;
  /** By whom, by which group or rule, or the digest of a policy. */
  readonly by?: string | undefined;
  readonly grants?: number | undefined;
  readonly times?: number | undefined;
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  readonly totalMs?: number | undefined;
  readonly note?: string | undefined;
}

/** What a listing is made of. */
export interface Review {
  readonly found: Accesses;
  readonly period: Period;
  readonly now: number;
  readonly logins: readonly KnownLogin[];
}

/** All rows of a session, in their order (rule 1). */
export function rowsOf(review: Review, session: ReviewedSession): readonly Row[] {
  const accesses = review.found.of(session.name).toSorted((one, other) => byName(one.who, other.who));
  return [
    ...unknownBefore(review),
    ...review.found.losses.map(({ at, by, reason }) =>
      exception({ login: by, first: at, note: standings.lost(reason) }),
    ),
    ...unreviewedGlass(review, session),
    ...accesses.flatMap(autoApproved),
    ...accesses.flatMap((access) => mayNoMore(review, session, access)),
    ...accesses.filter(({ grants, times }) => grants > 0 || times > 0).map(accessRow),
    ...mayAsk(review, session),
    ...approvers(review, session),
    ...session.who.map((by): Row => ({ what: 'may-ask', by })),
    ...session.approvers.map((by): Row => ({ what: 'may-approve', by, note: standings.needed(session.count) })),
    ...session.rules.map((by): Row => ({ what: 'approves-alone', by })),
    ...policiesIn(review).map(({ at, sha256 }): Row => ({ what: 'policy', by: sha256, first: at })),
  ];
}

const byName = (one: Person, other: Person): number =>
  JSON.stringify([one.login, one.claim, one.subject]) < JSON.stringify([other.login, other.claim, other.subject])
    ? -1
    : 1;

const exception = (row: Omit<Row, 'what'>): Row => ({ what: 'exception', ...row });

/** Where the journal begins within the period or after it: what was before is in no listing. */
function unknownBefore({ found: { began }, period }: Review): readonly Row[] {
  return began === undefined || began <= period.from ? [] : [exception({ first: began, note: standings.begins })];
}

function unreviewedGlass({ found }: Review, { name }: ReviewedSession): readonly Row[] {
  return [...found.uses.values()]
    .filter(({ session, isReviewed }) => session === name && !isReviewed)
    .map(({ login, grant, at }) => exception({ login, by: grant, first: at, note: standings.glassUnreviewed }));
}

function autoApproved({ who, rules }: Access): readonly Row[] {
  return [...rules].map(([by, grants]) =>
    exception({ login: who.login, identity: who.claim, by, grants, note: standings.auto }),
  );
}

/** Whoever had access in the period by asking for it, and could not ask today. Break-glass is for every login. */
function mayNoMore(review: Review, session: ReviewedSession, access: Access): readonly Row[] {
  const { who, grants, times, viewed, by } = access;
  if (isGlass(who) || (grants === 0 && times === viewed)) return [];
  const { why } = standingOf(review, session.who, review.found.people.get(personKey(who, who.login)));
  return why === undefined
    ? []
    : [exception({ login: who.login, identity: who.claim, by: names(by), grants, note: why })];
}

const isGlass = ({ issuer, claim }: Person): boolean => issuer === claim;

const names = (of: ReadonlySet<string>): string => [...of].sort().join(' ');

function accessRow({ who, grants, times, first, last, totalMs, by, rules, viewed }: Access): Row {
  const notes = [
    ...(isGlass(who) ? [standings.glass] : []),
    ...[...rules].map(([rule, count]) => standings.byRule(rule, count)),
    ...(viewed > 0 ? [standings.viewed(viewed)] : []),
    ...(times === 0 ? [standings.neverAttached] : []),
  ];
  const person = { login: who.login, identity: who.claim, by: names(by) };
  return { what: 'access', ...person, grants, times, first, last, totalMs, note: notes.join('; ') };
}

interface Standing {
  /** The group by which they may ask today. */
  readonly group?: string | undefined;
  /** Why they may not. */
  readonly why?: string | undefined;
}

/** @param who the groups that give the right */
function standingOf({ logins }: Review, who: readonly string[], person: Known | undefined): Standing {
  if (person === undefined) return { why: standings.unknown };
  if (person.isGone) return { why: standings.gone };
  if (logins.some((one) => one.login === person.login && isOther(one, person))) return { why: standings.otherPerson };
  const group = who.find((name) => person.groups.includes(name));
  return group === undefined ? { why: standings.noGroup } : { group };
}

const isOther = ({ issuer = '', subject = '' }: KnownLogin, person: SamePerson): boolean =>
  subject !== '' && !isSamePerson({ issuer, subject }, person);

/**
 * Who may ask today: first those who were not attached in the 90 days before the period's end, with the logins that nobody signed in with
 * (rule 3), and then the others.
 */
function mayAsk(review: Review, session: ReviewedSession): readonly Row[] {
  const { found, period, logins } = review;
  const last = new Map(found.of(session.name).map(({ who, lastBefore }) => [personKey(who, who.login), lastBefore]));
  const rows = knownPeople(review).flatMap((person): readonly Row[] => {
    const { group } = standingOf(review, session.who, person);
    if (group === undefined) return [];
    const seen = last.get(personKey(person, person.login));
    const what = seen !== undefined && seen >= period.to - unusedMs ? 'used' : 'unused';
    const note = seen === undefined ? standings.neverSeen : undefined;
    const { login, claim: identity, since: first } = person;
    return [{ what, login, identity, by: group, first, last: seen, note }];
  });
  const cameIn = new Set([...found.people.values()].map(({ login }) => login));
  const silent = logins.map(({ login }) => login).filter((login) => !cameIn.has(login));
  return [
    ...rows.filter(({ what }) => what === 'unused'),
    ...silent.toSorted().map((login): Row => ({ what: 'unused', login, note: standings.noSignIn })),
    ...rows.filter(({ what }) => what === 'used'),
  ];
}

const knownPeople = ({ found }: Review): readonly Known[] => [...found.people.values()].toSorted(byName);

/** Who may approve by a group, of the people who signed in here. Who is on call, only its source knows. */
function approvers(review: Review, { approverGroups }: ReviewedSession): readonly Row[] {
  return knownPeople(review).flatMap((person): readonly Row[] => {
    const { group } = standingOf(review, approverGroups, person);
    const { login, claim: identity, since: first } = person;
    return group === undefined ? [] : [{ what: 'approver', login, identity, by: group, first }];
  });
}

/** The policies in force in the period: the one that it began with, and each change. */
function policiesIn({ found: { policies }, period: { from, to } }: Review): readonly PolicyChange[] {
  return policies.filter(({ at }, index) => at < to && (policies[index + 1]?.at ?? to) > from);
}

/** Whether and by whom the listing of a session was looked at. */
export interface LookedAt {
  /** Sign-offs of the period, or of a longer one that holds it. */
  readonly by: readonly SignOff[];
  /** Periods of the year before that the journal knows of and nobody signed off, by their names. */
  readonly missing: readonly string[];
}

export function lookedAt({ found, period }: Review, session: string): LookedAt {
  const own = found.signOffs.filter((one) => one.session === session);
  const of = ({ from, to }: Period): readonly SignOff[] => own.filter((one) => one.from <= from && one.to >= to);
  const missing = yearBefore(period).filter((one) => one.to > (found.began ?? one.to) && of(one).length === 0);
  return { by: of(period), missing: missing.map(({ name }) => name) };
}

/** Whether somebody had access to a session in the period themselves, by their login or as the same person. */
export function hadAccess({ found }: Review, session: string): readonly Person[] {
  return found
    .of(session)
    .filter(({ grants, times }) => grants > 0 || times > 0)
    .map(({ who }) => who);
}

/** The columns of a listing as CSV. */
export const csvHead = [
  ...[
    'host',
    'period',
    'session',
    'what',
    'login',
    'identity',
    'by',
    'grants',
    'connections',
    'first',
    'last',
    'seconds',
  ],
  'note',
];

/** A row as cells of CSV. @param of what the listing is of: host, period and session */
export function csvCells(of: readonly string[], row: Row): readonly string[] {
  const { what, login = '', identity = '', by = '', grants = '', times = '', first, last, totalMs, note = '' } = row;
  const seconds = totalMs === undefined ? '' : String(Math.round(totalMs / 1000));
  const cells = [
    what,
    login,
    identity,
    by,
    String(grants),
    String(times),
    instant(first),
    instant(last),
    seconds,
    note,
  ];
  return [...of, ...cells];
}

const instant = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString());
