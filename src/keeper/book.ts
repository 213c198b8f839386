// The live grants of this host, and when each ends: the keeper's own deadline, the second of law 4's three enforcers.
//
// 1. Each grant ends for itself; the effective end of a person in a session is that of their latest grant.
// 2. The deadline is kept on two clocks and looked at every few seconds (core/deadline.ts).
// 3. What ended does not come back: an id that was removed is not added again by a late read of Redis.
import { deadlineAt, nap, timeLeft, type Clocks } from '../core/deadline.ts';
import { effectiveEnd, latest, type Door, type LiveGrant } from '../core/grant.ts';
import { isSamePerson, type SamePerson } from '../core/identity.ts';
import type { Owner } from './session-key.ts';

export interface EndOfGrant {
  readonly live: LiveGrant;
  readonly why: 'expired' | 'revoked' | 'withdrawn';
  /** What the person reads, for an end that is not the window's. */
  readonly says: string;
}

export interface Book {
  add(live: LiveGrant): void;
  /** Ends a grant before its time. */
  remove(id: string, why: 'revoked' | 'withdrawn', says: string): void;
  find(id: string): LiveGrant | undefined;
  all(): readonly LiveGrant[];
  latestFor(who: SamePerson, door: Door, fits?: (live: LiveGrant) => boolean): LiveGrant | undefined;
  /** Whether any grant keeps this session open; of one that is somebody's alone, any of theirs. */
  keeps(session: string, owner?: Owner): boolean;
  onEnd(hear: (end: EndOfGrant) => void): void;
  onAdd(hear: (live: LiveGrant) => void): void;
  close(): void;
}

interface Entry {
  readonly live: LiveGrant;
  timer: NodeJS.Timeout;
}

export function openBook(clocks: () => Clocks): Book {
  const entries = new Map<string, Entry>();
  const over = new Map<string, number>();
  let hearEnd: (end: EndOfGrant) => void = () => undefined;
  let hearAdd: (live: LiveGrant) => void = () => undefined;
  const drop = (id: string, why: EndOfGrant['why'], says: string): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    entries.delete(id);
    forgetOld(over, clocks().wall);
    over.set(id, entry.live.grant.end);
    hearEnd({ live: entry.live, why, says });
  };
  const add = (live: LiveGrant): void => {
    const { id } = live.grant;
    if (entries.has(id) || over.has(id)) return;
    const deadline = deadlineAt(effectiveEnd(live), clocks());
    const look = (): void => {
      const left = timeLeft(deadline, clocks());
      if (left <= 0) drop(id, 'expired', '');
      else entry.timer = setTimeout(look, nap(left));
    };
    const entry: Entry = { live, timer: setTimeout(look, nap(timeLeft(deadline, clocks()))) };
    entries.set(id, entry);
    hearAdd(live);
  };
  const all = (): LiveGrant[] => [...entries.values()].map((entry) => entry.live);
  return {
    add,
    remove: drop,
    find: (id) => entries.get(id)?.live,
    all,
    latestFor: (who, door, fits = () => true) => latest(all().filter((live) => isFor(live, who, door) && fits(live))),
    keeps: (session, owner) =>
      all().some(({ grant }) => grant.session === session && (owner === undefined || isOf(grant, owner))),
    onEnd: (hear) => (hearEnd = hear),
    onAdd: (hear) => (hearAdd = hear),
    close: () => entries.forEach((entry) => clearTimeout(entry.timer)),
  };
}

function isFor({ grant }: LiveGrant, who: SamePerson, door: Door): boolean {
  return grant.host === door.host && grant.session === door.session && isOf(grant, { ...who, login: door.login });
}

function isOf({ who }: LiveGrant['grant'], owner: Owner): boolean {
  return who.login === owner.login && isSamePerson(who, owner);
}

/** An id need be remembered only until its own end: after that its signature refuses. */
function forgetOld(over: Map<string, number>, now: number): void {
  for (const [id, end] of over) if (end < now) over.delete(id);
}
