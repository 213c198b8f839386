// The sessions of this host: each is a tmux server that the keeper starts on demand and ends with the last grant.
//
// 1. The keeper starts a server, never a client. It runs as the session account, in a cgroup and a folder of its own
//    (docs/design.md, "One visit"). A server that was started for visits that were all refused ends with the last refusal, since nobody has
//    been in it.
// 2. A server is ended by `cgroup.kill`, repeated until nothing is left (law 6); tmux is not asked. Accident: a process that ignores
//    signals outlives the grant.
// 3. Opening and ending one server never overlap: an end in the middle of an admission wins. Accident: a visit enters a server that is
//    about to be killed.
// 4. `at_expiry: keep` leaves one server running with nobody attached. The next grant leads to it, and no other server starts.
// 5. The key of a server says whose it is (session-key.ts): a dedicated server, its socket and its home belong to one person.
// 6. Nobody enters a server that was started on other terms than the policy's of now: it ends first. Attack: while a reload takes root's rights
//    from a session, a visit that began before starts the server once more by the old policy, and the next visit enters that one.
import type { Account } from '../../adapters/accounts.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Log } from '../../adapters/log.ts';
import type { CgroupHandle, CgroupProcess, KilledProcess } from '../../adapters/cgroup-handle.ts';
import { makeHome } from '../../adapters/tmux-home.ts';
import { isAlive, startServer } from '../../adapters/tmux.ts';
import { connectionId, idBytes } from '../../core/ids.ts';
import type { Gone } from '../../core/owed.ts';
import { sessionOf } from '../../core/policy.ts';
import type { Config, SessionPolicy } from '../../core/policy-types.ts';
import { asRefused } from '../../core/refusal.ts';
import type { Person } from '../../core/request.ts';
import { sessionEnds, sessionUnfit } from '../../core/messages/ends.ts';
import { keyOf, ownerOf, type Owner } from './session-key.ts';
import { removeSession, sessionEnd, sessionFacts, writeSession, type SessionStateDeps } from './session-state.ts';
import { isStartedBy, type Session } from './session.ts';
import type { GrantLookup } from '../connections/governing-grant.ts';
import type { LazyCgroups } from '../connections/cgroups.ts';

export interface SessionsDeps extends SessionStateDeps {
  readonly journal: Journal;
  readonly log: Log;
  readonly config: Config;
  /** Runs tasks of the same name one after another (rule 3). */
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly liveGrants: GrantLookup;
  random(bytes: number): Uint8Array;
  readonly cgroups: LazyCgroups;
  now(): number;
}

/** Starts, finds and ends sessions. */
export interface Sessions {
  /**
   * The running server for this person, started if there is none. The caller must call `release` afterwards, whether the visit succeeds or
   * not.
   * @throws Refused SESSION_START
   */
  open(policy: SessionPolicy, account: Account, who: Person): Promise<Session>;
  /** The visit that called `open` has entered, or was refused (rule 1). */
  release(session: Session, visit: 'entered' | 'refused'): void;
  /** The server that a visit of this person leads to; undefined when none runs. */
  find(name: string, who: Owner): Session | undefined;
  /** Ends the server to which this person's grant led, unless another grant keeps it. @throws when its cgroup cannot be ended */
  endUnlessKept(name: string, who: Owner): Promise<void>;
  /** Ends this server at once, whoever has a grant for it. Does nothing if it has ended. @throws when its cgroup cannot be ended */
  endNow(session: Session, why: string): Promise<void>;
  /** Whether the server is being ended: a visit that comes now waits and then starts a new one. */
  isEnding(name: string, who: Owner): boolean;
  /** Takes over a session that an earlier keeper started. If no grant keeps it, it counts as kept from now on (rule 4). */
  adopt(session: Session): Promise<void>;
  /** All that are registered, also those whose server has died. */
  all(): readonly Session[];
  /** Those whose server is alive, the oldest first. One that has died is removed at the next visit. */
  running(): Promise<readonly Session[]>;
}

interface Live {
  readonly deps: SessionsDeps;
  readonly byKey: Map<string, Session>;
  readonly ending: Set<string>;
  /** How many visits are between `open` and `release`, by the session's id. */
  readonly visits: Map<string, number>;
  /** Ids of sessions that nobody has entered yet. */
  readonly unused: Set<string>;
}

