// Locks of this host and of its peers: each host keeps them on its own disk, announces them in the store, and enforces them for itself.
//
// 1. A lock is on disk before it is enforced, and enforced before it is announced: neither Redis nor a restart lifts it (law 5). If it
//    cannot be written, it still ends what it ends; it is written as soon as that is possible, and the refusal says so. An unlock that
//    cannot be written does not take effect.
// 2. A lock in the store counts only with the signature of this host or of a peer, and only with a higher number (law 8, core/lock.ts).
//    What the store has lost, or shows in an older version, is put back. Attack: whoever can write to Redis lifts a lock.
// 3. A lock is marked unfinished from its first write until its effect is complete. The next start, and each look at the store, redoes what
//    is unfinished (law 7), and every start checks what it found against every lock. Its record is owed from before the first write
//    (outbox). Accident: the keeper dies beside the record `locked`, and the locked person stays connected.
// 4. It ends the login's sign-ins, grants, connections and waiting requests. Whatever gives access checks the locks again at its last
//    moment.
// 5. A lock has no end, but keys do: whoever made it signs it again with their key of now, and the others take that form over. Accident: a host
//    that joins later, or a store that was emptied, has no lock that anybody could still verify.
import { sha256 } from '../../adapters/sha256.ts';
import { concerns, everyone, isSameLock, lockShape, supersedes, type Lock } from '../../core/lock.ts';
import { asRefused, type Refused } from '../../core/refusal.ts';
import { parseJson } from '../../core/shape.ts';
import { sanitizeLine } from '../../core/text.ts';
import { forgetSignIns, type ForgetSignInsDeps } from './forget-sign-ins.ts';
import type { Owed } from '../../core/owed.ts';
import { lockedWhy, takenAwayLines } from '../../core/messages/attached.ts';
import { loginLocked, requestEnds } from '../../core/messages/ends.ts';
import { readRequest, type ReadRequestDeps } from '../grants/read-request.ts';
import { tellEnd, type TellRequestEndDeps } from '../grants/tell-request-end.ts';
import { revokeHere, type RevokeDeps } from '../grants/revoke.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import type { Connections } from '../connections/connections.ts';
import { heldShape, redoLimit, type Held, type Locks } from '../state/held-locks.ts';
import type { Pins } from '../state/pins.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { PendingAnswers } from '../grants/pending-answers.ts';

export interface LocksDeps extends ForgetSignInsDeps, RevokeDeps, ReadRequestDeps, TellRequestEndDeps {
  readonly locks: Locks;
  readonly connections: Connections;
  readonly pins: Pins;
  /** Runs tasks of the same name one after another. */
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly journal: Journal;
  readonly pendingAnswers: PendingAnswers;
}

/** The id of a lock's confirmation: the same for everybody who has this signed lock, and different for every other lock. */
export function confirmationOf(jws: string): string {
  return sha256(jws).slice(0, 16).toUpperCase();
}

/** How many of each a lock ended on this host. */
export interface Ended {
  signIns: number;
  grants: number;
  connections: number;
  requests: number;
}

/**
 * Takes a lock or unlock over and carries it out (rules 1 and 4).
 * @returns what it ended; undefined if it was not news.
 * @throws Refused JOURNAL_DOWN, DISK_DOWN or the like when it cannot be written; a lock is enforced all the same
 */
export async function enforce(deps: LocksDeps, held: Held): Promise<Ended | undefined> {
  const { lock } = held;
  if (!deps.locks.isNews(lock)) return undefined;
  const take = async (): Promise<unknown> => deps.locks.take(held);
  if (!lock.locked) {
    await deps.outbox.allow(lockRecord(held), take);
    await rest(deps, lock, true);
    return noneEnded();
  }
  await deps.outbox.intend(lockRecord(held));
  const failed = await inOrder(deps, [take, async () => recordLock(deps, held)]);
  const ended = noneEnded();
  const complete = (await endAllOf(deps, lock, ended)) && failed === undefined;
  await rest(deps, lock, complete);
  if (failed !== undefined) throw failed;
  return ended;
}

const noneEnded = (): Ended => ({ signIns: 0, grants: 0, connections: 0, requests: 0 });

