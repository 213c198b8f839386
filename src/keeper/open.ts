// Which verbs a lock closes. A lock of everyone stops what opens, and leaves the desk open to those who have to sort it out.
import { everyone } from '../core/lock.ts';
import type { VerbName } from '../wire/verbs.ts';
import type { House } from './house.ts';
import { checkLock } from './locks.ts';
import { isRoot, type Visitor } from './visit/identify.ts';

const opening: ReadonlySet<VerbName> = new Set(['attach', 'approve', 'extend', 'break-glass']);

/** Whose own login is locked gets nothing here, whatever they came for. @throws Refused LOCKED */
export function checkOwnLock(house: House, visitor: Visitor): void {
  const { login } = visitor;
  if (!isRoot(visitor) && house.locks.of(login)?.target !== everyone) checkLock(house, login);
}

/** @throws Refused LOCKED */
export function checkOpen(house: House, visitor: Visitor, verb: VerbName): void {
  if (isRoot(visitor) || verb === 'help') return;
  if (opening.has(verb)) checkLock(house, visitor.login);
  checkOwnLock(house, visitor);
}