/** No sessions yet; `adopt` takes over those of an earlier keeper. */
export function openSessions(deps: SessionsDeps): Sessions {
  const byKey = new Map<string, Session>();
  const [ending, unused] = [new Set<string>(), new Set<string>()];
  const visits = new Map<string, number>();
  const live: Live = { deps, byKey, ending, visits, unused };
  const keyFor = (name: string, who: Owner): string => keyOf(name, ownerOf(sessionOf(deps.config, name), who));
  const inTurn = async <T>(key: string, task: () => Promise<T>): Promise<T> => deps.oneByOne(`session ${key}`, task);
  return {
    all: () => [...byKey.values()],
    running: async () => {
      const known = [...byKey.values()].sort((a, b) => a.since - b.since);
      const alive = await Promise.all(known.map(async ({ server }) => isAlive(server)));
      return known.filter((_, n) => alive[n]);
    },
    find: (name, who) => byKey.get(keyFor(name, who)),
    isEnding: (name, who) => ending.has(keyFor(name, who)),
    adopt: async (session) => {
      byKey.set(keyOf(session.name, session.owner), session);
      if (!deps.liveGrants.keeps(session.name, session.owner)) await keep(live, session);
    },
    open: async (policy, account, who) =>
      inTurn(keyFor(policy.name, who), async () => openOne(live, policy, account, ownerOf(policy, who))),
    release: (session, visit) => {
      const { id, name, owner } = session;
      visits.set(id, (visits.get(id) ?? 1) - 1);
      if (visit === 'entered') unused.delete(id);
      else
        inTurn(keyOf(name, owner), async () => endIfUnneeded(live, keyOf(name, owner))).catch((error: unknown) =>
          deps.log.error('end-failed', { error }),
        );
    },
    endNow: async (session, why) => {
      const key = keyOf(session.name, session.owner);
      await inTurn(key, async () => {
        const current = byKey.get(key);
        if (current?.id === session.id) await end(live, current, why);
      });
    },
    endUnlessKept: async (name, who) => {
      const key = keyFor(name, who);
      await inTurn(key, async () => endIfUnneeded(live, key));
    },
  };
}

/** Runs in its turn (rule 3). A refused visit ends the server only when nobody is in it or about to enter it. */
async function endIfUnneeded(live: Live, key: string): Promise<void> {
  const { deps: deps, byKey, visits, unused } = live;
  const session = byKey.get(key);
  if (session === undefined) return;
  if (!deps.liveGrants.keeps(session.name, session.owner)) return endAtExpiry(live, session);
  if (unused.has(session.id) && (visits.get(session.id) ?? 0) === 0) await end(live, session, sessionEnds.nobodyIn);
}

async function openOne(
  live: Live,
  policy: SessionPolicy,
  account: Account,
  owner: Person | undefined,
): Promise<Session> {
  const { deps: deps, byKey, visits, unused } = live;
  const key = keyOf(policy.name, owner);
  const known = byKey.get(key);
  const isFit = known !== undefined && isStartedBy(policy, known); // rule 6
  const alive = isFit && (await isAlive(known.server));
  if (known !== undefined && !alive)
    await end(live, known, isFit ? sessionEnds.serverGone : sessionUnfit.policyChanged);
  const session = alive ? await takenUp(live, known) : await start(deps, policy, account, owner);
  if (!alive) unused.add(session.id);
  byKey.set(key, session);
  visits.set(session.id, (visits.get(session.id) ?? 0) + 1);
  return session;
}

/** A kept session has a grant again (rule 4). */
async function takenUp({ deps: deps }: Live, session: Session): Promise<Session> {
  if (session.kept === undefined) return session;
  const again = { ...session, kept: undefined };
  await writeSession(deps, again);
  return again;
}