/** The record of a lock or an unlock, with what a keeper that starts needs to take it over again. */
function lockRecord({ lock, jws }: Held): Owed {
  const { target, number, locked } = lock;
  const login = target === everyone ? {} : { login: target };
  const redo = JSON.stringify({ lock, jws });
  return { event: locked ? 'locked' : 'unlocked', is: { target, number }, facts: { ...lock, ...login }, redo };
}

/** @throws Refused when the journal does not take the record now; it is tried again. */
async function recordLock(deps: LocksDeps, held: Held): Promise<void> {
  const failed = await deps.outbox.record(lockRecord(held));
  if (failed !== undefined) throw failed;
}

/**
 * Takes over what an earlier keeper entered into the outbox (outbox, rule 2) and may not have carried out. Its effect is completed by
 * `finishLocks`.
 */
export async function takeAgain(deps: LocksDeps, redo: string): Promise<void> {
  const held = parseJson(redo, heldShape, redoLimit);
  if (held !== undefined) await deps.locks.take(held);
}

/** Removes the mark last; if that fails, the effect is only carried out once more. */
async function rest(deps: LocksDeps, lock: Lock, complete: boolean): Promise<void> {
  await deps.locks.rest(lock, complete).catch((error: unknown) => {
    deps.log.error('lock-not-finished', { target: lock.target, error });
  });
}

/** Completes unfinished locks, at the start and at each look at the store (rule 3). Never rejects. */
export async function finishLocks(deps: LocksDeps): Promise<void> {
  for (const { lock } of deps.locks.unfinished()) {
    try {
      await rest(deps, lock, await endAllOf(deps, lock, noneEnded()));
    } catch (error) {
      deps.log.error('lock-not-finished', { target: lock.target, error });
    }
  }
}

/** At the start: ends what was found against every lock, also those that an earlier keeper called complete (rule 3). */
export async function holdAgainstLocks(deps: LocksDeps): Promise<void> {
  await finishLocks(deps);
  for (const lock of deps.locks.all().filter(({ locked }) => locked)) {
    await revokeAllOf(deps, lock, (error) => deps.log.error('lock-not-complete', { target: lock.target, error }));
    await cutAllOf(deps, lock);
  }
}

/** Runs every step even if one fails: what cannot be written must not keep access open (law 5). @returns the first failure. */
async function inOrder(deps: LocksDeps, steps: readonly (() => Promise<unknown>)[]): Promise<Refused | undefined> {
  let failed: Refused | undefined;
  for (const step of steps) {
    await step().catch((error: unknown) => {
      failed ??= asRefused(error, 'JOURNAL_DOWN', { host: deps.host });
    });
  }
  return failed;
}

/** @returns whether all of it was done. */
async function endAllOf(deps: LocksDeps, lock: Lock, ended: Ended): Promise<boolean> {
  let complete = true;
  const failed = (error: unknown): void => {
    complete = false;
    deps.log.error('lock-not-complete', { target: lock.target, error });
  };
  const theirs = deps.connections.all().filter(({ state }) => concerns(lock, state.who.login));
  ended.connections = theirs.length;
  const logins = new Set(lock.target === '*' ? loginsOf(deps) : [lock.target]);
  for (const login of logins) ended.signIns += (await forgetSignIns(deps, login).catch(failed)) ?? 0;
  ended.grants += await revokeAllOf(deps, lock, failed);
  await cutAllOf(deps, lock);
  await withdrawAllOf(deps, lock, ended).catch(failed);
  return complete;
}

/** @returns how many grants. One that cannot be written is revoked all the same (law 5). @param failed gets what could not be written. */
async function revokeAllOf(deps: LocksDeps, lock: Lock, failed: (error: unknown) => void): Promise<number> {
  const revocation = { by: lock.by, reason: loginLocked(lock.reason) };
  const theirs = deps.liveGrants.all().filter(({ grant }) => concerns(lock, grant.who.login));
  for (const { grant } of theirs) await revokeHere(deps, grant, revocation).catch(failed);
  return theirs.length;
}

/** Also ends connections that view without a grant of their own. */
async function cutAllOf(deps: LocksDeps, lock: Lock): Promise<void> {
  const why = lockedWhy(lock.by, sanitizeLine(lock.reason, 200));
  const theirs = deps.connections.all().filter(({ state }) => concerns(lock, state.who.login));
  await Promise.all(
    theirs.map(async (one) => deps.connections.end(one, { why, lines: takenAwayLines(why), exit: 77 })),
  );
}

