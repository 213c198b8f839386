// How long recordings are kept: held, released, purged by root or, by age, by the policy.
//
// 1. The record is in the journal before the file goes (law 7), and a keeper that starts finishes what an earlier one began
//    (reconcile-outbox.ts). The digests stay in the journal, so proofs of other records, and of this one, stay valid.
// 2. A hold beats the policy and root's purge. Accident: what a court asked for is removed by age.
// 3. What goes is the sealed file and all that could be left of it: a plain file, a draft, its texts in the index of `find`. What stays says
//    who purged it and why.
// 4. The policy purges only what core/recording/keep.ts lets it. One that was changed is not sealed, has no facts, and stays for root to judge.
import { removeFile } from '../../adapters/durable.ts';
import { endings } from '../../adapters/recordings/endings.ts';
import { rememberedRecordings, readFacts, writeFacts, type RecordingFacts } from '../../adapters/recordings/facts.ts';
import type { Hold } from '../../recordings/holds.ts';
import { removeKeptScreens } from '../../adapters/recordings/kept-screens.ts';
import { findRecording } from '../../adapters/recordings/list.ts';
import type { Log } from '../../adapters/log.ts';
import { keepIsOver, policyPurges } from '../../core/messages/keeping.ts';
import type { Config } from '../../core/policy-types.ts';
import { clockState, isPurgeDue, keepOf, type TwoClocks } from '../../core/recording/keep.ts';
import { Refused } from '../../core/refusal.ts';
import { integer, object, parseJson, text } from '../../core/shape.ts';
import { hour } from '../../core/time.ts';
import type { Layout } from '../../wire/layout.ts';
import type { Holds } from '../state/holds.ts';
import type { Outbox } from '../state/outbox.ts';
import type { UnsealedFiles } from '../state/unsealed.ts';

export interface KeepingDeps {
  readonly host: string;
  readonly layout: Pick<Layout, 'recordings'>;
  readonly config: Pick<Config, 'recordings' | 'sessions'>;
  readonly outbox: Pick<Outbox, 'allow'>;
  readonly holds: Holds;
  readonly unsealed: Pick<UnsealedFiles, 'all'>;
  readonly searchIndexing: { forget(): Promise<void> };
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  now(): number;
  monotonicNow(): number;
}

/** A recording that somebody named. */
export interface Kept {
  readonly connection: string;
  /** Its path without ending. */
  readonly base: string;
  /** Missing while it is live or not sealed yet, and for one that could not be sealed. */
  readonly facts: RecordingFacts | undefined;
  /** Whether it goes on, or waits to be sealed. */
  readonly open: boolean;
}

/** Who does it, and why. */
export interface By {
  readonly by: string;
  readonly reason: string;
}

export interface Keeping {
  /** The recordings of a connection, a grant or a request. @throws Refused RECORDING_UNKNOWN */
  find(id: string): Promise<readonly Kept[]>;
  held(connection: string): Hold | undefined;
  /** Rules 1 and 2. @throws Refused JOURNAL_DOWN, Error of the file system: then nothing has changed */
  hold(connection: string, who: By): Promise<void>;
  release(connection: string, who: By): Promise<void>;
  /** Rules 1 to 3: all of them or none; resolves when their texts are gone from the index, too. @throws Refused RECORDING_HELD, RECORDING_OPEN; JOURNAL_DOWN, Error of the file system */
  purge(all: readonly Kept[], who: By): Promise<void>;
  /** Rule 1, for a keeper that starts. @param redo as `allow` kept it */
  again(event: KeepingEvent, redo: string): Promise<void>;
  /** Looks each hour for what is to be purged by age, until the signal aborts. */
  start(signal: AbortSignal): void;
  /** One such look (rule 4). @returns how many it purged */
  look(): Promise<number>;
}

type KeepingEvent = 'recording-held' | 'recording-released' | 'recording-purged';

const redoShape = object({ connection: text(16), base: text(255), by: text(200), reason: text(1000), at: integer(0) });
type Redo = NonNullable<ReturnType<typeof redoShape>>;

export function openKeeping(deps: KeepingDeps): Keeping {
  return new KeepingOnDisk(deps);
}

class KeepingOnDisk implements Keeping {
  readonly #deps: KeepingDeps;
  #since: TwoClocks;

  constructor(deps: KeepingDeps) {
    this.#deps = deps;
    this.#since = this.#clocks();
  }

  async find(id: string): Promise<readonly Kept[]> {
    const { layout, unsealed, host } = this.#deps;
    const isIt = (one: { readonly connection: string; readonly request?: string; readonly grant?: string }): boolean =>
      [one.connection, one.request, one.grant].includes(id);
    const found = new Map<string, Kept>();
    for (const one of (await unsealed.all()).filter(isIt)) {
      const base = one.file.slice(0, -endings.plain.length);
      found.set(one.connection, { connection: one.connection, base, facts: undefined, open: true });
    }
    for await (const { base, facts } of rememberedRecordings(layout.recordings))
      if (isIt(facts) && !found.has(facts.connection))
        found.set(facts.connection, { connection: facts.connection, base, facts, open: false });
    const base = found.size > 0 ? undefined : await findRecording(layout.recordings, id);
    if (base !== undefined) found.set(id, { connection: id, base, facts: undefined, open: false });
    if (found.size === 0) throw new Refused('RECORDING_UNKNOWN', { word: id, host });
    return [...found.values()];
  }

