// Keyframes: the screen as it was at the beginning of each range and at places within it, so that a player jumps into a long recording
// without drawing all that came before.
//
// 1. A keyframe is a cache and no evidence. It lies beside the recording, root's own; one that is missing, damaged or of other ranges is
//    made again. Attack, or accident: a stale file shows a screen that never was.
// 2. They are kept of sealed recordings alone. Of an encrypted one, and of one that may still be encrypted, they stay in memory. Attack:
//    the screens of an encrypted recording lie in the clear beside it.
// 3. A keyframe is bounded; where the screen is too large to be kept, there is none at that place and the one before it serves. Attack: a session
//    that gives each of a million cells a colour of its own fills the disk.
//
// The file is in the zstd seekable format, as a sealed recording is: a frame for each place, and a last one that says where these are.
import serialize from '@xterm/addon-serialize';
import { open, rename, unlink } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { openBytes, type ByteSource } from '../adapters/recordings/byte-source.ts';
import type { Recording } from '../adapters/recordings/open.ts';
import { readFrame, readFrames, SeekableWriter } from '../adapters/recordings/zstd-seekable.ts';
import { parseCastLine, sizeOf, type CastEvent } from '../core/recording/cast.ts';
import { Screen } from './screen.ts';

/** A place in a recording: before an event of a range. */
export interface Place {
  readonly range: number;
  /** How many events of the range are before it. */
  readonly events: number;
  /** Seconds: all events before it happened at this time or earlier. */
  readonly at: number;
}

/** The screens at some places. */
export interface Keyframes {
  /** The last place that has a screen and is not after this time, in seconds. Whoever gets the screen disposes of it. */
  before(at: number): Promise<{ readonly place: Place; readonly screen: Screen }>;
  close(): Promise<void>;
}

/** What the last frame says. */
interface Index {
  readonly version: number;
  /** Where each range of the recording ends (rule 1). */
  readonly ends: readonly number[];
  /** The place of each keyframe. */
  readonly places: readonly Place[];
}

interface Kept {
  readonly cols: number;
  readonly rows: number;
  readonly text: string;
}

/** Of a screen, as JSON, in characters (rule 3). An ordinary one takes 11,000. */
const mostKept = 256 * 1024;

/** So much is drawn from one keyframe to the next, in characters. */
const between = 256 * 1024;

/** How far the making of keyframes is: from 0 to 1. */
export type Progress = (done: number) => void;

/** Where the keyframes of a recording lie. */
export const keyframesOf = (base: string): string => `${base}.keyframes`;

/**
 * Opens the keyframes of a recording, and makes them where there are none (rules 1 and 2).
 * @param base the path of the recording without ending
 * @throws Unreadable when the recording is damaged; the reason of the signal
 */
