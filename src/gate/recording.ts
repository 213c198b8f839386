// The recording of one connection, as asciicast v2 (docs.asciinema.org/manual/asciicast/v2): output, resizes, markers and, where the
// policy says so, the person's input.
//
// 1. The file is opened as root, new and never through a link, before root is dropped. Attack: the session account or the login reads or
//    replaces it, or puts a file in its place (law 10).
// 2. A write that fails ends the connection. Attack or accident: somebody works unrecorded, on a full disk say (law 7).
// 3. A recording has a quota; the connection ends when it is reached. Attack: a session prints until the disk of the recordings is full, and
//    nobody can be let in on the whole host.
// 4. Writing never blocks the relay. When the disk is slow, the session's output waits (`full`), so that memory stays bounded.
import { constants, fchownSync, openSync, write } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** The file cannot be opened or written. */
export class RecordingFailed extends Error {
  override readonly name = 'RecordingFailed';
}

/** Adds events to the recording; each method returns at once. */
export interface Recorder {
  output(bytes: Buffer): void;
  /** @param at when it was typed, on the clock of the options; it may be earlier than what is in the file already. */
  input(text: string, at: number): void;
  resize(cols: number, rows: number): void;
  /** @param at when, if not now, on the clock of the options. */
  marker(label: string, at?: number): void;
  /** Whether so much waits for the disk that the session's output has to wait. */
  full(): boolean;
  /** Writes the rest; never rejects. */
  finish(): Promise<void>;
}

/** The header of the file, the clock, and what is called. */
export interface RecorderOptions {
  readonly header: {
    readonly width: number;
    readonly height: number;
    readonly timestamp: number;
    readonly title: string;
    readonly env: { readonly TERM: string };
  };
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
  /** Called when a full recorder has room again. */
  readonly onRoom: () => void;
  /** The most bytes that the file may have; each is called once: with nine tenths of them, and with all. */
  readonly quota: { readonly bytes: number; readonly near: () => void; readonly reached: () => void };
}

/** Opens a new recording as root, readable to this group (rule 1). @returns its descriptor. @throws RecordingFailed when it cannot */
export function openRecording(path: string, serviceGid: number): number {
  try {
    const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o640);
    fchownSync(fd, 0, serviceGid);
    return fd;
  } catch (cause) {
    throw new RecordingFailed('cannot open', { cause });
  }
}

const flushAfterMs = 50;
const fullAt = 4 * 1024 * 1024;
const flushAt = 256 * 1024;

/** A recorder on an open file; it writes the header at once. */
export function recorderOn(fd: number, options: RecorderOptions): Recorder {
  const began = options.now();
  const decoder = new StringDecoder('utf8');
  let lines: string[] = [];
  let waiting = 0;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    if (writing !== undefined || lines.length === 0) return;
    const batch = Buffer.from(lines.join(''), 'utf8');
    lines = [];
    writing = writeAll(fd, batch).then(
      () => {
        const wasFull = waiting >= fullAt; // it may have become full while this was written
        waiting -= batch.length;
        writing = undefined;
        if (wasFull && waiting < fullAt) options.onRoom();
        if (waiting > 0) flush();
      },
      (error: unknown) => options.onError(error as Error),
    );
  };
  const count = quotaOf(options.quota);
  const put = (value: unknown): void => {
    const text = `${JSON.stringify(value)}\n`;
    const bytes = Buffer.byteLength(text);
    lines.push(text);
    waiting += bytes;
    count(bytes);
    if (waiting >= flushAt) flush();
    else timer ??= setTimeout(flush, flushAfterMs);
  };
  const event = (code: 'o' | 'i' | 'r' | 'm', data: string, at = options.now()): void => {
    if (data !== '') put([Math.round((at - began) * 1000) / 1e6, code, data]);
  };
  put({ version: 2, ...options.header });
  return {
    output: (bytes) => event('o', decoder.write(bytes)),
    input: (text, at) => event('i', text, at),
    resize: (cols, rows) => event('r', `${cols}x${rows}`),
    marker: (label, at) => event('m', label, at),
    full: () => waiting >= fullAt,
    finish: async () => {
      event('o', decoder.end()); // a character of which the rest never came
      clearTimeout(timer);
      await writing;
      flush();
      await writing;
    },
  };
}

/** Counts what is recorded (rule 3). */
function quotaOf({ bytes: limit, near, reached }: RecorderOptions['quota']): (bytes: number) => void {
  let [total, told] = [0, 0];
  const steps = [
    [limit * 0.9, near],
    [limit, reached],
  ] as const;
  return (bytes) => {
    total += bytes;
    for (let step = steps[told]; step !== undefined && total >= step[0]; step = steps[told]) {
      told += 1;
      step[1](); // may record a marker, which is counted too
    }
  };
}

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let from = 0; from < bytes.length;) from += await writeSome(fd, bytes, from);
}

async function writeSome(fd: number, bytes: Buffer, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error === null) resolve(written);
      else reject(new RecordingFailed('cannot write', { cause: error }));
    });
  });
}
