// Which verbs a lock refuses. A lock of one login refuses everything for that login. A lock of everyone refuses only what gives access, so
// that those who must resolve the incident can still list, revoke and unlock.
import { everyone, lockedRefusal, type Lock } from '../../core/lock.ts';
import { specOf, type VerbName } from '../../wire/verbs.ts';
import { isRoot, type Visitor } from './visitor.ts';

export interface CheckLockDeps {
  readonly locks: { of(login: string): Lock | undefined };
  readonly host: string;
}

/** Refuses a person whose own login is locked, whatever they came for; root is never refused. @throws Refused LOCKED */
export function checkOwnLock(deps: CheckLockDeps, visitor: Visitor): void {
  const { login } = visitor;
  if (!isRoot(visitor) && deps.locks.of(login)?.target !== everyone) checkLock(deps, login);
}

/** Refuses what a lock of this login or of everyone forbids; never `help`, never root. @throws Refused LOCKED */
export function checkLockPolicy(deps: CheckLockDeps, visitor: Visitor, verb: VerbName): void {
  if (isRoot(visitor) || verb === 'help') return;
  if (specOf(verb).opens === true) checkLock(deps, visitor.login);
  checkOwnLock(deps, visitor);
}

/** Refuses if this login, or everyone, is locked. @throws Refused LOCKED */
export function checkLock(deps: CheckLockDeps, login: string): void {
  const lock = deps.locks.of(login);
  if (lock !== undefined) throw lockedRefusal(lock, login, deps.host);
}
