// The locks that this host holds, on its own disk; what they do is in ../identity/locks.ts, whose rules are cited here.
import { readState, writeState } from '../../adapters/state-file.ts';
import { concerns, isSameLock, lockShape, supersedes, type Lock } from '../../core/lock.ts';
import { boolean, list, object, optional, text } from '../../core/shape.ts';

/** A lock with its signed form. */
export interface Held {
  readonly lock: Lock;
  readonly jws: string;
  /** Its effect is not complete (rule 3). */
  readonly unfinished?: boolean;
}

/** The locks that this host holds, in memory and on disk. */
export interface Locks {
  /** The lock that keeps this login out; undefined when none does. */
  of(login: string): Lock | undefined;
  /** The newest lock or unlock of each target. */
  all(): readonly Lock[];
  /** The number of the next lock of a target. */
  next(target: string): number;
  /** Whether it would replace what holds now (core/lock.ts, `supersedes`). */
  isNews(lock: Lock): boolean;
  /**
   * Replaces what holds for its target; on disk when it resolves.
   * @returns whether it was news.
   * @throws an error of the file system: a lock holds all the same, an unlock does not
   */
  take(held: Held): Promise<boolean>;
  /** Keeps another signed form of a lock that is held; nothing if what is held says something else. @throws an error of the file system */
  renew(lock: Lock, jws: string): Promise<void>;
  /** Writes what could not be written before. */
  keep(): Promise<void>;
  /** All, with their signed form. */
  signed(): readonly Held[];
  /** Those whose effect is not complete, and on which nobody is working (rule 3). */
  unfinished(): readonly Held[];
  /** Nobody works on its effect any more. @param complete whether the effect and the record are there. */
  rest(lock: Lock, complete: boolean): Promise<void>;
}

export const redoLimit = 64 * 1024;
export const heldShape = object({ jws: text(redoLimit), lock: lockShape, unfinished: optional(boolean) });
export const stateShape = list(heldShape, 10000);
/** Reads the locks from `path`. @throws Error when the file cannot be understood */

export async function openLocks(path: string): Promise<Locks> {
  const held = new Map(((await readState(path, stateShape)) ?? []).map((one) => [one.lock.target, one]));
  const all = (): Lock[] => [...held.values()].map(({ lock }) => lock);
  const isNews = (lock: Lock): boolean => supersedes(lock, held.get(lock.target)?.lock);
  const busy = new Set<string>();
  let saved = true;
  const save = async (): Promise<void> => {
    saved = false;
    await writeState(path, [...held.values()], true, stateShape);
    saved = true;
  };
  return {
    all,
    signed: () => [...held.values()],
    of: (login) => all().find((lock) => lock.locked && concerns(lock, login)),
    next: (target) => (held.get(target)?.lock.number ?? 0) + 1,
    isNews,
    keep: async () => (saved ? undefined : save()),
    take: async (one) => {
      const { target, locked } = one.lock;
      const before = held.get(target);
      if (!isNews(one.lock)) return false;
      held.set(target, { ...one, ...(locked ? { unfinished: true } : {}) });
      if (locked) busy.add(target);
      await save().catch((error: unknown) => {
        if (!locked && before !== undefined) held.set(target, before);
        throw error;
      });
      return true;
    },
    renew: async (lock, jws) => {
      const known = held.get(lock.target);
      if (known === undefined || known.jws === jws || !isSameLock(known.lock, lock)) return;
      held.set(lock.target, { ...known, jws });
      await save();
    },
    unfinished: () => [...held.values()].filter((one) => one.unfinished === true && !busy.has(one.lock.target)),
    rest: async ({ target, number }, complete) => {
      const known = held.get(target);
      if (known?.lock.number !== number) return; // a newer one has replaced it
      busy.delete(target);
      if (!complete || known.unfinished !== true) return;
      held.set(target, { lock: known.lock, jws: known.jws });
      await save();
    },
  };
}
