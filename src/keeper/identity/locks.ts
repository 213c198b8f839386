// Locks of this host and of its peers: kept on this host's own disk, told over the board, enforced by every host for itself.
//
// 1. On disk before it is enforced, and enforced before it is told: neither Redis nor a restart lifts it (law 5). Where it cannot be
//    written it ends what it ends all the same, is written as soon as that goes again, and the refusal says so; an unlock is then none.
// 2. What the board holds counts only with the signature of this host or of a peer, and only with a higher number (law 8,
//    core/lock.ts). What it lost, or shows older, is put back.
// 3. A lock is marked unfinished from its first moment on disk until its effect is complete; the next start, and each look, redoes
//    what is unfinished (law 7), and every start holds what it found against every lock. Its record is owed from before that moment on
//    (outbox). Accident: the keeper dies beside the record `locked`, and who was locked is still in.
// 4. Sign-ins, grants, connections and waiting requests of the login end; what opens looks here at its last moment.
import { readState, writeState } from '../../adapters/state-file.ts';
import { sha256 } from '../../adapters/keys.ts';
import { concerns, everyone, lockShape, supersedes, type Lock } from '../../core/lock.ts';
import { Refused } from '../../core/refusal.ts';
import { boolean, list, object, optional, parseJson, text } from '../../core/shape.ts';
import { sanitizeLine } from '../../core/text.ts';
import { forgetSignIns, type ForgetSignInsDeps } from './forget-sign-ins.ts';
import type { Owed } from '../../core/owed.ts';
import { readRequest, type ReadRequestDeps } from '../grants/read-request.ts';
import { tellEnd, type TellRequestEndDeps } from '../grants/tell-request-end.ts';
import { revokeHere, type RevokeDeps } from '../grants/revoke.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import type { Connections } from '../connections/connections.ts';
import type { Pins } from '../state/pins.ts';
import type { Journal } from '../../adapters/journal.ts';
import type { PendingAnswers } from '../grants/pending-answers.ts';

export interface LocksDeps extends ForgetSignInsDeps, RevokeDeps, ReadRequestDeps, TellRequestEndDeps {
  readonly locks: Locks;
  readonly connections: Connections;
  readonly pins: Pins;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly journal: Journal;
  readonly pendingAnswers: PendingAnswers;
}

interface Held {
  readonly lock: Lock;
  readonly jws: string;
  /** Rule 3. */
  readonly unfinished?: boolean;
}

export interface Locks {
  /** The lock that keeps this login out; undefined when none does. */
  of(login: string): Lock | undefined;
  all(): readonly Lock[];
  /** The number of the next lock of a target. */
  next(target: string): number;
  isNews(lock: Lock): boolean;
  /** Whether it changed what holds; on disk when it resolves. A lock holds also when that fails, an unlock does not. */
  take(held: Held): Promise<boolean>;
  /** Writes what could not be written. */
  keep(): Promise<void>;
  signed(): readonly Held[];
  /** Those whose effect nobody is working on and nobody has completed (rule 3). */
  unfinished(): readonly Held[];
  /** Nobody works on its effect any more. @param complete whether that, and its record, is there. */
  rest(lock: Lock, complete: boolean): Promise<void>;
}

const redoLimit = 64 * 1024;
const heldShape = object({ jws: text(redoLimit), lock: lockShape, unfinished: optional(boolean) });
const stateShape = list(heldShape, 10_000);

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
    unfinished: () => [...held.values()].filter((one) => one.unfinished === true && !busy.has(one.lock.target)),
    rest: async ({ target, number }, complete) => {
      const known = held.get(target);
      if (known?.lock.number !== number) return; // a newer one has taken its place
      busy.delete(target);
      if (!complete || known.unfinished !== true) return;
      held.set(target, { lock: known.lock, jws: known.jws });
      await save();
    },
  };
}

/** The name of a lock's confirmation: of this one and no other. */
export function confirmationOf(jws: string): string {
  return sha256(jws).slice(0, 16).toUpperCase();
}

/** What a lock ended on this host: how many of each. */
export interface Ended {
  signIns: number;
  grants: number;
  connections: number;
  requests: number;
}

/** Rule 1: takes a lock over and ends what it ends. @returns what that was; undefined where the lock was no news. */
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

/** The record of a lock or an unlock, and how a keeper that starts takes it over again. */
function lockRecord({ lock, jws }: Held): Owed {
  const { target, number, locked } = lock;
  const login = target === everyone ? {} : { login: target };
  const redo = JSON.stringify({ lock, jws });
  return { event: locked ? 'locked' : 'unlocked', is: { target, number }, facts: { ...lock, ...login }, redo };
}

/** @throws Refused when the journal does not take it (yet). */
async function recordLock(deps: LocksDeps, held: Held): Promise<void> {
  const failed = await deps.outbox.record(lockRecord(held));
  if (failed !== undefined) throw failed;
}

/** What an earlier keeper entered (outbox, rule 2) and may not have carried out: on disk again, its effect to be completed. */
export async function takeAgain(deps: LocksDeps, redo: string): Promise<void> {
  const held = parseJson(redo, heldShape, redoLimit);
  if (held !== undefined) await deps.locks.take(held);
}

