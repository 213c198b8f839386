// The sessions of this host: one tmux server each, started on demand, ended with the last grant.
//
// 1. Started by the keeper, as the session account, in a cgroup and a folder of its own (design section 1); never by a refused
//    visit and never by a client.
// 2. Ended by `cgroup.kill` until nothing is left (law 6); tmux is asked for nothing.
// 3. Opening and ending one session never overlap: an end in the middle of an admission wins.
import type { Account } from '../adapters/accounts.ts';
import type { Killed } from '../adapters/cgroup-fence.ts';
import { readState, removeState, writeState } from '../adapters/state-file.ts';
import { forgetServer, isAlive, startServer, type Server } from '../adapters/tmux.ts';
import { connectionId, idBytes } from '../core/ids.ts';
import type { SessionPolicy } from '../core/policy-types.ts';
import { integer, object, text } from '../core/shape.ts';
import type { House } from './house.ts';

export interface Session {
  readonly name: string;
  readonly id: string;
  readonly account: Account;
  readonly server: Server;
  readonly since: number;
}

export interface Sessions {
  /** The live server of a session, started if there is none. @throws Refused SESSION_START */
  open(policy: SessionPolicy, account: Account): Promise<Session>;
  /** Ends a session unless a grant keeps it. */
  endUnlessKept(name: string): Promise<void>;
  /** Takes over a session that an earlier keeper started. */
  adopt(session: Session): void;
  all(): readonly Session[];
}

const stateShape = object({
  name: text(32),
  id: text(16),
  account: text(64),
  pid: integer(1),
  startTime: integer(0),
  since: integer(0),
});
export type SessionState = NonNullable<ReturnType<typeof stateShape>>;

export function openSessions(house: () => House): Sessions {
  const live = new Map<string, Session>();
  return {
    all: () => [...live.values()],
    adopt: (session) => void live.set(session.name, session),
    open: async (policy, account) =>
      house().oneByOne(`session ${policy.name}`, async () => {
        const known = live.get(policy.name);
        if (known !== undefined && (await isAlive(known.server))) return known;
        if (known !== undefined) await end(house(), live, known, 'its server was gone');
        const session = await start(house(), policy, account);
        live.set(policy.name, session);
        return session;
      }),
    endUnlessKept: async (name) =>
      house().oneByOne(`session ${name}`, async () => {
        const session = live.get(name);
        if (session === undefined || house().book.keeps(name)) return;
        await endAtExpiry(house(), live, session);
      }),
  };
}

/** Rule 1. */
async function start(house: House, policy: SessionPolicy, account: Account): Promise<Session> {
  const id = connectionId(house.random(idBytes.connection));
  const { name } = policy;
  await house.journal.write('session-starting', { session: name, id, account: account.name });
  const fence = await house.cgroups.create('s', id);
  const server = await startServer({ layout: house.layout, session: name, id, account, fence });
  const since = house.now();
  const state: SessionState = { name, id, account: account.name, pid: server.pid, startTime: server.startTime, since };
  await writeState(statePath(house, id), state, false);
  return { name, id, account, server, since };
}

/** `at_expiry` of the policy: what runs inside is asked to go, and after its grace it is gone. */
async function endAtExpiry(house: House, live: Map<string, Session>, session: Session): Promise<void> {
  const policy = house.config.sessions[session.name];
  if (policy?.atExpiry === 'keep') {
    await house.journal.write('session-kept', { session: session.name, id: session.id, why: 'at_expiry: keep' });
    return;
  }
  const asked = await askToGo(session, policy?.sessionGraceMs ?? 0);
  await end(house, live, session, 'its last grant ended', asked);
}

const graceLookMs = 50;

/** HUP and TERM are courtesy: whoever ignores them is killed (law 6). Nobody is attached any more. */
async function askToGo(session: Session, graceMs: number): Promise<readonly Killed[]> {
  const { fence } = session.server;
  const asked = await fence.processes();
  await fence.signal('SIGHUP');
  await fence.signal('SIGTERM');
  const until = performance.now() + graceMs;
  while (performance.now() < until && (await fence.populated())) {
    await new Promise((resolve) => setTimeout(resolve, graceLookMs));
  }
  return asked;
}

/** Rule 2. */
async function end(
  house: House,
  live: Map<string, Session>,
  session: Session,
  why: string,
  asked: readonly Killed[] = [],
): Promise<void> {
  const killed = await session.server.fence.end();
  const went = asked.filter(({ pid }) => !killed.some((one) => one.pid === pid));
  live.delete(session.name);
  await removeSession(house, session.id);
  await house.journal.write('session-ended', {
    session: session.name,
    id: session.id,
    why,
    // What went by itself once it was asked, and what had to be killed: law 6 wants both written down.
    ended: killedFacts(went),
    killed: killedFacts(killed),
  });
}

export function killedFacts(killed: readonly Killed[]): readonly Record<string, unknown>[] {
  return killed
    .slice(0, 200)
    .map(({ pid, comm, uid, ageMs }) => ({ pid, comm, uid, ageSeconds: Math.round(ageMs / 1000) }));
}

export function statePath(house: House, id: string): string {
  return `${house.layout.sessions}/${id}.json`;
}

export async function removeSession(house: House, id: string): Promise<void> {
  await forgetServer(house.layout, id);
  await removeState(statePath(house, id));
}

export async function readSession(house: House, id: string): Promise<SessionState | undefined> {
  return readState(statePath(house, id), stateShape).catch(() => undefined);
}
