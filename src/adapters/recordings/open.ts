// Opens a recording for reading, whichever file it is in: plain while it is live, compressed after its end, encrypted where the policy says so.
//
// 1. What is read is checked: a damaged frame or line ends the reading with an error that names the file. Attack: half a session is shown as
//    if it were all of it.
// 2. It is read range by range, so that memory does not grow with the recording.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  CastFault,
  lineLimit,
  parseCastLine,
  parseHeader,
  type CastEvent,
  type CastHeader,
} from '../../core/recording/cast.ts';
import { purgedBy } from '../../core/messages/keeping.ts';
import { openAge } from './age.ts';
import { openBytes, type ByteSource } from './byte-source.ts';
import { plainContent, sealedContent, type Content, type Range } from './content.ts';
import { readFacts } from './facts.ts';
import { endings, type FileKind } from './endings.ts';
import { Unreadable } from './unreadable.ts';
import { FrameFault } from './zstd-seekable.ts';
import { isMissing } from '../missing.ts';

export interface OpenOptions {
  /** The text of an age identity, for an encrypted recording. */
  readonly identity?: string;
  /** The folder with the state files of live connections. Without it, every plain recording counts as live. */
  readonly connections?: string;
}

/** An open recording. Its methods throw Unreadable (`damaged`). */
export interface Recording {
  readonly path: string;
  readonly kind: FileKind;
  readonly header: CastHeader;
  /** Whether its connection goes on. */
  readonly isLive: boolean;
  /** Bytes of the plain recording; of a live one, as it was when it was opened. */
  readonly ranges: readonly Range[];
  /** The end of the last range. */
  readonly bytes: number;
  /** The plain bytes of a range, which is whole lines. */
  range(index: number): Promise<Buffer>;
  /** The events of a range. @param notBefore the latest time of the events before them, in seconds */
  eventsIn(index: number, notBefore: number): Promise<Iterable<CastEvent>>;
  /**
   * The events from a range on.
   * @param more asked when a live recording has no further event for now: resolves to true when it is worth another look
   */
  events(fromRange?: number, more?: () => Promise<boolean>): AsyncIterable<CastEvent>;
  close(): Promise<void>;
}

/**
 * Opens a recording.
 * @param base its path without ending
 * @throws Unreadable
 */
export async function openRecording(base: string, options: OpenOptions = {}): Promise<Recording> {
  const { path, kind, bytes } = await found(base);
  return named(path, async () => {
    const content = await contentOf(kind, await decrypted(path, kind, bytes, options));
    const [first = { from: 0, to: 0 }] = content.ranges;
    const start = await content.read(first);
    const { connections } = options;
    return {
      ...{ path, kind, ranges: content.ranges, bytes: content.ranges.at(-1)?.to ?? 0 },
      header: parseHeader(start.toString('utf8', 0, Math.max(start.indexOf('\n'), 0))),
      isLive:
        kind === 'plain' && (connections === undefined || existsSync(join(connections, `${basename(base)}.json`))),
      range: async (index) => named(path, async () => content.read(rangeAt(content, index))),
      eventsIn: async (index, notBefore) =>
        named(path, async () => checkedNow(path, eventsOfLines(await linesIn(content, index), notBefore))),
      events: (fromRange = 0, more) => checked(path, eventsOf(content, fromRange, more)),
      close: async () => content.close(),
    } satisfies Recording;
  }).catch(async (error: unknown) => {
    await bytes.close();
    throw error;
  });
}

async function contentOf(kind: FileKind, bytes: ByteSource): Promise<Content> {
  return kind === 'plain' ? plainContent(bytes) : sealedContent(bytes);
}

async function decrypted(
  path: string,
  kind: FileKind,
  bytes: ByteSource,
  { identity }: OpenOptions,
): Promise<ByteSource> {
  if (kind !== 'encrypted') return bytes;
  if (identity === undefined) throw new Unreadable('encrypted', `${path} is encrypted: it opens with an identity only`);
  return openAge(bytes, path, identity);
}

/** Twice: between two looks, the plain file may have been sealed and removed. */
async function found(base: string): Promise<{ path: string; kind: FileKind; bytes: ByteSource }> {
  for (const [kind, ending] of [...Object.entries(endings), ...Object.entries(endings)]) {
    const path = `${base}${ending}`;
    try {
      return { path, kind: kind as FileKind, bytes: await openBytes(path) };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  const purged = (await readFacts(base))?.purged;
  if (purged === undefined) throw new Unreadable('missing', `there is no recording ${base}`);
  throw new Unreadable('purged', `${base} was ${purgedBy(purged.at, purged.by, purged.reason)}`);
}

function rangeAt({ ranges }: Content, index: number): Range {
  const range = ranges[index];
  if (range === undefined) throw new RangeError(`the recording has no range ${index}`);
  return range;
}

/** Rule 1. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw ofFile(path, error);
  }
}

async function* checked(path: string, events: AsyncIterable<CastEvent>): AsyncGenerator<CastEvent> {
  try {
    yield* events;
  } catch (error) {
    throw ofFile(path, error);
  }
}

function* checkedNow(path: string, events: Iterable<CastEvent>): Generator<CastEvent> {
  try {
    yield* events;
  } catch (error) {
    throw ofFile(path, error);
  }
}

function ofFile(path: string, error: unknown): unknown {
  const isDamage = error instanceof CastFault || error instanceof FrameFault;
  return isDamage ? new Unreadable('damaged', `${path} is damaged: ${error.message}`, error) : error;
}

/** Rule 2. */
async function* eventsOf(
  content: Content,
  fromRange: number,
  more?: () => Promise<boolean>,
): AsyncGenerator<CastEvent> {
  let at = 0;
  for (let index = fromRange; index < content.ranges.length; index += 1)
    for (const event of eventsOfLines(await linesIn(content, index), at)) {
      at = Math.max(at, event.at);
      yield event;
    }
  if (more !== undefined) yield* following(content, at, more);
}

/** The lines of the events in a range. */
async function linesIn(content: Content, index: number): Promise<readonly string[]> {
  const lines = (await content.read(rangeAt(content, index))).toString('utf8').split('\n');
  // A crash may have torn the last line of a recording.
  if (lines.pop() !== '' && index < content.ranges.length - 1) throw new CastFault(`range ${index} ends within a line`);
  if (index === 0) lines.shift();
  return lines;
}

function* eventsOfLines(lines: Iterable<string>, since: number): Generator<CastEvent> {
  let at = since;
  for (const line of lines) {
    const event = parseCastLine(line, at);
    at = Math.max(at, event.at);
    yield event;
  }
}

/** What is written behind the ranges while the recording is live. */
async function* following(content: Content, since: number, more: () => Promise<boolean>): AsyncGenerator<CastEvent> {
  let from = content.ranges.at(-1)?.to ?? 0;
  let rest: Buffer = Buffer.alloc(0);
  let at = since;
  do {
    for (let bytes = await content.tail(from); bytes.length > 0; bytes = await content.tail(from)) {
      from += bytes.length;
      const all = Buffer.concat([rest, bytes]);
      const end = all.lastIndexOf('\n') + 1;
      rest = all.subarray(end);
      if (rest.length > lineLimit) throw new CastFault(`a line is longer than ${lineLimit} bytes`);
      for (const line of all.toString('utf8', 0, Math.max(end - 1, 0)).split('\n')) {
        if (line === '') continue;
        const event = parseCastLine(line, at);
        at = Math.max(at, event.at);
        yield event;
      }
    }
  } while (await more());
}
