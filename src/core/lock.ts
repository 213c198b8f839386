// The kill switch (law 5): a lock keeps a login, or everyone, out of every host until somebody lifts it.
//
// 1. Each lock of a target has a number; only a higher one changes what holds. Attack: an old `unlock` that somebody kept, put
//    back into Redis.
// 2. Of two with the same number, made at two hosts at once, the one that locks holds (law 1).
import { loginShape } from './ids.ts';
import { boolean, integer, object, text } from './shape.ts';
import { Refused } from './refusal.ts';
import { sanitizeLine } from './text.ts';

/** Everyone; no login is spelled like this. */
export const everyone = '*';

export interface Lock {
  /** A login, or `everyone`. */
  readonly target: string;
  readonly number: number;
  readonly locked: boolean;
  /** In words that others read. */
  readonly by: string;
  readonly reason: string;
  /** Instant, milliseconds. */
  readonly at: number;
}

export const lockShape = object({
  target: (value) => (value === everyone ? everyone : loginShape(value)),
  number: integer(1),
  locked: boolean,
  by: text(400),
  reason: text(1000),
  at: integer(0),
});

/** Rules 1 and 2. */
export function supersedes(next: Lock, known: Lock | undefined): boolean {
  if (known === undefined || next.number > known.number) return true;
  return next.number === known.number && next.locked && !known.locked;
}

/** Whether this lock is about that login. */
export function concerns({ target }: Lock, login: string): boolean {
  return target === everyone || target === login;
}

/** What whoever is kept out by a lock reads. */
export function lockedRefusal({ by, reason }: Lock, login: string, host: string): Refused {
  return new Refused('LOCKED', { login: sanitizeLine(login, 64), host, by, reason });
}
