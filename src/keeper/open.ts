// Which verbs a lock closes. A lock of everyone stops what opens, and leaves the desk open to those who have to sort it out.
import { everyone } from '../core/lock.ts';
import type { VerbName } from '../wire/verbs.ts';
import type { House } from './house.ts';
import { checkLock } from './locks.ts';
import { isRoot, type Visitor } from './visit/identify.ts';

const opening: ReadonlySet<VerbName> = new Set(['attach', 'approve', 'extend', 'break-glass']);

/** @throws Refused LOCKED */
export function checkOpen(house: House, visitor: Visitor, verb: VerbName): void {
  const { login } = visitor;
  const closed = verb !== 'help' && (opening.has(verb) || house.locks.of(login)?.target !== everyone);
  if (!isRoot(visitor) && closed) checkLock(house, login);
}