/** The mark comes off last; one that stays on costs a redoing. */
async function rest(deps: LocksDeps, lock: Lock, complete: boolean): Promise<void> {
  await deps.locks.rest(lock, complete).catch((error: unknown) => {
    deps.log.error('lock-not-finished', { target: lock.target, error });
  });
}

/** Rule 3: at the start, and at each look. */
export async function finishLocks(deps: LocksDeps): Promise<void> {
  for (const { lock } of deps.locks.unfinished()) {
    try {
      await rest(deps, lock, await endAllOf(deps, lock, noneEnded()));
    } catch (error) {
      deps.log.error('lock-not-finished', { target: lock.target, error });
    }
  }
}

/** Rule 3, at the start: what was found is held against every lock, also one that an earlier keeper called complete. */
export async function holdAgainstLocks(deps: LocksDeps): Promise<void> {
  await finishLocks(deps);
  for (const lock of deps.locks.all().filter(({ locked }) => locked)) {
    await revokeAllOf(deps, lock, (error) => deps.log.error('lock-not-complete', { target: lock.target, error }));
    await cutAllOf(deps, lock);
  }
}

/** What cannot be written keeps nothing open (law 5). @returns what could not be. */
async function inOrder(deps: LocksDeps, steps: readonly (() => Promise<unknown>)[]): Promise<Refused | undefined> {
  let failed: Refused | undefined;
  for (const step of steps) {
    await step().catch((error: unknown) => {
      failed ??= error instanceof Refused ? error : new Refused('JOURNAL_DOWN', { host: deps.host }, error);
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

/** @returns how many. What a revocation cannot write keeps nothing open. @param failed hears of what could not be written. */
async function revokeAllOf(deps: LocksDeps, lock: Lock, failed: (error: unknown) => void): Promise<number> {
  const revocation = { by: lock.by, reason: `login locked${lock.reason === '' ? '' : `: ${lock.reason}`}` };
  const theirs = deps.liveGrants.all().filter(({ grant }) => concerns(lock, grant.who.login));
  for (const { grant } of theirs) await revokeHere(deps, grant, revocation).catch(failed);
  return theirs.length;
}

/** Whoever is in without a grant of their own as well. */
async function cutAllOf(deps: LocksDeps, lock: Lock): Promise<void> {
  const why = `your login was locked by ${lock.by}${lock.reason === '' ? '' : `: ${sanitizeLine(lock.reason, 200)}`}`;
  const theirs = deps.connections.all().filter(({ state }) => concerns(lock, state.who.login));
  await Promise.all(
    theirs.map(async (one) => deps.connections.end(one, { why, lines: [`tmux-gate: ${why}.`], exit: 77 })),
  );
}

/** Whoever this host has ever known: their sign-ins may be on the board. */
function loginsOf(deps: LocksDeps): readonly string[] {
  return [...deps.pins.logins(), ...deps.connections.all().map(({ state }) => state.who.login)];
}

async function withdrawAllOf(deps: LocksDeps, lock: Lock, ended: Ended): Promise<void> {
  for (const entry of await deps.store.pending()) {
    const read = await readRequest(deps, entry);
    if (read?.facts.host !== deps.host || !concerns(lock, read.facts.who.login)) continue;
    const { id, who, answerBy } = read.facts;
    await deps.oneByOne(`request ${id}`, async () => {
      if (deps.tombstones.has(requestTombstoneId(id))) return; // answered before its turn came
      await deps.journal.write('withdrawn', { request: id, login: who.login, why: 'the login was locked' });
      await deps.tombstones.add(requestTombstoneId(id), answerBy);
      await deps.store.settle(id, 'withdrawn', deps.config.request.answerWithinMs);
      tellEnd(deps, read.facts, 'withdrawn', 'the login was locked');
      ended.requests += 1;
      deps.pendingAnswers.give(id, { state: 'unanswered' });
    });
  }
}

/** Rule 2: hears what peers locked, and tells again what the board does not show. */
export async function agree(deps: LocksDeps): Promise<void> {
  await deps.locks.keep().catch((error: unknown) => deps.log.error('locks-not-written', { error }));
  await finishLocks(deps);
  const shown = new Map<string, Lock>();
  for (const jws of await deps.store.locks()) {
    const read = await deps.keys.verify(jws, 'lock', lockShape);
    if (read === undefined) continue;
    shown.set(read.value.target, read.value);
    // One that cannot be written must not keep the next from being heard.
    const news = await enforce(deps, { lock: read.value, jws }).catch((error: unknown) => {
      deps.log.error('lock-not-written', { target: read.value.target, error });
    });
    if (news !== undefined) await confirm(deps, jws);
  }
  for (const { lock, jws } of deps.locks.signed()) {
    const there = shown.get(lock.target);
    if (there === undefined || supersedes(lock, there)) await deps.store.lock(lock.target, jws);
  }
}

async function confirm(deps: LocksDeps, jws: string): Promise<void> {
  const id = confirmationOf(jws);
  await deps.endsSettled();
  await deps.store.confirm(deps.host, id, await deps.keys.sign('confirmation', { id }));
}
