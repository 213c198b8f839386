// Locks of this host and of its peers: kept on this host's own disk, told over the board, enforced by every host for itself.
//
// 1. On disk before it is enforced, and enforced before it is told: neither Redis nor a restart lifts it (law 5).
// 2. What the board holds counts only with the signature of this host or of a peer, and only with a higher number (law 8,
//    core/lock.ts). What it lost, or shows older, is put back.
// 3. Sign-ins, grants, connections and waiting requests of the login end; what opens looks here at its last moment.
import { readState, writeState } from '../adapters/state-file.ts';
import { sha256 } from '../adapters/keys.ts';
import { concerns, lockShape, supersedes, type Lock } from '../core/lock.ts';
import { Refused } from '../core/refusal.ts';
import { list, object, text } from '../core/shape.ts';
import { line } from '../core/text.ts';
import { forgetSignIns } from './forget.ts';
import type { House } from './house.ts';
import { readRequest } from './read-request.ts';
import { revokeHere } from './revoke.ts';
import { stoneOf } from './visit/grant.ts';

interface Held {
  readonly lock: Lock;
  readonly jws: string;
}

export interface Locks {
  /** The lock that keeps this login out; undefined when none does. */
  of(login: string): Lock | undefined;
  all(): readonly Lock[];
  /** The number of the next lock of a target. */
  next(target: string): number;
  /** Whether it changed what holds; on disk when it resolves. */
  take(held: Held): Promise<boolean>;
  signed(): readonly Held[];
}

const stateShape = list(object({ jws: text(64 * 1024), lock: lockShape }), 10_000);

export async function openLocks(path: string): Promise<Locks> {
  const held = new Map(((await readState(path, stateShape)) ?? []).map((one) => [one.lock.target, one]));
  const all = (): Lock[] => [...held.values()].map(({ lock }) => lock);
  return {
    all,
    signed: () => [...held.values()],
    of: (login) => all().find((lock) => lock.locked && concerns(lock, login)),
    next: (target) => (held.get(target)?.lock.number ?? 0) + 1,
    take: async (one) => {
      if (!supersedes(one.lock, held.get(one.lock.target)?.lock)) return false;
      held.set(one.lock.target, one);
      await writeState(path, [...held.values()], true);
      return true;
    },
  };
}

/** Rule 3. @throws Refused LOCKED */
export function checkLock(house: House, login: string): void {
  const lock = house.locks.of(login);
  if (lock === undefined) return;
  const { by, reason } = lock;
  throw new Refused('LOCKED', { login: line(login, 64), host: house.host, by, reason });
}

/** The name of a lock's confirmation: of this one and no other. */
export function confirmationOf(jws: string): string {
  return sha256(jws).slice(0, 16).toUpperCase();
}

/** Rule 1: takes a lock over and ends what it ends. @returns whether it was news. */
export async function enforce(house: House, held: Held): Promise<boolean> {
  if (!(await house.locks.take(held))) return false;
  const { lock } = held;
  const written = await house.journal
    .write(lock.locked ? 'locked' : 'unlocked', { ...lock, ...(lock.target === '*' ? {} : { login: lock.target }) })
    .catch((error: unknown) => error as Error);
  if (lock.locked) await endAllOf(house, lock);
  if (written instanceof Error) throw written;
  return true;
}

async function endAllOf(house: House, lock: Lock): Promise<void> {
  const failed = (error: unknown): void => house.log.error('lock-not-complete', { target: lock.target, error });
  const logins = new Set(lock.target === '*' ? loginsOf(house) : [lock.target]);
  for (const login of logins) await forgetSignIns(house, login).catch(failed);
  const revocation = { by: lock.by, reason: `login locked${lock.reason === '' ? '' : `: ${lock.reason}`}` };
  for (const { grant } of house.book.all())
    if (concerns(lock, grant.who.login)) await revokeHere(house, grant, revocation).catch(failed);
  const why = `your login was locked by ${lock.by}${lock.reason === '' ? '' : `: ${line(lock.reason, 200)}`}`;
  const theirs = house.connections.all().filter(({ state }) => concerns(lock, state.who.login));
  await Promise.all(
    theirs.map(async (one) => house.connections.end(one, { why, lines: [`tmux-gate: ${why}.`], exit: 77 })),
  );
  await withdrawAllOf(house, lock).catch(failed);
}

/** Whoever this host has ever known: their sign-ins may be on the board. */
function loginsOf(house: House): readonly string[] {
  return [...house.pins.logins(), ...house.connections.all().map(({ state }) => state.who.login)];
}

async function withdrawAllOf(house: House, lock: Lock): Promise<void> {
  for (const entry of await house.board.pending()) {
    const read = await readRequest(house, entry);
    if (read?.facts.host !== house.host || !concerns(lock, read.facts.who.login)) continue;
    const { id, who, answerBy } = read.facts;
    await house.oneByOne(`request ${id}`, async () => {
      await house.journal.write('withdrawn', { request: id, login: who.login, why: 'the login was locked' });
      await house.tombstones.bury(stoneOf(id), answerBy);
      await house.board.settle(id, 'withdrawn', house.config.request.answerWithinMs);
    });
    house.answers.give(id, { state: 'unanswered' });
  }
}

/** Rule 2: hears what peers locked, and tells again what the board does not show. */
export async function agree(house: House): Promise<void> {
  const shown = new Map<string, Lock>();
  for (const jws of await house.board.locks()) {
    const read = await house.keys.verify(jws, 'lock', lockShape);
    if (read === undefined) continue;
    shown.set(read.value.target, read.value);
    if (await enforce(house, { lock: read.value, jws })) await confirm(house, jws);
  }
  for (const { lock, jws } of house.locks.signed()) {
    const there = shown.get(lock.target);
    if (there === undefined || supersedes(lock, there)) await house.board.lock(lock.target, jws);
  }
}

async function confirm(house: House, jws: string): Promise<void> {
  const id = confirmationOf(jws);
  await house.settled();
  await house.board.confirm(house.host, id, await house.keys.sign('confirmation', { id }));
}
