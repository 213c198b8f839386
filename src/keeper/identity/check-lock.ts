// Which verbs a lock closes. A lock of everyone stops what opens, and leaves the desk open to those who have to sort it out.
import { everyone, lockedRefusal, type Lock } from '../../core/lock.ts';
import type { VerbName } from '../../wire/verbs.ts';
import { isRoot, type Visitor } from './visitor.ts';

export interface CheckLockDeps {
  readonly locks: { of(login: string): Lock | undefined };
  readonly host: string;
}

const opening: ReadonlySet<VerbName> = new Set(['attach', 'approve', 'extend', 'break-glass']);

/** Whose own login is locked gets nothing here, whatever they came for. @throws Refused LOCKED */
export function checkOwnLock(deps: CheckLockDeps, visitor: Visitor): void {
  const { login } = visitor;
  if (!isRoot(visitor) && deps.locks.of(login)?.target !== everyone) checkLock(deps, login);
}

/** @throws Refused LOCKED */
export function checkLockPolicy(deps: CheckLockDeps, visitor: Visitor, verb: VerbName): void {
  if (isRoot(visitor) || verb === 'help') return;
  if (opening.has(verb)) checkLock(deps, visitor.login);
  checkOwnLock(deps, visitor);
}

/** @throws Refused LOCKED */
export function checkLock(deps: CheckLockDeps, login: string): void {
  const lock = deps.locks.of(login);
  if (lock !== undefined) throw lockedRefusal(lock, login, deps.host);
}
