// Locks, the kill switch (law 5): a lock keeps a login, or everyone, out of every host until somebody lifts it.
//
// 1. The locks and unlocks of a target are numbered; only a higher number changes the state. Attack: an old signed `unlock` is put back
//    into Redis.
// 2. If two hosts make a lock and an unlock with the same number at once, the lock wins (law 1).
import { loginShape } from './ids.ts';
import { boolean, integer, object, text } from './shape.ts';
import { Refused } from './refusal.ts';
import { sanitizeLine } from './text.ts';

/** The target that means every login; no login can have this name. */
export const everyone = '*';

/** A lock or an unlock (`locked`), as one host signed it. */
export interface Lock {
  /** A login, or `everyone`. */
  readonly target: string;
  readonly number: number;
  readonly locked: boolean;
  /** Who made it, as text for people. */
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

/** Whether `next` replaces the known lock of the same target (rules 1 and 2). */
export function supersedes(next: Lock, known: Lock | undefined): boolean {
  if (known === undefined || next.number > known.number) return true;
  return next.number === known.number && next.locked && !known.locked;
}

/** Whether both say the same, whoever signed them. */
export function isSameLock(one: Lock, other: Lock): boolean {
  const keys = ['target', 'number', 'locked', 'by', 'reason', 'at'] as const;
  return keys.every((key) => one[key] === other[key]);
}

/** Whether a lock has this login, or everyone, as its target. */
export function concerns({ target }: Lock, login: string): boolean {
  return target === everyone || target === login;
}

/** The refusal LOCKED for somebody who is locked out. It names who locked, and why. */
export function lockedRefusal({ by, reason }: Lock, login: string, host: string): Refused {
  return new Refused('LOCKED', { login: sanitizeLine(login, 64), host, by, reason });
}
