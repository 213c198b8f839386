// The live grants of this host, and when each ends: the keeper's own deadline, the second of law 4's three enforcers.
//
// 1. Each grant ends for itself; the effective end of a person in a session is that of their latest grant.
// 2. The deadline is kept on two clocks and looked at every few seconds (core/deadline.ts).
//    A keeper that starts anew is told how far the boot clock may go (snapshot.ts): the wall clock may have been set back meanwhile.
// 3. What ended does not come back: an id that was removed is not added again by a late read of Redis.
import { deadlineAt, nap, timeLeft, type Clocks, type Deadline } from '../../core/deadline.ts';
import { effectiveEnd, latest, type GrantScope, type LiveGrant } from '../../core/grant.ts';
import { isSamePerson, type SamePerson } from '../../core/identity.ts';
import type { Owner } from '../sessions/session-key.ts';

export interface EndOfGrant {
  readonly live: LiveGrant;
  readonly why: 'expired' | 'revoked' | 'withdrawn';
  /** What the person reads, for an end that is not the window's. */
  readonly says: string;
}

export interface LiveGrants {
  /** @param boot where the boot clock will stand at its end, if an earlier keeper knew: the earlier end wins. */
  add(live: LiveGrant, boot?: number): void;
  /** Ends a grant before its time. */
  remove(id: string, why: 'revoked' | 'withdrawn', says: string): void;
  find(id: string): LiveGrant | undefined;
  all(): readonly LiveGrant[];
  deadlineOf(id: string): Deadline | undefined;
  latestFor(who: SamePerson, scope: GrantScope, fits?: (live: LiveGrant) => boolean): LiveGrant | undefined;
  /** Whether any grant keeps this session open; of one that is somebody's alone, any of theirs. */
  keeps(session: string, owner?: Owner): boolean;
  onEnd(hear: (end: EndOfGrant) => void): void;
  onAdd(hear: (live: LiveGrant) => void): void;
  close(): void;
}

interface Entry {
  readonly live: LiveGrant;
  readonly deadline: Deadline;
  timer: NodeJS.Timeout;
}

export function openLiveGrants(clocks: () => Clocks): LiveGrants {
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
    latestFor: (who, scope, fits = () => true) => latest(all().filter((live) => isFor(live, who, scope) && fits(live))),
    keeps: (session, owner) =>
      all().some(({ grant }) => grant.session === session && (owner === undefined || isOf(grant, owner))),
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

/** An id need be remembered only until its own end: after that its signature refuses. */
function forgetOld(over: Map<string, number>, now: number): void {
  for (const [id, end] of over) if (end < now) over.delete(id);
}
