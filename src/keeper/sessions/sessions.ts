// The sessions of this host: a tmux server each, started on demand, ended with the last grant.
//
// 1. Started by the keeper, as the session account, in a cgroup and a folder of its own (docs/design.md, "One visit"), and never by a client.
//    One that was started for visits that were all refused ends with the last refusal: nobody has been in it.
// 2. Ended by `cgroup.kill` until nothing is left (law 6); tmux is asked for nothing.
// 3. Opening and ending one server never overlap: an end in the middle of an admission wins.
// 4. What `at_expiry: keep` leaves running is one server with nobody attached: the next grant comes back to it, and no other starts.
// 5. Whose server it is, its key says (session-key.ts): a dedicated one, its socket and its home are one person's.
import type { Account } from '../../adapters/accounts.ts';
import type { Journal } from '../../adapters/journal.ts';
import type { Log } from '../../adapters/log.ts';
import type { CgroupHandle, CgroupProcess, KilledProcess } from '../../adapters/cgroup-handle.ts';
import { makeHome } from '../../adapters/tmux-home.ts';
import { isAlive, startServer } from '../../adapters/tmux.ts';
import { connectionId, idBytes } from '../../core/ids.ts';
import type { Gone } from '../../core/owed.ts';
import { sessionOf } from '../../core/policy.ts';
import type { Config, SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import type { Person } from '../../core/request.ts';
import { keyOf, ownerOf, type Owner } from './session-key.ts';
import { removeSession, sessionEnd, writeSession, type SessionStateDeps } from './session-state.ts';
import type { Session } from './session.ts';
import type { GrantLookup } from '../connections/governing-grant.ts';
import type { LazyCgroups } from '../connections/cgroups.ts';

export interface SessionsDeps extends SessionStateDeps {
  readonly journal: Journal;
  readonly log: Log;
  readonly config: Config;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly liveGrants: GrantLookup;
  random(bytes: number): Uint8Array;
  readonly cgroups: LazyCgroups;
  now(): number;
}

export interface Sessions {
  /**
   * The live server for this person, started if there is none. Followed by `release`, whatever comes of the visit.
   * @throws Refused SESSION_START
   */
  open(policy: SessionPolicy, account: Account, who: Person): Promise<Session>;
  /** The visit that opened it is in, or was refused (rule 1). */
  release(session: Session, visit: 'entered' | 'refused'): void;
  /** The server that a visit of this person leads to, if it runs. */
  find(name: string, who: Owner): Session | undefined;
  /** Ends the server of a session that this person's grant kept, unless another grant keeps it. */
  endUnlessKept(name: string, who: Owner): Promise<void>;
  /** Whether it is on its way out: who comes now waits for a fresh one. */
  isEnding(name: string, who: Owner): boolean;
  /** Takes over a session that an earlier keeper started; one that no grant holds is kept from now on. */
  adopt(session: Session): Promise<void>;
  all(): readonly Session[];
  /** Those whose server lives, the oldest first; one whose server is gone is cleared away by whoever comes next. */
  running(): Promise<readonly Session[]>;
}

interface Live {
  readonly deps: SessionsDeps;
  readonly byKey: Map<string, Session>;
  readonly ending: Set<string>;
  /** Visits between `open` and `release`, by the session's id; a session that nobody has entered yet. */
  readonly visits: Map<string, number>;
  readonly unused: Set<string>;
}

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
    endUnlessKept: async (name, who) => {
      const key = keyFor(name, who);
      await inTurn(key, async () => endIfUnneeded(live, key));
    },
  };
}

/** In its turn. Who has opened it and is not yet in, or is in, is not cut off by somebody else's refusal. */
async function endIfUnneeded(live: Live, key: string): Promise<void> {
  const { deps: deps, byKey, visits, unused } = live;
  const session = byKey.get(key);
  if (session === undefined) return;
  if (!deps.liveGrants.keeps(session.name, session.owner)) return endAtExpiry(live, session);
  if (unused.has(session.id) && (visits.get(session.id) ?? 0) === 0) await end(live, session, 'nobody was let in');
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
  const alive = known !== undefined && (await isAlive(known.server));
  if (known !== undefined && !alive) await end(live, known, 'its server was gone');
  const session = alive ? await takenUp(live, known) : await start(deps, policy, account, owner);
  if (!alive) unused.add(session.id);
  byKey.set(key, session);
  visits.set(session.id, (visits.get(session.id) ?? 0) + 1);
  return session;
}

