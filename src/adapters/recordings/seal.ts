// Seals a recording after its end: from the plain file to one that is compressed range by range and, by policy, encrypted. For a thread of its
// own: it reads and compresses without yielding, at most a range at a time.
//
// 1. What is sealed is what the journal has: the digests of the ranges must lead to the journaled chain, and nothing may stand behind the
//    last. Attack: a recording is changed after its end, and the sealed file, which is all that stays, says it was so.
// 2. The sealed file gets its name only once it is whole and on disk; the plain one is not touched here. Accident: the host loses power,
//    and neither file is whole.
// 3. An encrypted recording is encrypted as it is compressed: no byte of it is written before that. Attack: a draft that was left behind is
//    read.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { chainAfter, noChain } from '../../core/recording/ranges.ts';
import { encrypt } from './age.ts';
import { sha256 } from '../sha256.ts';
import { RecordingChanged } from './growing.ts';
import { endings } from './endings.ts';
import { SeekableWriter } from './zstd-seekable.ts';
import { isMissing } from '../missing.ts';

export interface SealTask {
  /** The path of the recording, without ending. */
  readonly base: string;
  /** The end of each range, and the chain of their digests: as the journal has them. */
  readonly cuts: readonly number[];
  readonly chain: string;
  /** Whom it is encrypted to; nobody: it is compressed only. */
  readonly recipients: readonly string[];
}

/** The sealed file. */
export interface SealedFile {
  /** Its path. */
  readonly file: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** Where the sealed file of a recording is. */
function sealedPath({ base, recipients }: Pick<SealTask, 'base' | 'recipients'>): string {
  return `${base}${recipients.length === 0 ? endings.sealed : endings.encrypted}`;
}

/**
 * Seals (rules 1 to 3).
 * @throws RecordingChanged when the plain file is not what the journal has; then there is no sealed file. Error of the system.
 */
export async function sealRecording(task: SealTask): Promise<SealedFile> {
  const path = sealedPath(task);
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  try {
    const sealed = await writeDraft(task, draft);
    renameSync(draft, path);
    syncFolder(dirname(path));
    return { file: path, ...sealed };
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

async function writeDraft(task: SealTask, draft: string): Promise<Omit<SealedFile, 'file'>> {
  const plain = openPlain(`${task.base}${endings.plain}`);
  const out = openSync(draft, 'wx', 0o600);
  try {
    fchmodSync(out, 0o600);
    const compressed = framesOf(plain, task);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of task.recipients.length === 0 ? compressed : encrypt(task.recipients, compressed)) {
      hash.update(piece);
      for (let from = 0; from < piece.length;) from += writeSync(out, piece, from);
      bytes += piece.length;
    }
    fsyncSync(out);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    closeSync(out);
    closeSync(plain);
  }
}

function openPlain(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isMissing(error)) throw new RecordingChanged('missing', 0);
    throw error;
  }
}

/** Rule 1. The table comes last, and only when all was as it should be. */
function* framesOf(plain: number, { cuts, chain }: SealTask): Generator<Uint8Array> {
  const writer = new SeekableWriter();
  const { size } = fstatSync(plain);
  const end = cuts.at(-1) ?? 0;
  if (size !== end) throw new RecordingChanged(size < end ? 'shorter' : 'longer', size);
  let [from, found] = [0, noChain];
  for (const to of cuts) {
    const content = readRange(plain, from, to);
    found = chainAfter(found, createHash('sha256').update(content).digest('hex'), sha256);
    yield writer.frame(content);
    from = to;
  }
  if (found !== chain) throw new RecordingChanged('changed', size);
  yield writer.table();
}

function readRange(plain: number, from: number, to: number): Buffer {
  const content = Buffer.allocUnsafe(to - from);
  for (let read = 0; read < content.length;) {
    const got = readSync(plain, content, read, content.length - read, from + read);
    if (got === 0) throw new RecordingChanged('shorter', from + read);
    read += got;
  }
  return content;
}

function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
