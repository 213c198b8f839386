// Compares a recording with what the journal says of it.
//
// 1. Every byte up to the last range has to be the one that was journaled. Attack: root changes, cuts or replaces a recording, live or sealed.
// 2. A recording that is over has nothing behind its last range. Attack: something is added after the end.
// 3. Bytes behind the last range of a recording that is not closed are no fault, and are counted: nothing is known of them. Accident: the
//    host loses power in the middle of a range, and the rest counts as tampered with, or as proved.
// 4. What could not be looked at is named, and never counts as right: what is in an encrypted file without its identity.
import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { faultOf, type ClosedRecording, type Range, type RangesFault } from '../../core/recording/ranges.ts';
import { openAge } from './age.ts';
import { openBytes } from './byte-source.ts';
import { sealedContent, type Content } from './content.ts';
import { digestOf } from './digests.ts';
import { sha256 } from '../sha256.ts';
import { endings, type FileKind } from './endings.ts';
import { Unreadable } from './unreadable.ts';
import { FrameFault } from './zstd-seekable.ts';
import { unlessMissing } from '../missing.ts';

/** What the journal says of one recording. */
export interface RecordingRecords {
  /** `recording-range`, in their order. */
  readonly ranges: readonly Range[];
  /** `recording-closed`; undefined while it is live, or after a crash. */
  readonly closed?: ClosedRecording | undefined;
  /** `recording-sealed`: the digest and length of the sealed file. */
  readonly sealed?: { readonly bytes: number; readonly sha256: string } | undefined;
}

export type RecordingFault =
  /** The records themselves are not in order: `range` says which, the number of ranges the end. */
  | { readonly fault: `records-${RangesFault}`; readonly range: number }
  /** A range is not what was journaled, or is not there. */
  | { readonly fault: 'changed' | 'cut'; readonly range: number; readonly from: number; readonly to: number }
  /** There are bytes behind the end (rule 2); for a live recording that is no fault. */
  | { readonly fault: 'longer'; readonly bytes: number }
  /** There is no file. */
  | { readonly fault: 'missing' }
  /** The sealed file is not the one that was journaled, or cannot be read. */
  | { readonly fault: 'sealed-file' | 'damaged' };

/** What was found. It is in order when `faults` is empty. */
export interface VerifiedRecording {
  readonly kind: FileKind | 'missing';
  readonly faults: readonly RecordingFault[];
  /** How many ranges, and bytes from the first on, are as they were journaled. */
  readonly ranges: number;
  readonly bytes: number;
  /** How many bytes come after that, of a recording that is live or was left by a crash (rule 3). */
  readonly unproved: number;
  /** False where only the digest of the encrypted file was compared (rule 4). */
  readonly looked: boolean;
}

const none = { ranges: 0, bytes: 0, unproved: 0 };

/**
 * Verifies a recording, whichever kind of file it is, without keeping it in memory.
 * @param base its path without ending.
 * @param options `identity`: the text of an age identity, for an encrypted recording.
 * @throws Error of the system, such as EACCES
 */
export async function verifyRecording(
  base: string,
  records: RecordingRecords,
  options: { readonly identity?: string } = {},
): Promise<VerifiedRecording> {
  const fault = faultOf(records.ranges, records.closed, sha256);
  const kind = (['encrypted', 'sealed'] as const).find((one) => existsSync(base + endings[one]));
  const found =
    kind === undefined
      ? await verifyPlain(base + endings.plain, records)
      : await verifySealed({ base, kind, ...options }, records);
  if (fault === undefined) return found;
  return { ...found, faults: [{ fault: `records-${fault.fault}`, range: fault.range }, ...found.faults] };
}

