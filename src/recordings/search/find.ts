// Looks for a text in all recordings, from the newest to the oldest: in those that are sealed by the index, in those that are live, or
// encrypted and opened with an identity, by reading them.
import { listRecordings, type ListedRecording } from '../../adapters/recordings/list.ts';
import { openRecording } from '../../adapters/recordings/open.ts';
import { Unreadable } from '../../adapters/recordings/unreadable.ts';
import { textsOf, unpack } from './documents.ts';
import type { Pattern } from './pattern.ts';
import {
  IndexDamaged,
  type Candidate,
  type ConnectionFacts,
  type IndexedRecording,
  type SearchIndex,
} from './search-index.ts';
import { textsIn, type FoundText } from './texts.ts';

/** What is looked for, and where. */
export interface Query {
  readonly pattern: Pattern;
  /** Only what stood there or was typed since then: an instant, ms. */
  readonly since?: number | undefined;
  readonly login?: string | undefined;
  readonly session?: string | undefined;
  /** Only what was typed. */
  readonly onlyTyped: boolean;
  /** The text of an age identity, for encrypted recordings. */
  readonly identity?: string | undefined;
}

/** Where it was found. */
export interface Hit extends FoundText {
  readonly recording: FoundRecording;
  /** The part of the text that matches, as indices. */
  readonly match: readonly [number, number];
}

export interface FoundRecording {
  /** The id of the connection. */
  readonly id: string;
  /** Undefined where the journal does not say. */
  readonly login: string | undefined;
  readonly session: string | undefined;
  /** Seconds since 1970. */
  readonly began: number;
}

/** What was not searched, or not to its end. */
export interface Skipped {
  /** How many are encrypted, and no identity was given. */
  encrypted: number;
  /** What is wrong with others. */
  readonly faults: string[];
}

/**
 * The hits by recording from the newest on, within one by time.
 * @param places the folder of the recordings, and that of live connections
 * @param skipped is filled in
 * @throws IndexDamaged
 */
export async function* find(
  index: SearchIndex,
  places: { readonly recordings: string; readonly connections: string },
  query: Query,
  skipped: Skipped,
): AsyncGenerator<Hit> {
  const search = new Search(index, query);
  for (const one of await newestFirst(places.recordings, search.indexed)) {
    const recording = search.factsOf(one);
    if (!isWanted(query, recording)) continue;
    if (one.kind === 'encrypted' && query.identity === undefined) skipped.encrypted += 1;
    else if (search.indexed.has(one.id)) yield* search.inIndex(recording, skipped);
    else yield* search.byReading(one, recording, { places, skipped });
  }
}

/** Whether there is any recording at all. */
export async function isAnyThere(recordings: string): Promise<boolean> {
  for await (const _ of listRecordings(recordings)) return true;
  return false;
}

async function newestFirst(
  recordings: string,
  indexed: ReadonlyMap<string, IndexedRecording>,
): Promise<readonly ListedRecording[]> {
  const all: { readonly one: ListedRecording; readonly began: number }[] = [];
  for await (const one of listRecordings(recordings)) {
    // One that is live or encrypted comes before others of its day.
    all.push({ one, began: indexed.get(one.id)?.began ?? Date.parse(one.day) / 1000 + 86_400 });
  }
  return all.sort((a, b) => b.began - a.began).map(({ one }) => one);
}

function isWanted({ login, session }: Query, recording: FoundRecording): boolean {
  return (login ?? recording.login) === recording.login && (session ?? recording.session) === recording.session;
}

class Search {
  readonly indexed: ReadonlyMap<string, IndexedRecording>;
  readonly #index: SearchIndex;
  readonly #query: Query;
  readonly #connections: ReadonlyMap<string, ConnectionFacts>;
  readonly #candidates: ReadonlyMap<number, readonly Candidate[]>;

