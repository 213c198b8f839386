// The places of conversations: those that wait for an answer, and those that have become connections and stay.
//
// 1. What waits is limited, in all and for each uid: each gate that waits is a process of its own, and asks things of the keeper. Attack: one
//    login keeps everybody else out.
// 2. A connection gives up its place among those that wait, so that a host on which many are attached still answers everybody. What one uid may
//    have together, waiting and attached, is limited as well.
// 3. Root is never refused, so that an admin can act while others fill the places.

/** A conversation's place. */
export interface Place {
  /** It has become a connection (rule 2). */
  attached(): void;
  /** It is over. Calling it again does nothing. */
  leave(): void;
}

/** All places. */
export interface Places {
  /** @returns undefined when there is none for this uid (rules 1 to 3) */
  take(uid: number): Place | undefined;
}

export interface PlaceLimits {
  /** Conversations that wait, of everybody together, and of each uid. */
  readonly waiting: number;
  readonly waitingEach: number;
  /** Conversations and connections of each uid together. */
  readonly each: number;
}

/** Places with these limits; nothing is taken yet. */
export function openPlaces(limits: PlaceLimits): Places {
  const waiting = new Map<number, number>();
  const all = new Map<number, number>();
  let waits = 0;
  const add = (counts: Map<number, number>, uid: number, by: 1 | -1): void => {
    const count = (counts.get(uid) ?? 0) + by;
    if (count === 0) counts.delete(uid);
    else counts.set(uid, count);
  };
  const isFull = (uid: number): boolean =>
    waits >= limits.waiting || (waiting.get(uid) ?? 0) >= limits.waitingEach || (all.get(uid) ?? 0) >= limits.each;
  return {
    take: (uid) => {
      if (uid !== 0 && isFull(uid)) return undefined;
      add(all, uid, 1);
      add(waiting, uid, 1);
      waits += 1;
      let state: 'waiting' | 'attached' | 'over' = 'waiting';
      const stopWaiting = (): void => {
        if (state !== 'waiting') return;
        add(waiting, uid, -1);
        waits -= 1;
      };
      return {
        attached: () => {
          stopWaiting();
          if (state === 'waiting') state = 'attached';
        },
        leave: () => {
          if (state === 'over') return;
          stopWaiting();
          add(all, uid, -1);
          state = 'over';
        },
      };
    },
  };
}
