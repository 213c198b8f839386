// What the journal says of the accesses of a period, by session and person, for an access review.
//
// 1. Nothing is collected of a session that was not asked for. Attack: an approver of one session reads who was in another.
// 2. An access counts in each period that any of its time is in, and its time is cut at the ends of the period. Accident: somebody who
//    attaches before a quarter begins is in no listing of that quarter.
// 3. Of what came after the period, only what says how things are today counts: sign-ins, reviews of break-glass, the policy. So the listing
//    of a period that is over stays the same until one of these changes. Attack: an access of today hides that a right was not used.
import { breakGlassPerson, isBreakGlass } from '../break-glass.ts';
import { textOf, type Entry } from '../journal-entry.ts';
import type { Person } from '../request.ts';
import type { Access, Collected, GlassUse, Known, Loss, PolicyChange, SignOff } from './facts.ts';

interface Open extends Pick<Access, 'who'> {
  readonly session: string;
  readonly from: number;
  readonly by: readonly string[];
  readonly isViewer: boolean;
}

const said = (entry: unknown, name: string): string => textOf(entry, name) ?? '';

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const personOf = (value: unknown): Person => ({
  ...{ issuer: said(value, 'issuer'), subject: said(value, 'subject') },
  ...{ login: said(value, 'login'), claim: said(value, 'claim') },
});

/** The key of a person; without a login, of the identity alone. */
export const personKey = ({ issuer, subject }: Pick<Person, 'issuer' | 'subject'>, login = ''): string =>
  JSON.stringify([issuer, subject, login]);

/** When it happened; `happened` stands where a record was written later. */
function timeOf(entry: Entry): number {
  const later = textOf(entry, 'happened');
  return Date.parse(later === undefined ? said(entry, 'at') : later.replace(' UTC', 'Z'));
}

/** Takes the records of a journal in their order. */
export class Accesses {
  readonly people = new Map<string, Known>();
  readonly uses = new Map<string, GlassUse>();
  readonly signOffs: SignOff[] = [];
  readonly policies: PolicyChange[] = [];
  readonly losses: Loss[] = [];
  /** When the journal begins. */
  began: number | undefined;
  readonly #collected: Collected;
  readonly #bySession = new Map<string, Map<string, Access>>();
  readonly #open = new Map<string, Open>();

  constructor(collected: Collected) {
    this.#collected = collected;
  }

  /** The sessions that anything was collected of. */
  sessions(): readonly string[] {
    return [...this.#bySession.keys()];
  }

  /** What each person had of a session, also before the period. */
  of(session: string): readonly Access[] {
    return [...(this.#bySession.get(session)?.values() ?? [])];
  }

  /** Ends what is still attached. @param now instant, ms */
  end(now: number): void {
    for (const open of this.#open.values()) this.#attached(open, now);
    this.#open.clear();
  }

  /** Takes one record; one without a readable time is left out, and the chain names it. */
  take(entry: Entry): void {
    const at = timeOf(entry);
    if (Number.isNaN(at)) return;
    this.began ??= at;
    this.#takeOfHost(entry, at);
    if (this.#concerns(said(entry, 'session'))) this.#takeOfSession(entry, at);
  }

  /** Records that are not of one session. */
  #takeOfHost(entry: Entry, at: number): void {
    switch (entry['event']) {
      case 'policy':
        if (entry['part'] === 1 && this.policies.at(-1)?.sha256 !== said(entry, 'sha256'))
          this.policies.push({ at, sha256: said(entry, 'sha256') });
        break;
      case 'sign-in':
      case 'proved-anew':
        this.#signedIn(entry, at);
        break;
      case 'identity-gone':
        this.#gone(personOf(entry));
        break;
      case 'opened':
        if (textOf(entry['accepted'], 'by') !== undefined && this.#isIn(at))
          this.losses.push({ at, by: said(entry['accepted'], 'by'), reason: said(entry['accepted'], 'reason') });
        break;
      case 'act-failed':
        this.#reviewed(said(entry, 'grant'), false);
        break;
      case 'disconnected':
        this.#disconnected(said(entry, 'connection'), at);
        break;
      default:
    }
  }

  /** Rule 1. */
  #takeOfSession(entry: Entry, at: number): void {
    switch (entry['event']) {
      case 'granted':
        if (this.#isIn(at)) this.#granted(entry);
        break;
      case 'break-glass':
      case 'break-glass-unfinished':
        if (this.#isIn(at)) this.#used(entry, at);
        break;
      case 'break-glass-reviewed':
        this.#reviewed(said(entry, 'grant'), true);
        break;
      case 'connected':
        this.#connected(entry, at);
        break;
      case 'access-reviewed':
        this.#signedOff(entry, at);
        break;
      default:
    }
  }

  #isIn(at: number): boolean {
    return at >= this.#collected.period.from && at < this.#collected.period.to;
  }

  #concerns(session: string): boolean {
    return session !== '' && this.#collected.sessions?.includes(session) !== false;
  }

  #signedIn(entry: Entry, at: number): void {
    const who = { ...personOf(entry['identity']), login: said(entry, 'login') };
    const key = personKey(who, who.login);
    const groups = listed(entry['groups']).map(String);
    this.people.set(key, { ...who, groups, since: this.people.get(key)?.since ?? at, isGone: false });
  }

  #gone(who: Person): void {
    const key = personKey(who);
    for (const [of, known] of this.people)
      if (personKey(known) === key) this.people.set(of, { ...known, isGone: true });
  }

  #granted(entry: Entry): void {
    const access = this.#accessOf(said(entry, 'session'), personOf(entry['who']));
    if (entry['extends'] === undefined) access.grants += 1;
    for (const one of listed(entry['approvers'])) access.by.add(said(one, 'login'));
    const rule = textOf(entry, 'auto');
    if (rule !== undefined) access.rules.set(rule, (access.rules.get(rule) ?? 0) + 1);
  }

  #used(entry: Entry, at: number): void {
    const [grant, session, login] = [said(entry, 'grant'), said(entry, 'session'), said(entry, 'login')];
    if (this.uses.has(grant)) return;
    this.uses.set(grant, { grant, session, login, at, isReviewed: false });
    if (entry['event'] === 'break-glass')
      this.#accessOf(session, breakGlassPerson(login, said(entry, 'code'))).grants += 1;
  }