  held(connection: string): Hold | undefined {
    return this.#deps.holds.of(connection);
  }

  async hold(connection: string, who: By): Promise<void> {
    await this.#allow('recording-held', { connection, base: '', ...who });
  }

  async release(connection: string, who: By): Promise<void> {
    await this.#allow('recording-released', { connection, base: '', ...who });
  }

  async purge(all: readonly Kept[], who: By): Promise<void> {
    const { host } = this.#deps;
    for (const { connection, open } of all) {
      const hold = this.held(connection);
      if (hold !== undefined) throw new Refused('RECORDING_HELD', { word: connection, by: hold.by, host });
      if (open) throw new Refused('RECORDING_OPEN', { word: connection, host });
    }
    for (const one of all) await this.#remove(one, who);
    await this.#forget(all);
  }

  /** Screens once more, since what indexes a recording keeps some, and was ended with a draft of them perhaps. */
  async #forget(all: readonly Pick<Kept, 'base'>[]): Promise<void> {
    if (all.length === 0) return;
    await this.#deps.searchIndexing.forget();
    for (const { base } of all) await removeKeptScreens(base);
  }

  async #remove({ connection, base, facts }: Kept, who: By): Promise<void> {
    await this.#allow('recording-purged', { connection, base, ...who }, facts);
  }

  async #allow(event: KeepingEvent, asked: Omit<Redo, 'at'>, facts?: RecordingFacts): Promise<void> {
    const redo: Redo = { ...asked, at: this.#deps.now() };
    const { connection, by, reason } = redo;
    const told = { connection, by, reason };
    const file = { file: facts?.file ?? `${connection}${endings.plain}`, sha256: facts?.sha256 };
    const owed = { is: { connection }, redo: JSON.stringify(redo) };
    await this.#deps.outbox.allow(
      event === 'recording-purged' ? { ...owed, event, facts: { ...told, ...file } } : { ...owed, event, facts: told },
      async () => this.#act(event, redo),
    );
    this.#deps.log.info(event, { connection, by });
  }

  async again(event: KeepingEvent, redo: string): Promise<void> {
    const read = parseJson(redo, redoShape, 64 * 1024);
    if (read === undefined) throw new Error(`what is owed of ${event} cannot be read`);
    await this.#act(event, read);
  }

  async #act(event: KeepingEvent, { connection, base, by, reason, at }: Redo): Promise<void> {
    const { holds } = this.#deps;
    if (event === 'recording-held') return holds.hold({ connection, by, reason, at });
    if (event === 'recording-released') return holds.release(connection);
    await removeRecording(base, { by, reason, at });
  }

  start(signal: AbortSignal): void {
    const timer = setInterval(() => {
      void this.look().catch((error: unknown) => this.#deps.log.error('keep-not-looked', { error }));
    }, hour);
    signal.addEventListener('abort', () => clearInterval(timer));
  }

  async look(): Promise<number> {
    const clocks = this.#clocks();
    const state = clockState(this.#since, clocks);
    if (state === 'moved') {
      this.#deps.log.warn('keep-waits-for-the-clock', {});
      this.#since = clocks;
    }
    return state === 'even' ? this.#purgeDue() : 0;
  }

  async #purgeDue(): Promise<number> {
    const { layout, config } = this.#deps;
    const gone: Pick<Kept, 'base'>[] = [];
    for await (const { base, facts } of rememberedRecordings(layout.recordings)) {
      const { connection, session, ended, purged } = facts;
      const keep = keepOf(config.recordings.keep, config.sessions[session]?.keep);
      if (keep === 'forever' || purged !== undefined || !isPurgeDue(ended, keep, this.#deps.now())) continue;
      if (this.held(connection) !== undefined) continue;
      const why = { by: policyPurges, reason: keepIsOver(session, keep) };
      await this.#remove({ connection, base, facts, open: false }, why);
      gone.push({ base });
    }
    await this.#forget(gone);
    return gone.length;
  }

  #clocks(): TwoClocks {
    return { wall: this.#deps.now(), monotonic: this.#deps.monotonicNow() };
  }
}

/** Rule 3. What is remembered comes first, so that a recording that is gone never counts as missing. */
async function removeRecording(base: string, purged: NonNullable<RecordingFacts['purged']>): Promise<void> {
  const facts = await readFacts(base);
  if (facts !== undefined) await writeFacts(base, { ...facts, purged });
  for (const ending of Object.values(endings))
    for (const file of [`${base}${ending}.new`, `${base}${ending}`]) await removeFile(file);
  await removeKeptScreens(base);
}
