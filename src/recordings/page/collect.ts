// Collects what the page of a recording shows: the recording, what stood on the screen, and what each person of the session typed.
import { openRecording, type Recording } from '../../adapters/recordings/open.ts';
import { Unreadable } from '../../adapters/recordings/unreadable.ts';
import { pageMessages as words } from '../../core/messages/page.ts';
import type { CastEvent, CastHeader } from '../../core/recording/cast.ts';
import { formatElapsed, formatInstant } from '../../core/time.ts';
import type { Recorded } from '../catalogue.ts';
import { settledRows } from '../rows.ts';
import { typedLines, type TypedLine } from '../typed.ts';
import type { Fact, Lane, RowEntry, TypedEntry } from './page-data.ts';
import type { PageParts } from './page.ts';

/** What the journal knows beside the recording itself. */
export interface PageContext {
  readonly facts: Recorded;
  /** The recordings of whoever was attached to the same session at the same time. */
  readonly others: readonly Recorded[];
  /** The folder with the state files of live connections. */
  readonly connections: string;
  /** The text of an age identity, with which encrypted ones of others are opened; those that it does not open are left out. */
  readonly identity?: string | undefined;
}

/**
 * Those who were attached to the same tmux server while this one was, and whose recordings can be read.
 * @param encrypted whether there is an identity for encrypted ones
 */
export function besides(
  all: readonly Recorded[],
  { id, server, at, lastedMs = Infinity }: Recorded,
  encrypted = false,
): readonly Recorded[] {
  const end = at + lastedMs;
  return all.filter((other) => {
    const isOther = other.id !== id && server !== '' && other.server === server;
    const overlaps = other.at < end && other.at + (other.lastedMs ?? Infinity) > at;
    return isOther && overlaps && other.base !== undefined && (encrypted || other.state !== 'encrypted');
  });
}

/** @throws Unreadable, CastFault */
export async function partsOf(recording: Recording, context: PageContext): Promise<PageParts> {
  const { facts, others } = context;
  const events = await allOf(recording.events());
  const own = { person: nameOf(facts), typed: entriesOf(await typedIn(events)) };
  const shown = events.filter(({ code }) => code !== 'i');
  const length = Math.max(0, ...[shown.at(-1)?.at ?? 0, ...own.typed.map(({ at }) => at)]);
  const lanes: (Lane | undefined)[] = [own];
  for (const other of others) lanes.push(await laneOf(other, context));
  const markers = shown.filter(({ code }) => code === 'm').map(({ at, data }) => ({ at, text: data }));
  return {
    title: words.title(facts.login, recording.header.title ?? facts.session),
    facts: factsOf(facts, length),
    data: {
      ...{ cast: castOf(recording.header, shown), length, markers },
      lanes: lanes.filter((lane) => lane !== undefined && lane.typed.length > 0) as readonly Lane[],
      rows: await rowsOf(recording.header, shown),
    },
  };
}

const nameOf = ({ login, identity }: Recorded): string => (identity === '' ? login : `${login} (${identity})`);

function factsOf(facts: Recorded, length: number): readonly Fact[] {
  const { at, reason, approvedBy, request, id } = facts;
  return [
    [words.when, formatInstant(at)],
    [words.length, formatElapsed(length * 1000)],
    [words.person, nameOf(facts)],
    [words.reason, reason],
    [words.approvedBy, approvedBy],
    [words.request, request],
    [words.connection, id],
  ];
}

/** In the order of their times: what was typed may stand behind output that came later. */
async function allOf(events: AsyncIterable<CastEvent>): Promise<readonly CastEvent[]> {
  return (await collected(events)).sort((one, other) => one.at - other.at);
}

const typedIn = async (events: readonly CastEvent[]): Promise<readonly TypedLine[]> =>
  collected(typedLines(streamed(events)));

const entriesOf = (lines: readonly TypedLine[]): readonly TypedEntry[] => lines.map(({ at, text }) => ({ at, text }));

async function rowsOf(header: CastHeader, events: readonly CastEvent[]): Promise<readonly RowEntry[]> {
  return (await collected(settledRows(header, streamed(events)))).map(({ at, text }) => ({ at, text }));
}

async function collected<T>(all: AsyncIterable<T>): Promise<T[]> {
  const made: T[] = [];
  for await (const one of all) made.push(one);
  return made;
}

// eslint-disable-next-line @typescript-eslint/require-await -- the readers take what comes from a file as well
async function* streamed(events: readonly CastEvent[]): AsyncGenerator<CastEvent> {
  yield* events;
}

/** What somebody else typed while this person was attached, on the clock of this recording; undefined where it is encrypted to others. */
async function laneOf(other: Recorded, { facts, connections, identity }: PageContext): Promise<Lane | undefined> {
  const options = { connections, ...(identity === undefined ? {} : { identity }) };
  const recording = await openRecording(other.base as string, options).catch(unlessForOthers);
  if (recording === undefined) return undefined;
  try {
    const typed = await typedIn(await allOf(recording.events()));
    return { person: nameOf(other), typed: entriesOf(whileAttached(typed, other, facts)) };
  } finally {
    await recording.close();
  }
}

/** Lines that somebody else ended or began in this recording, on its clock. One that was begun before it stands at its beginning. */
function whileAttached(lines: readonly TypedLine[], other: Recorded, facts: Recorded): readonly TypedLine[] {
  const shift = (other.at - facts.at) / 1000;
  const lasted = (facts.lastedMs ?? Infinity) / 1000;
  return lines
    .filter(({ at, until }) => until + shift >= 0 && at + shift <= lasted)
    .map((line) => ({ ...line, at: Math.max(0, line.at + shift) }));
}

/** For `catch`. @throws the error itself when it says something else */
function unlessForOthers(error: unknown): undefined {
  if (!(error instanceof Unreadable) || error.why !== 'wrong-identity') throw error;
}

function castOf(header: CastHeader, events: readonly CastEvent[]): string {
  const lines = [{ version: 2, ...header }, ...events.map(({ at, code, data }) => [at, code, data])];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