  #reviewed(grant: string, isReviewed: boolean): void {
    const use = this.uses.get(grant);
    if (use !== undefined) this.uses.set(grant, { ...use, isReviewed });
  }

  #connected(entry: Entry, from: number): void {
    const by = listed(entry['approvers']).map((one) => said(one, 'login'));
    const [session, who] = [said(entry, 'session'), personOf(entry['identity'])];
    this.#open.set(said(entry, 'connection'), { session, who, from, by, isViewer: entry['as'] === 'approver' });
  }

  #disconnected(connection: string, at: number): void {
    const open = this.#open.get(connection);
    if (open === undefined) return;
    this.#open.delete(connection);
    this.#attached(open, at);
  }

  /** Rules 2 and 3. */
  #attached({ session, who, from, by, isViewer }: Open, end: number): void {
    const { period } = this.#collected;
    if (from >= period.to) return;
    const access = this.#accessOf(session, who);
    const [start, stop] = [Math.max(from, period.from), Math.min(end, period.to)];
    access.lastBefore = Math.max(access.lastBefore ?? stop, stop);
    if (end < period.from) return;
    access.times += 1;
    access.totalMs += Math.max(0, stop - start);
    access.first = Math.min(access.first ?? start, start);
    access.last = Math.max(access.last ?? stop, stop);
    if (isViewer) access.viewed += 1;
    else for (const one of by) access.by.add(one);
  }

  #signedOff(entry: Entry, at: number): void {
    this.signOffs.push({
      ...{ session: said(entry, 'session'), from: Number(entry['from']), to: Number(entry['to']), at },
      ...{ by: personOf(entry['by']), sha256: said(entry, 'sha256'), reason: said(entry, 'reason') },
      isOwn: entry['own'] === true,
    });
  }

  #accessOf(session: string, who: Person): Access {
    const all = this.#bySession.get(session) ?? new Map<string, Access>();
    this.#bySession.set(session, all);
    const key = personKey(who, who.login);
    const known = all.get(key) ?? {
      ...{ who: isBreakGlass({ who }) ? { ...who, claim: who.issuer } : who, grants: 0, times: 0, totalMs: 0 },
      ...{ first: undefined, last: undefined, lastBefore: undefined, viewed: 0 },
      ...{ by: new Set<string>(), rules: new Map<string, number>() },
    };
    all.set(key, known);
    return known;
  }
}