  constructor(index: SearchIndex, query: Query) {
    this.#index = index;
    this.#query = query;
    this.indexed = new Map(index.recordings().map((one) => [one.id, one]));
    this.#connections = new Map(index.connections().map((one) => [one.id, one]));
    this.#candidates = index.candidates(query.pattern.narrowed, query.onlyTyped);
  }

  factsOf({ id, day }: ListedRecording): FoundRecording {
    const { login, session } = this.#connections.get(id) ?? {};
    return { id, login, session, began: this.indexed.get(id)?.began ?? Date.parse(day) / 1000 };
  }

  /** What the index has of a recording. */
  *inIndex(recording: FoundRecording, skipped: Skipped): Generator<Hit> {
    const known = this.indexed.get(recording.id);
    if (known === undefined || this.#isBefore(recording, known.lasted)) return;
    if (known.fault !== null) skipped.faults.push(known.fault);
    const hits: Hit[] = [];
    for (const { number, isTyped } of this.#candidates.get(known.number) ?? []) {
      const document = this.#unpacked(number);
      if (!this.#query.pattern.mayHold(document)) continue;
      for (const text of textsOf(document.toString('utf8'), this.#query.pattern.needle))
        hits.push(...this.#hit(recording, { ...text, isTyped }));
    }
    yield* withoutGrowing(hits.sort((a, b) => a.at - b.at));
  }

  /** What is read of a recording that is not in the index. */
  async *byReading({ base }: ListedRecording, of: FoundRecording, { places, skipped }: Reading): AsyncGenerator<Hit> {
    const { identity } = this.#query;
    const hits: Hit[] = [];
    try {
      const open = await openRecording(base, { ...places, ...(identity === undefined ? {} : { identity }) });
      try {
        const recording = { ...of, began: open.header.timestamp ?? of.began };
        const source = { header: open.header, events: () => open.events() };
        for await (const texts of textsIn(source)) for (const text of texts) hits.push(...this.#hit(recording, text));
      } finally {
        await open.close();
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      if (error.why !== 'missing' && error.why !== 'purged') skipped.faults.push(error.message);
    }
    yield* withoutGrowing(hits.sort((a, b) => a.at - b.at));
  }

  #hit(recording: FoundRecording, text: FoundText): readonly Hit[] {
    if ((this.#query.onlyTyped && !text.isTyped) || this.#isBefore(recording, text.at)) return [];
    const match = this.#query.pattern.match(text.text);
    return match === undefined ? [] : [{ ...text, recording, match }];
  }

  #isBefore({ began }: FoundRecording, at: number): boolean {
    return this.#query.since !== undefined && (began + at) * 1000 < this.#query.since;
  }

  #unpacked(number: number): Buffer {
    const packed = this.#index.packed(number);
    try {
      return unpack(packed);
    } catch (error) {
      throw new IndexDamaged(`document ${number} is damaged`, { cause: error });
    }
  }
}

interface Reading {
  readonly places: { readonly connections: string };
  readonly skipped: Skipped;
}

/** A line that grows within this time is still being typed or printed. */
const growingSeconds = 60;
/** How many others may be seen meanwhile. */
const growingAtOnce = 40;

/** Of a line that was seen again and again while it grew, the whole text, at the time when the match was first seen. */
function withoutGrowing(hits: readonly Hit[]): readonly Hit[] {
  const kept: Hit[] = [];
  for (const hit of hits) {
    const from = Math.max(0, kept.length - growingAtOnce);
    const at = kept.slice(from).findLastIndex((one) => isGrown(one, hit));
    const before = kept[from + at];
    if (at < 0 || before === undefined) kept.push(hit);
    else kept[from + at] = { ...hit, at: before.at };
  }
  return kept;
}

function isGrown(before: Hit, hit: Hit): boolean {
  return (
    before.isTyped === hit.isTyped &&
    hit.text.length > before.text.length &&
    hit.text.startsWith(before.text) &&
    hit.at - before.at <= growingSeconds
  );
}
