// Keyframes: the screen as it was at the beginning of each range and at places within it, so that a player jumps into a long recording
// without drawing all that came before.
//
// 1. A keyframe is a cache and no evidence. It lies beside the recording, root's own; one that is missing, damaged or of other ranges is
//    made again. Attack, or accident: a stale file shows a screen that never was.
// 2. They are kept of sealed recordings alone. Of an encrypted one, and of one that may still be encrypted, they stay in memory. Attack:
//    the screens of an encrypted recording lie in the clear beside it.
import { setImmediate } from 'node:timers/promises';
import { openBytes, type ByteSource } from '../adapters/recordings/byte-source.ts';
import type { Recording } from '../adapters/recordings/open.ts';
import { readFrame, readFrames } from '../adapters/recordings/zstd-seekable.ts';
import {
  draw,
  keepKeyframes,
  keyframesOf,
  makeKeyframes,
  type DrawnEvents,
  type KeptScreen,
  type KeyframeIndex,
  type Place,
} from './make-keyframes.ts';
import { Screen } from './screen.ts';

/** The screens at some places. */
export interface Keyframes {
  /** The last place that has a screen and is not after this time, in seconds. Whoever gets the screen disposes of it. */
  before(at: number): Promise<{ readonly place: Place; readonly screen: Screen }>;
  close(): Promise<void>;
}

/** How far the making of keyframes is: from 0 to 1. */
export type Progress = (done: number) => void;

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
  await keepKeyframes(base, recording, drawAll(recording), told(recording, onProgress, signal));
  onProgress(1);
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
  const index = JSON.parse((await readFrame(source, last)).toString()) as Partial<KeyframeIndex>;
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
      return { place, screen: restored(JSON.parse(kept.toString()) as KeptScreen) };
    },
    close: async () => source.close(),
  };
}

const start: Place = { range: 0, events: 0, at: 0 };

const beginning = ({ header: { width, height } }: Recording): Screen =>
  restored({ cols: width, rows: height, text: '' });

function restored({ cols, rows, text }: KeptScreen): Screen {
  const screen = new Screen({ cols, rows });
  screen.write(text);
  return screen;
}

async function inMemory(recording: Recording, onProgress: Progress, signal: AbortSignal): Promise<Keyframes> {
  const pieces: Buffer[] = [];
  const write = async (bytes: Buffer): Promise<void> => Promise.resolve(void pieces.push(bytes));
  await makeKeyframes(recording, drawAll(recording), write, told(recording, onProgress, signal));
  onProgress(1);
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

/** Draws the whole recording, for nothing but its keyframes. */
function drawAll({ header: { width, height } }: Recording): (events: DrawnEvents) => Promise<void> {
  return async (events) => {
    const screen = new Screen({ cols: width, rows: height });
    try {
      for await (const event of events(screen)) draw(screen, event);
    } finally {
      screen.dispose();
    }
  };
}

/** What is done at each keyframe. @throws the reason of the signal */
function told({ ranges, bytes }: Recording, onProgress: Progress, signal: AbortSignal) {
  return async (range: number): Promise<void> => {
    signal.throwIfAborted();
    onProgress((ranges[range]?.from ?? 0) / bytes);
    await setImmediate(); // keys and signals are heard in between
  };
}
