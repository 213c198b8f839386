// Draws a live connection for one auditor, in a thread of its own (law 12), which ends with what is followed.
//
// Why here, and not in the auditor's gate: a recording is root's and the service account's, and what it holds is hostile. So root reads it,
// a terminal of our own interprets it (recordings/screen.ts), and the auditor's gate gets only what recordings/paint.ts has written. The
// gate needs no right to the file, no descriptor of it, and no package.
//
// 1. Nothing of this runs on the keeper's event loop, and at a low priority. Attack: a session prints without end while it is followed, and
//    no revocation gets through.
// 2. It paints when the terminal is ready, and then the newest screen. Nothing is kept for a slow one. Attack: a stopped auditor makes
//    memory grow, or slows the session.
// 3. It only reads one file, which the gate of the connection writes. No message that it takes has a place for a key.
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { openRecording, type Recording } from '../../adapters/recordings/open.ts';
import { Unreadable } from '../../adapters/recordings/unreadable.ts';
import { followRecording } from '../../recordings/follow.ts';
import { Pictures } from '../../recordings/pictures.ts';
import type { ScreenSize } from '../../recordings/screen.ts';
import { pictureLimit } from '../../wire/frames.ts';

/** What the thread gets from the keeper. */
export interface DrawTask {
  readonly connection: string;
  /** The path of the recording, without its ending. */
  readonly base: string;
  /** The folder with the state files of live connections. */
  readonly connections: string;
  /** What is followed, for the status line. */
  readonly title: string;
  readonly colour: boolean;
  readonly size: ScreenSize;
}

/** What it says: a part of a picture, at most one until the terminal has taken it; or that the connection is over. */
export type Drawn = { readonly part: string } | { readonly over: true };

const leastNice = 10;
/** A connection is registered before its gate has made the file: milliseconds, and how often. */
const lookMs = 100;
const looks = 50;

async function opened({ base, connections }: DrawTask): Promise<Recording> {
  for (let left = looks; ; left--) {
    try {
      return await openRecording(base, { connections });
    } catch (error) {
      if (!(error instanceof Unreadable) || left <= 0) throw error;
      await setTimeout(lookMs);
    }
  }
}

async function drawIt(task: DrawTask, port: MessagePort): Promise<void> {
  const give = (part: string): void => port.postMessage({ part } satisfies Drawn);
  const pictures = new Pictures(task.size, task.colour, { give, limit: pictureLimit });
  port.on('message', (size: ScreenSize) => pictures.taken(size));
  const recording = await opened(task);
  const following = {
    ...{ recording, painter: pictures.painter, title: task.title },
    isLive: () => existsSync(join(task.connections, `${task.connection}.json`)),
    isReady: () => pictures.isReady,
    write: (text: string) => pictures.show(text),
  };
  if (recording.isLive) await followRecording(following, new AbortController().signal);
  port.postMessage({ over: true } satisfies Drawn);
  port.close();
}

// setpriority(2): on Linux, 0 means the calling thread alone.
setPriority(0, leastNice);
if (parentPort !== null) await drawIt(workerData as DrawTask, parentPort);
