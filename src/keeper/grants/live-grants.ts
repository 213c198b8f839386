// The live grants of this host, with a deadline for each: the keeper's own deadline is the second of law 4's three enforcers.
//
// 1. Each grant has its own end. A person's access to a session ends with their latest grant.
// 2. A deadline is kept on two clocks and checked every few seconds (core/deadline.ts). A keeper that starts is told how far the boot clock
//    may go (snapshot.ts). Attack: the wall clock is set back while no keeper runs.
// 3. What ended does not come back: an id that was removed is not added again. Accident: a read of Redis that began earlier returns it.
// 4. A grant whose session runs on other terms than were approved (core/terms.ts) keeps no connection and no session, while the policy says so.
//    Attack: after a reload gave a session more rights, a short new grant is lengthened by a long one that was approved for less.
import { deadlineAt, nap, timeLeft, type Clocks, type Deadline } from '../../core/deadline.ts';
import { effectiveEnd, latest, type Grant, type GrantScope, type LiveGrant } from '../../core/grant.ts';
import { isSamePerson, type SamePerson } from '../../core/identity.ts';
import type { Owner } from '../sessions/session-key.ts';

/** A grant that has ended, and why. */
export interface EndOfGrant {
  readonly live: LiveGrant;
  readonly why: 'expired' | 'revoked' | 'withdrawn';
  /** What the person reads; empty when the window has ended. */
  readonly says: string;
}

/** Live grants, their deadlines, and who is told of them. */
export interface LiveGrants {
  /**
   * Starts the deadline of a grant; does nothing for a known or ended id.
   * @param boot what the boot clock shows at its end (ms), if an earlier keeper noted it: the earlier end counts.
   */
  add(live: LiveGrant, boot?: number): void;
  /** Ends a grant before its time. */
  remove(id: string, why: 'revoked' | 'withdrawn', says: string): void;
  find(id: string): LiveGrant | undefined;
  all(): readonly LiveGrant[];
  /** Its end on both clocks. */
  deadlineOf(id: string): Deadline | undefined;
  /** The grant of this person in this scope that ends last, of those that fit and are on the terms of now (rule 4). */
  latestFor(who: SamePerson, scope: GrantScope, fits?: (live: LiveGrant) => boolean): LiveGrant | undefined;
  /** Whether any grant keeps this session open (rule 4); of a dedicated session, any grant of its owner. */
  keeps(session: string, owner?: Owner): boolean;
  /** Calls `hear` at each end, in the same turn of the event loop. */
  onEnd(hear: (end: EndOfGrant) => void): void;
  /** Calls `hear` for each new grant. */
  onAdd(hear: (live: LiveGrant) => void): void;
  /** Stops the deadlines. */
  close(): void;
}

interface Entry {
  readonly live: LiveGrant;
  readonly deadline: Deadline;
  timer: NodeJS.Timeout;
}

/**
 * No live grants yet.
 * @param clocks reads the wall clock and the boot clock.
 * @param onTerms whether a grant's session runs on the terms that were approved.
 */
export function openLiveGrants(clocks: () => Clocks, onTerms: (grant: Grant) => boolean = () => true): LiveGrants {
  const entries = new Map<string, Entry>();
  const over = new Map<string, number>();
  const hearingEnds: ((end: EndOfGrant) => void)[] = [];
  const hearingAdds: ((live: LiveGrant) => void)[] = [];
  const drop = (id: string, why: EndOfGrant['why'], says: string): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    entries.delete(id);
    forgetOld(over, clocks().wall);
    over.set(id, entry.live.grant.end);
    hearingEnds.forEach((hear) => hear({ live: entry.live, why, says }));
  };
  const add = (live: LiveGrant, boot = Infinity): void => {
    const { id } = live.grant;
    if (entries.has(id) || over.has(id)) return;
    const own = deadlineAt(effectiveEnd(live), clocks());
    const deadline = { ...own, boot: Math.min(own.boot, boot) };
    const look = (): void => {
      const left = timeLeft(deadline, clocks());
      if (left <= 0) drop(id, 'expired', '');
      else entry.timer = setTimeout(look, nap(left));
    };
    const entry: Entry = { live, deadline, timer: setTimeout(look, nap(timeLeft(deadline, clocks()))) };
    entries.set(id, entry);
    hearingAdds.forEach((hear) => hear(live));
  };
  const all = (): LiveGrant[] => [...entries.values()].map((entry) => entry.live);
  return {
    add,
    remove: drop,
    find: (id) => entries.get(id)?.live,
    all,
    deadlineOf: (id) => entries.get(id)?.deadline,
    latestFor: (who, scope, fits = () => true) =>
      latest(all().filter((live) => isFor(live, who, scope) && onTerms(live.grant) && fits(live))),
    keeps: (session, owner) =>
      all().some(
        ({ grant }) => grant.session === session && onTerms(grant) && (owner === undefined || isOf(grant, owner)),
      ),
    onEnd: (hear) => hearingEnds.push(hear),
    onAdd: (hear) => hearingAdds.push(hear),
    close: () => entries.forEach((entry) => clearTimeout(entry.timer)),
  };
}

function isFor({ grant }: LiveGrant, who: SamePerson, scope: GrantScope): boolean {
  return grant.host === scope.host && grant.session === scope.session && isOf(grant, { ...who, login: scope.login });
}

function isOf({ who }: LiveGrant['grant'], owner: Owner): boolean {
  return who.login === owner.login && isSamePerson(who, owner);
}

/** An id must be remembered only until its own end: after that, its signature refuses. */
function forgetOld(over: Map<string, number>, now: number): void {
  for (const [id, end] of over) if (end < now) over.delete(id);
}