/** Rules 1 and 5. A start that fails half way leaves nothing behind. */
async function start(
  deps: SessionsDeps,
  policy: SessionPolicy,
  account: Account,
  owner: Person | undefined,
): Promise<Session> {
  const id = connectionId(deps.random(idBytes.connection));
  const { name, privileges } = policy;
  const { layout } = deps;
  const owed = sessionEnd({ id, name, owner });
  const told = { ...sessionFacts({ id, name, owner }), account: account.name, privileges };
  await deps.outbox.begin(owed, async () => deps.journal.write('session-starting', told));
  let cgroup: CgroupHandle | undefined;
  try {
    cgroup = await deps.cgroups.create('s', id);
    const home = owner === undefined ? account.home : await makeHome(layout.homes, id, account);
    const server = await startServer({
      layout,
      session: name,
      id,
      account: { ...account, home },
      cgroup,
      privileges,
    });
    const session: Session = { name, id, account, server, since: deps.now(), privileges, owner, kept: undefined };
    await writeSession(deps, session);
    return session;
  } catch (error) {
    const killed = (await cgroup?.end()) ?? [];
    await removeSession(deps, id, { ...owed, facts: { ...owed.facts, why: sessionEnds.notStarted }, gone: { killed } });
    throw asRefused(error, 'SESSION_START', { session: name });
  }
}

/** Applies `at_expiry` of the policy: the server is kept; or its processes are asked to end and are killed after the grace. */
async function endAtExpiry(live: Live, session: Session): Promise<void> {
  const { deps: deps, ending } = live;
  const policy = sessionOf(deps.config, session.name);
  // Kept only if somebody has been in it, and if its server lives: without one, nobody could get back to its processes.
  const worth = !live.unused.has(session.id) && (await isAlive(session.server));
  if (policy?.atExpiry === 'keep' && worth) return keep(live, session);
  const key = keyOf(session.name, session.owner);
  ending.add(key);
  try {
    const asked = await askToGo(session, policy?.sessionGraceMs ?? 0);
    await end(live, session, sessionEnds.lastGrant, asked);
  } finally {
    ending.delete(key);
  }
}

/** Leaves a session running without a grant (rule 4). */
async function keep({ deps: deps, byKey }: Live, session: Session): Promise<void> {
  if (session.kept !== undefined) return;
  const { name, id, owner, server } = session;
  const running = await server.cgroup.processes();
  await deps.journal.write('session-kept', { session: name, id, why: 'at_expiry: keep', processes: running.length });
  const kept = { ...session, kept: deps.now() };
  byKey.set(keyOf(name, owner), kept);
  await writeSession(deps, kept);
}

const graceLookMs = 50;

/**
 * SIGHUP and SIGTERM let processes end cleanly; those that ignore both are killed afterwards (law 6). Nobody is attached any more.
 * @returns the processes that were asked.
 */
async function askToGo(session: Session, graceMs: number): Promise<readonly CgroupProcess[]> {
  const { cgroup } = session.server;
  const asked = await cgroup.processes();
  await cgroup.signal('SIGHUP');
  await cgroup.signal('SIGTERM');
  const until = performance.now() + graceMs;
  while (performance.now() < until && (await cgroup.populated())) {
    await new Promise((resolve) => setTimeout(resolve, graceLookMs));
  }
  return asked;
}

/** Kills everything in the session's cgroup, journals it and removes the session (rule 2). */
async function end(live: Live, session: Session, why: string, asked: readonly CgroupProcess[] = []): Promise<void> {
  const { deps: deps, byKey, visits, unused } = live;
  const { name, id, owner } = session;
  const owed = sessionEnd(session);
  const facts = { ...owed.facts, why };
  // Law 6: the record names both the processes that ended after being asked and those that were killed.
  const goneOf = (killed: readonly KilledProcess[]): Gone => ({
    ended: asked
      .filter(({ pid }) => !killed.some((one) => one.pid === pid))
      .map(({ pid, uid, comm, ageMs }) => ({ pid, uid, comm, ageMs })),
    killed: [...killed],
  });
  const killed = await session.server.cgroup.end(undefined, async (all) =>
    deps.outbox.intend({ ...owed, facts, gone: goneOf(all) }),
  );
  byKey.delete(keyOf(name, owner));
  visits.delete(id);
  unused.delete(id);
  await removeSession(deps, id, { ...owed, facts, gone: goneOf(killed) });
}
