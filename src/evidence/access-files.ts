// The files of the evidence of one access (docs/evidence.md, "What is in it").
import { shownOf, recordingsOf, isOver, type RecordingFacts } from '../core/evidence/access.ts';
import type { Entry } from '../core/journal-entry.ts';
import type { Sha256 } from '../core/tlog/merkle.ts';
import { printProof } from '../core/tlog/proof.ts';
import { asciiJson } from '../core/text.ts';
import { numberOf, provenBy, type Access, type Line } from './find-access.ts';
import type { LogView } from './log-view.ts';

/** A file of an archive: its bytes (Latin-1 for those that are no text of ours), or a file on disk, of which so many bytes count. */
export interface ArchiveFile {
  readonly name: string;
  readonly content: Buffer | { readonly path: string; readonly bytes: number };
}

/** A recording on disk. */
export interface RecordingFile {
  readonly path: string;
  readonly ending: '.cast' | '.cast.zst' | '.cast.zst.age';
  readonly bytes: number;
}

export interface MakeDeps {
  readonly view: LogView;
  readonly sha256: Sha256;
  /** Instant, milliseconds. */
  readonly now: number;
  /**
   * The recording of a connection, as the journal of `view` knows it; undefined where there is none any more.
   * @param file as `connected` named it
   * @throws SealedMeanwhile
   */
  readonly recording: (connection: string, file: string, isSealed: boolean) => Promise<RecordingFile | undefined>;
  /** What each archive has, whatever it is of: VERIFY.md and verify.sh. */
  readonly readers: readonly ArchiveFile[];
}

/** A recording was sealed after the journal was read; read again, journal and file agree. */
export class SealedMeanwhile extends Error {
  override readonly name = 'SealedMeanwhile';
}

/** The journal is not what was signed: the number of the first record that differs. */
export class NotAsSigned extends Error {
  readonly record: number;

  constructor(record: number) {
    super(`record ${String(record)} is not what was signed`);
    this.record = record;
  }
}

const format = 'tmux-gate evidence 1';

const text = (name: string, content: string): ArchiveFile => ({ name, content: Buffer.from(content) });

/** What each archive says of itself; verify.sh believes none of it. */
export function aboutFile(about: Readonly<Record<string, unknown>>): ArchiveFile {
  return text('evidence.json', `${asciiJson({ format, ...about })}\n`);
}

/** Checkpoint and keys. */
export function logFiles({ view, readers }: MakeDeps): readonly ArchiveFile[] {
  const { checkpoint, hostKey, witnessKeys } = view;
  const witnesses = witnessKeys.length === 0 ? [] : [text('keys/witnesses', `${witnessKeys.join('\n')}\n`)];
  return [...readers, text('checkpoint', checkpoint), text('keys/host.vkey', `${hostKey}\n`), ...witnesses];
}

/** The files of one access. @throws NotAsSigned, SealedMeanwhile; Error of the system */
export async function accessFiles(deps: MakeDeps, id: string, { lines }: Access): Promise<readonly ArchiveFile[]> {
  const { view, now } = deps;
  const entries = lines.map(({ record }) => record);
  const shown = new Set<Entry>(shownOf(entries));
  const proved = lines.filter(({ record }) => shown.has(record));
  const made = new Date(now).toISOString();
  const recordings = await Promise.all(recordingsOf(entries).map(async (facts) => recordingFiles(deps, facts)));
  return [
    aboutFile({ kind: 'access', id, host: view.host, made, open: !isOver(entries) }),
    ...logFiles(deps),
    text('records.jsonl', proved.map((line) => `${line.text}\n`).join('')),
    ...proved.map((line) => proofFile(deps, line)),
    ...recordings.flat(),
  ];
}

function proofFile({ view, sha256 }: MakeDeps, line: Line): ArchiveFile {
  const n = numberOf(line);
  const hashes = provenBy(view, sha256, line);
  if (hashes === undefined) throw new NotAsSigned(n);
  return text(`proofs/${String(n)}.tlog-proof`, printProof({ index: n - 1, hashes, checkpoint: view.checkpoint }));
}

/** The list of its ranges, and the recording, if it is still there. One that is being written counts up to its last range. */
async function recordingFiles(deps: MakeDeps, facts: RecordingFacts): Promise<readonly ArchiveFile[]> {
  const { connection, ranges, file } = facts;
  if (ranges.length === 0 && !facts.isClosed) return [];
  const starts = [0, ...ranges.map(({ to }) => to)];
  const listed = ranges.map(({ to, sha256 }, at) => `${String(starts[at])} ${String(to)} ${sha256}\n`).join('');
  const found = await deps.recording(connection, file, facts.isSealed);
  const list = text(`recordings/${connection}.ranges`, listed);
  if (found === undefined) return [list];
  const isWritten = found.ending === '.cast' && !facts.isClosed;
  const bytes = isWritten ? (ranges.at(-1)?.to ?? 0) : found.bytes;
  return [list, { name: `recordings/${connection}${found.ending}`, content: { path: found.path, bytes } }];
}