async function verifyPlain(path: string, { ranges, closed }: RecordingRecords): Promise<VerifiedRecording> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(unlessMissing);
  if (file === undefined) return nothing(closed?.bytes === 0 || (closed === undefined && ranges.length === 0));
  await using plain = file;
  const compared = await compare(ranges, async ({ from, to }) => digestOf(plain, from, to));
  const { size } = await plain.stat();
  const longer = closed !== undefined && size > closed.bytes;
  const unproved = closed === undefined ? Math.max(0, size - (ranges.at(-1)?.to ?? 0)) : 0;
  return {
    ...{ kind: 'plain', looked: true, unproved },
    ...compared,
    faults: [...compared.faults, ...(longer ? [{ fault: 'longer', bytes: size - closed.bytes } as const] : [])],
  };
}

interface Sealed {
  readonly base: string;
  readonly kind: 'sealed' | 'encrypted';
  readonly identity?: string;
}

async function verifySealed({ base, kind, ...options }: Sealed, records: RecordingRecords): Promise<VerifiedRecording> {
  const isSame = await isSealedFile(base + endings[kind], records.sealed);
  const faults: readonly RecordingFault[] = isSame ? [] : [{ fault: 'sealed-file' }];
  try {
    const content = await contentOf(base + endings[kind], kind, options.identity);
    if (content === undefined) return { kind, looked: false, faults, ...none };
    await using opened = content;
    const compared = await compare(records.ranges, async (range) => digestOfFrame(opened, range));
    const behind = (opened.ranges.at(-1)?.to ?? 0) - (records.ranges.at(-1)?.to ?? 0);
    const longer = behind > 0 ? [{ fault: 'longer', bytes: behind } as const] : [];
    return { kind, looked: true, unproved: 0, ...compared, faults: [...faults, ...compared.faults, ...longer] };
  } catch (error) {
    if (!(error instanceof Unreadable) && !(error instanceof FrameFault)) throw error;
    return { kind, looked: true, faults: [...faults, { fault: 'damaged' }], ...none };
  }
}

/** What a sealed file holds; undefined where it is encrypted, and this identity does not open it. @throws Unreadable, FrameFault */
async function contentOf(
  path: string,
  kind: Sealed['kind'],
  identity: string | undefined,
): Promise<(Content & AsyncDisposable) | undefined> {
  if (kind === 'encrypted' && identity === undefined) return undefined;
  const file = await openBytes(path);
  try {
    const source = identity === undefined || kind === 'sealed' ? file : await openAge(file, path, identity);
    const content = await sealedContent(source);
    return { ...content, [Symbol.asyncDispose]: async () => content.close() };
  } catch (error) {
    await file.close();
    if (error instanceof Unreadable && error.why === 'wrong-identity') return undefined;
    throw error;
  }
}

async function isSealedFile(path: string, sealed: RecordingRecords['sealed']): Promise<boolean> {
  if (sealed === undefined) return true;
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  return size === sealed.bytes && (await digestOf(file, 0, size)) === sealed.sha256;
}

/** A frame is a range. */
async function digestOfFrame(content: Content, { range, from, to }: Range): Promise<string | undefined> {
  const frame = content.ranges[range];
  if (frame?.from !== from || frame.to !== to) return undefined;
  return createHash('sha256')
    .update(await content.read(frame))
    .digest('hex');
}

/** @param isRight whether there need not be a file */
function nothing(isRight: boolean): VerifiedRecording {
  return { kind: 'missing', faults: isRight ? [] : [{ fault: 'missing' }], looked: true, ...none };
}

/** Rule 1. @param digest of a range; undefined where it is not all there */
async function compare(
  ranges: readonly Range[],
  digest: (range: Range) => Promise<string | undefined>,
): Promise<Pick<VerifiedRecording, 'faults' | 'ranges' | 'bytes'>> {
  const faults: RecordingFault[] = [];
  let right: Range | undefined;
  for (const range of ranges) {
    const found = await digest(range);
    const { from, to } = range;
    if (found !== range.sha256)
      faults.push({ fault: found === undefined ? 'cut' : 'changed', range: range.range, from, to });
    else if (faults.length === 0) right = range;
  }
  return { faults, ranges: right === undefined ? 0 : right.range + 1, bytes: right?.to ?? 0 };
}