export async function openKeyframes(
  base: string,
  recording: Recording,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<Keyframes> {
  const path = keyframesOf(base);
  const isKept = recording.kind === 'sealed';
  const there = isKept ? await existing(path, recording) : undefined;
  if (there !== undefined) return there;
  if (!isKept) return inMemory(recording, onProgress, signal);
  await makeFile(path, recording, onProgress, signal);
  return (await existing(path, recording)) ?? inMemory(recording, onProgress, signal);
}

/** Rule 1. */
async function existing(path: string, recording: Recording): Promise<Keyframes | undefined> {
  const source = await openBytes(path).catch(() => undefined);
  if (source === undefined) return undefined;
  const kept = await opened(source, recording).catch(() => undefined);
  if (kept === undefined) await source.close();
  return kept;
}

async function opened(source: ByteSource, recording: Recording): Promise<Keyframes | undefined> {
  const frames = await readFrames(source);
  const last = frames.at(-1);
  if (last === undefined) return undefined;
  const index = JSON.parse((await readFrame(source, last)).toString()) as Partial<Index>;
  const ends = recording.ranges.map(({ to }) => to);
  if (index.version !== 1 || JSON.stringify(index.ends) !== JSON.stringify(ends)) return undefined;
  const { places = [] } = index;
  if (frames.length !== places.length + 1) return undefined;
  return {
    before: async (at) => {
      const found = places.findLastIndex((place) => place.at <= at);
      const [place, frame] = [places[found], frames[found]];
      if (place === undefined || frame === undefined) return { place: start, screen: beginning(recording) };
      const kept = await readFrame(source, frame).catch(() => undefined); // rule 1: damaged
      if (kept === undefined) return { place: start, screen: beginning(recording) };
      return { place, screen: restored(JSON.parse(kept.toString()) as Kept) };
    },
    close: async () => source.close(),
  };
}

const start: Place = { range: 0, events: 0, at: 0 };

const beginning = ({ header: { width, height } }: Recording): Screen =>
  restored({ cols: width, rows: height, text: '' });

function restored({ cols, rows, text }: Kept): Screen {
  const screen = new Screen({ cols, rows });
  screen.write(text);
  return screen;
}

async function inMemory(recording: Recording, onProgress: Progress, signal: AbortSignal): Promise<Keyframes> {
  const pieces: Buffer[] = [];
  await make(recording, async (bytes) => Promise.resolve(void pieces.push(bytes)), onProgress, signal);
  const all = Buffer.concat(pieces);
  const source: ByteSource = {
    size: all.length,
    read: async (at, length) => Promise.resolve(all.subarray(at, at + length)),
    close: async () => Promise.resolve(),
  };
  const kept = await opened(source, recording);
  if (kept === undefined) throw new Error('keyframes that were just made do not fit their recording');
  return kept;
}

/** A disk that takes no more leaves no file: keyframes are then made in memory. @throws what `make` throws of the recording */
async function makeFile(path: string, recording: Recording, onProgress: Progress, signal: AbortSignal): Promise<void> {
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, 'wx', 0o600).catch(() => undefined);
  if (file === undefined) return;
  const state = { isWritten: true };
  const write = async (bytes: Buffer): Promise<void> => {
    if (!state.isWritten) return;
    await file.writeFile(bytes).catch(() => {
      state.isWritten = false;
    });
  };
  try {
    await make(recording, write, onProgress, signal);
    await file.close();
    if (state.isWritten) await rename(draft, path);
  } finally {
    await file.close();
    await unlink(draft).catch(() => undefined);
  }
}

async function make(
  recording: Recording,
  write: (bytes: Buffer) => Promise<void>,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const writer = new SeekableWriter();
  const places: Place[] = [];
  const keep = async (place: Place, text: string): Promise<void> => {
    if (text.length > mostKept) return; // rule 3
    places.push(place);
    await write(writer.frame(Buffer.from(text)));
  };
  for await (const [place, text] of screensOf(recording)) {
    signal.throwIfAborted();
    onProgress((recording.ranges[place.range]?.from ?? 0) / recording.bytes);
    await keep(place, text);
    await setImmediate(); // keys and signals are heard in between
  }
  const index: Index = { version: 1, ends: recording.ranges.map(({ to }) => to), places };
  await write(writer.frame(Buffer.from(JSON.stringify(index))));
  await write(writer.table());
  onProgress(1);
}

/** Draws the whole recording. @returns the screens, as JSON, at the beginning of each range and at places within it */
async function* screensOf(recording: Recording): AsyncGenerator<readonly [Place, string]> {
  const { width, height } = recording.header;
  const screen = new Screen({ cols: width, rows: height });
  const addon = new serialize.SerializeAddon();
  screen.terminal.loadAddon(addon);
  try {
    let at = 0;
    for (const range of recording.ranges.keys()) {
      let drawn = Infinity;
      for (const [events, event] of (await eventsOf(recording, range, at)).entries()) {
        if (drawn >= between) {
          yield [{ range, events, at }, keptOf(screen, addon)];
          drawn = 0;
        }
        draw(screen, event);
        drawn += event.data.length;
        ({ at } = event);
      }
    }
  } finally {
    screen.dispose();
  }
}

function keptOf(screen: Screen, addon: serialize.SerializeAddon): string {
  const { cols, rows } = screen.terminal;
  return JSON.stringify({ cols, rows, text: `${addon.serialize()}${screen.state}` } satisfies Kept);
}

async function eventsOf(recording: Recording, range: number, since: number): Promise<readonly CastEvent[]> {
  const lines = (await recording.range(range)).toString('utf8').split('\n').slice(0, -1);
  let at = since;
  return (range === 0 ? lines.slice(1) : lines).map((line) => {
    const event = parseCastLine(line, at);
    ({ at } = event);
    return event;
  });
}

/** Draws what an event changes on a screen; others than output and resizes change nothing. */
export function draw(screen: Screen, { code, data }: CastEvent): void {
  if (code === 'o') screen.write(data);
  else if (code === 'r') {
    const { width, height } = sizeOf(data);
    screen.resize({ cols: width, rows: height });
  }
}
