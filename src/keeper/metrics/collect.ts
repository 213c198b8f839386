// What a scrape adds to what was counted: how things are at this moment, from memory alone. Nobody is asked, and nothing is awaited.
import type { Meters } from '../../adapters/metrics/meters.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Outgoing } from '../../adapters/outgoing.ts';
import { everyone } from '../../core/lock.ts';
import { foldNames, type Fold } from '../../core/metrics/fold.ts';
import { most } from '../../core/metrics/table.ts';
import type { Config } from '../../core/policy-types.ts';
import { second } from '../../core/time.ts';
import type { Connections } from '../connections/connections.ts';
import type { LiveGrants } from '../grants/live-grants.ts';
import type { Recordings } from '../recordings/recordings.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Locks } from '../state/held-locks.ts';
import type { Witnessing } from '../witness/witnessing.ts';

export interface CollectDeps {
  readonly config: Pick<Config, 'sessions'>;
  readonly connections: Pick<Connections, 'all'>;
  readonly eventLoop: { longest(): number };
  readonly journal: Pick<Journal, 'changed'>;
  readonly liveGrants: Pick<LiveGrants, 'all'>;
  readonly locks: Pick<Locks, 'all'>;
  readonly outgoing: Pick<Outgoing, 'certificates'>;
  readonly recordings: Pick<Recordings, 'waiting'>;
  readonly sessions: Pick<Sessions, 'all'>;
  readonly witnessing: Pick<Witnessing, 'report'>;
  /** Instant, ms. */
  readonly now: () => number;
}

/** Call it before each text. */
export function collect(deps: CollectDeps, meters: Meters): void {
  const locked = deps.locks.all().filter((lock) => lock.locked);
  const ofAll = locked.filter(({ target }) => target === everyone).length;
  meters.set('tmux_gate_grants', {}, deps.liveGrants.all().length);
  meters.set('tmux_gate_sessions', {}, deps.sessions.all().length);
  meters.set('tmux_gate_locks', { target: 'everyone' }, ofAll);
  meters.set('tmux_gate_locks', { target: 'login' }, locked.length - ofAll);
  meters.set('tmux_gate_recordings_waiting', {}, deps.recordings.waiting());
  meters.set('tmux_gate_loop_turn_seconds', {}, deps.eventLoop.longest() / second);
  if (deps.journal.changed !== undefined) meters.set('tmux_gate_journal_up', {}, 0);
  const ends = deps.outgoing.certificates().map(({ until }) => until);
  if (ends.length > 0) meters.set('tmux_gate_certificate_expiry_timestamp_seconds', {}, Math.min(...ends) / second);
  collectConnections(deps, meters);
  collectWitnesses(deps, meters);
}

function collectConnections({ config, connections, now }: CollectDeps, meters: Meters): void {
  const names = Object.keys(config.sessions);
  const live = connections.all();
  const sessions = [
    ...names.map((name) => [name, 0] as const),
    ...live.map(({ state }) => [state.session, 1] as const),
  ];
  meters.clear('tmux_gate_connections');
  for (const [session, number] of folded(sessions, foldNames(names, most.sessions), (a, b) => a + b))
    meters.set('tmux_gate_connections', { session }, number);
  const overdue = live.filter(({ end }) => end < now());
  meters.set('tmux_gate_connections_overdue', {}, overdue.length);
}

function collectWitnesses({ witnessing }: CollectDeps, meters: Meters): void {
  const lags = witnessing.report().witnesses.map(({ name, lagMs }) => [name, lagMs / second] as const);
  const names = lags.map(([name]) => name).filter((name) => nameForm.test(name));
  meters.clear('tmux_gate_witness_lag_seconds');
  for (const [witness, lag] of folded(lags, foldNames(names, most.witnesses), Math.max))
    meters.set('tmux_gate_witness_lag_seconds', { witness }, lag);
}

/** The name of a key may be any text without spaces (C2SP signed-note); a label should be one to read. */
const nameForm = /^[\w./:-]{1,128}$/;

/** One value for each label. */
function folded(
  pairs: readonly (readonly [name: string, value: number])[],
  fold: Fold,
  together: (a: number, b: number) => number,
): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const [name, value] of pairs) {
    const label = fold(name);
    const before = values.get(label);
    values.set(label, before === undefined ? value : together(before, value));
  }
  return values;
}