/** Rule 4. */
async function takenUp({ deps: deps }: Live, session: Session): Promise<Session> {
  if (session.kept === undefined) return session;
  const again = { ...session, kept: undefined };
  await writeSession(deps, again);
  return again;
}

/** Rules 1 and 5. What fails half way leaves nothing. */
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
  const told = { ...owed.facts, account: account.name, privileges };
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
      fence: cgroup,
      privileges,
    });
    const session: Session = { name, id, account, server, since: deps.now(), privileges, owner, kept: undefined };
    await writeSession(deps, session);
    return session;
  } catch (error) {
    const killed = (await cgroup?.end()) ?? [];
    await removeSession(deps, id, { ...owed, facts: { ...owed.facts, why: 'it did not start' }, gone: { killed } });
    throw error instanceof Refused ? error : new Refused('SESSION_START', { session: name }, error);
  }
}

/** `at_expiry` of the policy: what runs inside stays, or is asked to go, and after its grace it is gone. */
async function endAtExpiry(live: Live, session: Session): Promise<void> {
  const { deps: deps, ending } = live;
  const policy = sessionOf(deps.config, session.name);
  // Without its server nobody could come back to what is left of it; where nobody has been, there is nothing to keep.
  const worth = !live.unused.has(session.id) && (await isAlive(session.server));
  if (policy?.atExpiry === 'keep' && worth) return keep(live, session);
  const key = keyOf(session.name, session.owner);
  ending.add(key);
  try {
    const asked = await askToGo(session, policy?.sessionGraceMs ?? 0);
    await end(live, session, 'its last grant ended', asked);
  } finally {
    ending.delete(key);
  }
}

/** Rule 4. */
async function keep({ deps: deps, byKey }: Live, session: Session): Promise<void> {
  if (session.kept !== undefined) return;
  const { name, id, owner, server } = session;
  const running = await server.fence.processes();
  await deps.journal.write('session-kept', { session: name, id, why: 'at_expiry: keep', processes: running.length });
  const kept = { ...session, kept: deps.now() };
  byKey.set(keyOf(name, owner), kept);
  await writeSession(deps, kept);
}

const graceLookMs = 50;

/** HUP and TERM are courtesy: whoever ignores them is killed (law 6). Nobody is attached any more. */
async function askToGo(session: Session, graceMs: number): Promise<readonly CgroupProcess[]> {
  const { fence: cgroup } = session.server;
  const asked = await cgroup.processes();
  await cgroup.signal('SIGHUP');
  await cgroup.signal('SIGTERM');
  const until = performance.now() + graceMs;
  while (performance.now() < until && (await cgroup.populated())) {
    await new Promise((resolve) => setTimeout(resolve, graceLookMs));
  }
  return asked;
}

/** Rule 2. */
async function end(live: Live, session: Session, why: string, asked: readonly CgroupProcess[] = []): Promise<void> {
  const { deps: deps, byKey, visits, unused } = live;
  const { name, id, owner } = session;
  const owed = sessionEnd(session);
  const facts = { ...owed.facts, why };
  // What went by itself once it was asked, and what had to be killed: law 6 wants both written down.
  const goneOf = (killed: readonly KilledProcess[]): Gone => ({
    ended: asked
      .filter(({ pid }) => !killed.some((one) => one.pid === pid))
      .map(({ pid, uid, comm, ageMs }) => ({ pid, uid, comm, ageMs })),
    killed: [...killed],
  });
  const killed = await session.server.fence.end(undefined, async (all) =>
    deps.outbox.intend({ ...owed, facts, gone: goneOf(all) }),
  );
  byKey.delete(keyOf(name, owner));
  visits.delete(id);
  unused.delete(id);
  await removeSession(deps, id, { ...owed, facts, gone: goneOf(killed) });
}
