// The recordings of this host while they are written: the keeper reads what the gates write, and journals the digest of each range.
//
// 1. A recording is known on disk before its connection is journaled, and each range is journaled once. A keeper that starts reads from its
//    own state how far the journal was, and in the journal what came after that. Accident: the keeper dies between the record and its
//    state, and the next one writes the same range with another digest.
// 2. One timer looks at all recordings, one after another, in small pieces. Attack: a session prints without end, and the keeper does
//    nothing else (law 12).
// 3. A file that was removed, cut or replaced while it was written ends its connection, since nobody works unrecorded (law 7). What a keeper
//    that starts finds changed in the journaled part is told, too.
// 4. A recording is closed when its gate is gone. A gate that cannot be ended is waited for only so long, and what it writes afterwards is
//    told. Attack: a gate that stays adds to a recording that counts as complete.
// 5. With too little disk space nobody is let in, and later everybody is disconnected (free-space.ts).
import type { Log } from '../../adapters/log.ts';
import { recordingFailedLines } from '../../core/messages/attached.ts';
import type { GrowingRecording } from '../../core/health/judge.ts';
import { connectionEnds } from '../../core/messages/ends.ts';
import { noChain } from '../../core/recording/ranges.ts';
import { openSingleFlight } from '../concurrency/single-flight.ts';
import type { Connection, ConnectionState } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { Unsealed } from '../state/unsealed.ts';
import { advance, follow, type Followed, type FollowedDeps } from './followed.ts';
import { watchSpace, type SpaceDeps } from './free-space.ts';
import { recall } from './recall.ts';

export interface RecordingsDeps extends FollowedDeps, SpaceDeps {
  readonly connections: Connections;
  readonly log: Log;
  readonly host: string;
}

/** Does what comes after the end of a recording. While it rejects, it is called again. */
export type Sealing = (recording: Unsealed) => Promise<void>;

/** Follows the recordings of all connections. */
export interface Recordings {
  /** Call it before the connection is journaled (rule 1). @throws Error of the file system */
  begin(state: ConnectionState): Promise<void>;
  /** Takes over what an earlier keeper left, and looks at all recordings until the signal aborts. @throws Error of the journal */
  start(signal: AbortSignal): Promise<void>;
  /** From now on hands over each recording that is closed; when the promise resolves, it is forgotten here. */
  sealWith(seal: Sealing): void;
  /** How many are over and not sealed. */
  waiting(): number;
  /** Those that are written now, and how long each was at the last look: bytes. */
  growing(): readonly GrowingRecording[];
}

const lookEveryMs = 1_000;
/** Sealing fills the disk once more each time that it fails for want of space. */
const sealAgainMs = 60_000;

/** No recordings yet. */
export function openRecordings(deps: RecordingsDeps): Recordings {
  return new FollowedRecordings(deps);
}

class FollowedRecordings implements Recordings {
  readonly #deps: RecordingsDeps;
  readonly #all = new Map<string, Followed>();
  readonly #closed = new Map<string, Unsealed>();
  /** When a recording that could not be sealed is tried again: instant, ms. */
  readonly #later = new Map<string, number>();
  readonly #once = openSingleFlight<unknown>();
  readonly #space: () => Promise<void>;
  #seal: Sealing | undefined;
  /** Whose failure was logged and not made good yet. */
  readonly #failing = new Set<string>();

  constructor(deps: RecordingsDeps) {
    this.#deps = deps;
    this.#space = watchSpace(deps);
    deps.connections.onGone((connection) => this.#over(connection));
  }

  async begin(state: ConnectionState): Promise<void> {
    const { bytes: journal } = await this.#deps.journal.extent();
    const { id: connection, session, who, recording: file, grant, request, gate } = state;
    const of = { session, login: who.login, grant, request };
    const begun = { connection, ...of, file, gate, journal, cuts: [], chain: noChain };
    await this.#deps.unsealed.save(begun, true);
    this.#all.set(connection, follow(begun, false));
  }

  async start(signal: AbortSignal): Promise<void> {
    const { unsealed, connections } = this.#deps;
    const timer = setInterval(() => this.#look(), lookEveryMs);
    signal.addEventListener('abort', () => clearInterval(timer));
    const live = new Set(connections.all().map(({ state }) => state.id));
    const { open, never } = await recall(this.#deps.journal, await unsealed.all());
    for (const state of open) this.#take(state, live.has(state.connection));
    for (const state of never) if (!live.has(state.connection)) await unsealed.remove(state.connection);
    // A version that journaled no ranges let them in.
    for (const { state } of connections.all()) if (!this.#all.has(state.id)) await this.begin(state);
    this.#look();
  }

  sealWith(seal: Sealing): void {
    this.#seal = seal;
  }

  waiting(): number {
    return this.#closed.size + [...this.#all.values()].filter(({ overAt }) => overAt !== undefined).length;
  }

  growing(): readonly GrowingRecording[] {
    const written = [...this.#all.values()].filter(({ overAt }) => overAt === undefined);
    return written.map(({ state, growing }) => ({ connection: state.connection, bytes: growing.reached.bytes }));
  }

  #take(state: Unsealed, isLive: boolean): void {
    if (state.closed === true) this.#closed.set(state.connection, state);
    else this.#all.set(state.connection, follow(state, true, isLive ? undefined : this.#deps.now()));
  }

  #over({ state: { id }, begun }: Connection): void {
    const one = this.#all.get(id);
    if (one === undefined) return;
    one.overAt = this.#deps.now();
    if (begun) return this.#look();
    // It never began, so it has no recording.
    this.#all.delete(id);
    void this.#deps.unsealed.remove(id).catch((error: unknown) => this.#failed(id, error));
  }

  /** Looks at all of them (rule 2), and once more after that if it is called meanwhile. */
  #look(): void {
    void this.#once('look', async () => {
      for (const [id, one] of this.#all) await this.#advance(id, one);
      await this.#space().catch((error: unknown) => this.#failed('free-space', error));
    });
    void this.#once('seal', async () => this.#sealAll());
  }

  async #advance(id: string, one: Followed): Promise<void> {
    try {
      const isDone = await advance(this.#deps, one);
      this.#failing.delete(id);
      if (one.lost && one.overAt === undefined) this.#end(id);
      if (!isDone) return;
      this.#all.delete(id);
      this.#closed.set(id, one.state);
    } catch (error) {
      this.#failed(id, error);
    }
  }

  /** Rule 3. */
  #end(id: string): void {
    const { connections, host } = this.#deps;
    const connection = connections.all().find(({ state }) => state.id === id);
    if (connection === undefined || connection.over !== undefined) return;
    const how = { why: connectionEnds.recordingGone, lines: recordingFailedLines(host), exit: 74 };
    connections.end(connection, how).catch((error: unknown) => this.#failed(id, error));
  }

  async #sealAll(): Promise<void> {
    for (const [id, state] of this.#closed) {
      if (this.#seal === undefined) return;
      if (this.#deps.now() < (this.#later.get(id) ?? 0)) continue;
      try {
        await this.#seal(state);
        await this.#deps.unsealed.remove(id);
        for (const known of [this.#closed, this.#later]) known.delete(id);
        this.#failing.delete(id);
      } catch (error) {
        this.#later.set(id, this.#deps.now() + sealAgainMs);
        this.#failed(id, error);
      }
    }
  }

  /** It is tried again, and logged once. */
  #failed(what: string, error: unknown): void {
    if (this.#failing.has(what)) return;
    this.#failing.add(what);
    this.#deps.log.error('recording-not-journaled', { what, error });
  }
}