/** Every login that this host has known: the store may have their sign-ins. */
function loginsOf(deps: LocksDeps): readonly string[] {
  return [...deps.pins.logins(), ...deps.connections.all().map(({ state }) => state.who.login)];
}

async function withdrawAllOf(deps: LocksDeps, lock: Lock, ended: Ended): Promise<void> {
  for (const entry of await deps.store.pending()) {
    const read = await readRequest(deps, entry);
    if (read?.facts.host !== deps.host || !concerns(lock, read.facts.who.login)) continue;
    const { id, who, answerBy } = read.facts;
    await deps.oneByOne(`request ${id}`, async () => {
      if (deps.tombstones.has(requestTombstoneId(id))) return; // answered in the meantime
      await deps.journal.write('withdrawn', { request: id, login: who.login, why: requestEnds.locked });
      await deps.tombstones.add(requestTombstoneId(id), answerBy);
      await deps.store.settle(id, 'withdrawn', deps.config.request.answerWithinMs);
      tellEnd(deps, read.facts, 'withdrawn', requestEnds.locked);
      ended.requests += 1;
      deps.pendingAnswers.give(id, { state: 'unanswered' });
    });
  }
}

/** Enforces the locks that peers announced, and announces again what the store lacks (rule 2). @throws an error of the store */
export async function agree(deps: LocksDeps): Promise<void> {
  await deps.locks.keep().catch((error: unknown) => deps.log.error('locks-not-written', { error }));
  await finishLocks(deps);
  await signAgain(deps);
  const shown = new Map<string, Held>();
  for (const jws of await deps.store.locks()) {
    const read = await deps.keys.verify(jws, 'lock', lockShape);
    if (read === undefined) continue;
    shown.set(read.value.target, { lock: read.value, jws });
    // A lock that cannot be written must not keep the next one from being enforced.
    const news = await enforce(deps, { lock: read.value, jws }).catch((error: unknown) => {
      deps.log.error('lock-not-written', { target: read.value.target, error });
    });
    if (news !== undefined) await confirm(deps, jws);
    else if (read.host !== deps.host) await renew(deps, read.value, jws);
  }
  for (const held of deps.locks.signed()) {
    if (!isMissing(deps, held, shown.get(held.lock.target))) continue;
    announced.set(held, deps.now());
    await deps.store.lock(held.lock.target, held.jws);
  }
}

/**
 * When each was announced again last. Accident: two hosts hold a lock in forms of which each verifies its own alone, since one has not yet the
 * other's new key, and they announce in turn without end.
 */
const announced = new WeakMap<Held, number>();
const againMs = 2_000;

/** Whether the store shows an older lock, lacks it, or shows this host's own in a form of an earlier key (rules 2 and 5). */
function isMissing(deps: LocksDeps, held: Held, there: Held | undefined): boolean {
  const { lock, jws } = held;
  if (there !== undefined && supersedes(lock, there.lock)) return true;
  if (deps.now() - (announced.get(held) ?? -Infinity) < againMs) return false;
  if (there === undefined) return true;
  return there.jws !== jws && isSameLock(lock, there.lock) && deps.keys.isOfFormerKey(there.jws);
}

/** Rule 5, for the locks that this host made. Never rejects; what failed is tried at the next look. */
async function signAgain(deps: LocksDeps): Promise<void> {
  for (const { lock, jws } of deps.locks.signed())
    if (deps.keys.isOfFormerKey(jws)) await renew(deps, lock, await deps.keys.sign('lock', lock));
}

/** Rule 5. */
async function renew(deps: LocksDeps, lock: Lock, jws: string): Promise<void> {
  await deps.locks.renew(lock, jws).catch((error: unknown) => {
    deps.log.error('lock-not-renewed', { target: lock.target, error });
  });
}

async function confirm(deps: LocksDeps, jws: string): Promise<void> {
  const id = confirmationOf(jws);
  await deps.endsSettled();
  await deps.store.confirm(deps.host, id, await deps.keys.sign('confirmation', { id }));
}
