// Makes keyframes (keyframes.ts) while somebody draws a whole recording: a replay that jumps, or the indexing of `find`, which draws it anyway.
//
// 1. A keyframe is bounded; where the screen is too large to be kept, there is none at that place and the one before it serves. Attack: a session
//    that gives each of a million cells a colour of its own fills the disk.
// 2. A file is complete or not there, and it is not there without its recording. Attack: the screens of a recording that was purged, or
//    encrypted, meanwhile stay behind in the clear.
//
// The file is in the zstd seekable format, as a sealed recording is: a frame for each place, and a last one that says where these are.
import serialize from '@xterm/addon-serialize';
import { existsSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { keptScreens } from '../adapters/recordings/endings.ts';
import type { Recording } from '../adapters/recordings/open.ts';
import { SeekableWriter } from '../adapters/recordings/zstd-seekable.ts';
import { sizeOf, type CastEvent } from '../core/recording/cast.ts';
import type { Screen } from './screen.ts';

/** A place in a recording: before an event of a range. */
export interface Place {
  readonly range: number;
  /** How many events of the range are before it. */
  readonly events: number;
  /** Seconds: all events before it happened at this time or earlier. */
  readonly at: number;
}

/** What the last frame says. */
export interface KeyframeIndex {
  readonly version: number;
  /** Where each range of the recording ends. */
  readonly ends: readonly number[];
  /** The place of each keyframe. */
  readonly places: readonly Place[];
}

/** What a keyframe holds: the size of the terminal, and what draws its screen. */
export interface KeptScreen {
  readonly cols: number;
  readonly rows: number;
  readonly text: string;
}

/** Of a screen, as JSON, in characters (rule 1). An ordinary one takes 11,000. */
const mostKept = 256 * 1024;

/** So much is drawn from one keyframe to the next, in characters. */
const between = 256 * 1024;

/** Where the keyframes of a recording lie. */
export const keyframesOf = (base: string): string => `${base}${keptScreens}`;

/** The events of a recording, for whoever draws every one of them on this screen before it asks for the next. */
export type DrawnEvents = (screen: Screen) => AsyncIterable<CastEvent>;

type Write = (bytes: Buffer) => Promise<void>;

/**
 * Makes the keyframes of a recording while `drawing` draws it.
 * @param write is given the file, piece by piece
 * @param onPlace called at each keyframe, with the number of its range
 * @throws what `drawing` throws, Unreadable among it
 */
export async function makeKeyframes(
  recording: Recording,
  drawing: (events: DrawnEvents) => Promise<void>,
  write: Write,
  onPlace: (range: number) => Promise<void> = async () => Promise.resolve(),
): Promise<void> {
  const writer = new SeekableWriter();
  const places: Place[] = [];
  await drawing((screen) => {
    const text = textOf(screen);
    return watched(recording, async (place) => {
      const kept = text();
      await onPlace(place.range);
      if (kept.length > mostKept) return; // rule 1
      places.push(place);
      await write(writer.frame(Buffer.from(kept)));
    });
  });
  const index: KeyframeIndex = { version: 1, ends: recording.ranges.map(({ to }) => to), places };
  await write(writer.frame(Buffer.from(JSON.stringify(index))));
  await write(writer.table());
}

/**
 * The same, into the file beside the recording (rule 2). A disk that takes no more leaves no file.
 * @throws what `drawing` throws
 */
export async function keepKeyframes(
  base: string,
  recording: Recording,
  drawing: (events: DrawnEvents) => Promise<void>,
  onPlace?: (range: number) => Promise<void>,
): Promise<void> {
  const path = keyframesOf(base);
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, 'wx', 0o600).catch(() => undefined);
  const state = { isWritten: file !== undefined };
  const write = async (bytes: Buffer): Promise<void> => {
    if (!state.isWritten) return;
    await file?.writeFile(bytes).catch(() => {
      state.isWritten = false;
    });
  };
  try {
    await makeKeyframes(recording, drawing, write, onPlace);
    await file?.close();
    if (state.isWritten) await rename(draft, path);
    if (!existsSync(recording.path)) await unlink(path).catch(() => undefined); // rule 2
  } finally {
    await file?.close();
    await unlink(draft).catch(() => undefined);
  }
}

/** All events; `keep` is called at the beginning of each range and at places within it, when what is before was drawn. */
async function* watched(recording: Recording, keep: (place: Place) => Promise<void>): AsyncGenerator<CastEvent> {
  let at = 0;
  for (const range of recording.ranges.keys()) {
    let [drawn, events] = [Infinity, 0];
    for (const event of await recording.eventsIn(range, at)) {
      if (drawn >= between) {
        await keep({ range, events, at });
        drawn = 0;
      }
      yield event;
      drawn += event.data.length;
      events += 1;
      at = Math.max(at, event.at); // what was typed may stand behind output that came later
    }
  }
}

/** @returns what gives the screen as it is then, as JSON */
function textOf(screen: Screen): () => string {
  const addon = new serialize.SerializeAddon();
  screen.terminal.loadAddon(addon);
  return () => {
    const { cols, rows } = screen.terminal;
    return JSON.stringify({ cols, rows, text: `${addon.serialize()}${screen.state}` } satisfies KeptScreen);
  };
}

/** Draws what an event changes on a screen; others than output and resizes change nothing. */
export function draw(screen: Screen, { code, data }: CastEvent): void {
  if (code === 'o') screen.write(data);
  else if (code === 'r') {
    const { width, height } = sizeOf(data);
    screen.resize({ cols: width, rows: height });
  }
}
