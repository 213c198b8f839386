// A connection whose cgroup handle and conversation are in memory.
import type { BeforeKill, CgroupHandle } from '../../../src/adapters/cgroup-handle.ts';
import type { Person } from '../../../src/core/request.ts';
import { minute } from '../../../src/core/time.ts';
import type { Connection, ConnectionState } from '../../../src/keeper/connections/connection.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import type { World } from './world.ts';

export type { Line } from './fakes.ts';

export interface Gate {
  /** What it was told. */
  readonly said: string[];
  cgroupEnds: number;
  /** While set, its cgroup does not end. */
  stuck: boolean;
  atBlow: () => readonly unknown[];
  /** What `atBlow` gave. */
  seen: readonly unknown[];
  readonly gone: AbortController;
}

export type Change = Partial<ConnectionState> & Partial<Pick<Connection, 'entered' | 'begun' | 'input'>>;

/** The pid of no process: beyond the largest that Linux gives (proc(5), pid_max). */
const noPid = 2 ** 22 + 1;

function fenceOf(gate: Gate): CgroupHandle {
  const killed = [{ pid: 7, uid: 1001, comm: 'sleep', ageMs: 0 }];
  const end = async (_?: AbortSignal, before?: BeforeKill): Promise<typeof killed> => {
    if (gate.stuck) throw new Error('stuck');
    await before?.(killed);
    gate.seen = gate.atBlow();
    gate.cgroupEnds += 1;
    return killed;
  };
  return { path: '/c/1', end, processes: async () => Promise.resolve([]) } as Partial<CgroupHandle> as CgroupHandle;
}

function conversationOf(gate: Gate): Conversation {
  const told: Partial<Conversation> = {
    ...{ gone: gate.gone.signal, closed: Promise.resolve() },
    cut: (lines, exit) => void gate.said.push(`cut ${lines.join(' ')} ${exit}`),
    deadline: (end) => void gate.said.push(`deadline ${end}`),
    input: (rule) => void gate.said.push(`input ${rule}`),
  };
  return told as Conversation;
}

/** Somebody who is in prod-db under the grant G0. */
export function connect(world: World, who: Person, change: Change = {}) {
  const { entered = true, begun = true, input = 'pass', ...more } = change;
  const gone = new AbortController();
  const gate: Gate = { said: [], cgroupEnds: 0, stuck: false, atBlow: () => [], seen: [], gone };
  const now = world.deps.now();
  const state: ConnectionState = {
    ...{ id: 'C1', session: 'prod-db', who, address: '10.0.0.7', fingerprint: 'SHA256:x', grant: 'G0', request: 'R0' },
    ...{ reason: 'INC-1', approvers: [], recording: '', since: now, end: now + 20 * minute, secret: '' },
    gate: { pid: noPid, startTime: 1 },
    ...more,
  };
  const conversation = conversationOf(gate);
  const connection: Connection = {
    ...{ state, cgroup: fenceOf(gate), conversation, returning: undefined, entered, begun, end: state.end, input },
    ...{ reminded: Infinity, over: undefined, farewell: undefined },
  };
  world.deps.connections.add(connection);
  return { connection, gate, conversation };
}
