// Compares the recordings on disk with their digests in the journal.
//
// 1. A recording that the journal has digests of and that is not there is a fault, unless the journal says who purged it and why. Attack:
//    root drops a recording and leaves the journal as it is.
// 2. One whose first records were removed by age is passed over: the policy keeps no recording longer than the journal. Accident: what is
//    left of its records counts as a fault.
// 3. On another machine a recording is looked for in the folder that was named, by its day and its id alone. Attack: the journal of a host whose
//    root is not trusted names another file of this machine, and the report says what it is like.
import { basename, dirname, join } from 'node:path';
import { firstRecordIn, parsed, wholeLines, type JournalRecord } from '../adapters/journal/read.ts';
import { verifyRecording, type RecordingRecords } from '../adapters/recordings/verify.ts';
import { recordingFaults } from '../core/messages/audit-log.ts';
import type { ClosedRecording, Range } from '../core/recording/ranges.ts';
import { sanitizeLine } from '../core/text.ts';

/** A recording that is not what the journal says. */
export interface RecordingWrong {
  readonly connection: string;
  /** The newest line of the journal that tells of it. */
  readonly line: number;
  readonly problem: string;
  /** Its path without ending; undefined where the journal does not say it. */
  readonly file?: string;
  /** The bytes that differ, where they are known: of the plain recording, `to` excluded. */
  readonly bytes?: { readonly from: number; readonly to: number };
}

/** What is compared. */
export interface ToCompare {
  /** The folder of the journal. */
  readonly journal: string;
  /** The folder with the recordings; undefined: where the journal says that they are. */
  readonly recordings?: string | undefined;
}

export interface RecordingsVerdict {
  readonly ok: boolean;
  /** How many recordings the journal has digests of. */
  readonly recordings: number;
  readonly faults: readonly RecordingWrong[];
  /** Those with bytes after their last digest, and how many: they are live, or a crash came before the next digest. */
  readonly unproved: readonly { readonly connection: string; readonly bytes: number }[];
}

interface Told {
  ranges: Range[];
  closed?: ClosedRecording;
  sealed?: { bytes: number; sha256: string };
  /** The path without its ending. */
  base?: string;
  isPurged?: true;
  /** The newest line of the journal that tells of it. */
  line: number;
}

const faultLimit = 100;

/** @throws Error when the journal cannot be read */
export async function verifyRecordings({ journal, recordings: folder }: ToCompare): Promise<RecordingsVerdict> {
  const told = await toldIn(journal);
  const isTrimmed = firstRecordIn(journal) > 1;
  const faults: RecordingWrong[] = [];
  const unproved: RecordingsVerdict['unproved'][number][] = [];
  let recordings = 0;
  for (const [id, one] of told) {
    if (isNothing(one) || (isTrimmed && one.base === undefined)) continue; // rule 2
    recordings += 1;
    if (one.isPurged === true || faults.length >= faultLimit) continue;
    const connection = sanitizeLine(id, 40);
    const base = folder === undefined ? one.base : placeIn(folder, one.base);
    const { fault, unproved: bytes, differs } = await lookAt({ ...one, base });
    if (fault !== undefined)
      faults.push({
        ...{ connection, line: one.line, problem: recordingFaults[fault] },
        ...(base === undefined ? {} : { file: sanitizeLine(base, 400) }),
        ...(differs === undefined ? {} : { bytes: differs }),
      });
    if (bytes > 0) unproved.push({ connection, bytes });
  }
  return { ok: faults.length === 0, recordings, faults, unproved };
}

/** Nothing was recorded. So it is also where the keeper died before it had journaled the connection, and the next one closed what it found. */
function isNothing({ ranges, closed, base }: Told): boolean {
  return ranges.length === 0 && (closed === undefined || (closed.bytes === 0 && base === undefined));
}

/** Rule 3. */
function placeIn(folder: string, base: string | undefined): string | undefined {
  if (base === undefined) return undefined;
  const [day, name] = [basename(dirname(base)), basename(base)];
  return /^\d{4}-\d\d-\d\d$/.test(day) && /^\w+$/.test(name) ? join(folder, day, name) : undefined;
}

type Fault = keyof typeof recordingFaults;

/** What the journal tells of a recording, and where it is to be. */
type Looked = Omit<Told, 'base'> & { readonly base: string | undefined };

interface Seen {
  /** The first fault. */
  readonly fault?: Fault;
  readonly differs?: RecordingWrong['bytes'];
  /** How many bytes are not proved. */
  readonly unproved: number;
}

async function lookAt({ base, ...records }: Looked): Promise<Seen> {
  if (base === undefined) return { fault: 'unknown', unproved: 0 };
  const { faults, unproved } = await verifyRecording(base, records satisfies RecordingRecords);
  const [first] = faults;
  if (first === undefined) return { unproved };
  const differs = faults.find((one) => 'from' in one);
  return {
    ...{ fault: first.fault.startsWith('records-') ? 'records' : (first.fault as Fault), unproved },
    ...(differs === undefined ? {} : { differs: { from: differs.from, to: differs.to } }),
  };
}

/** What the journal tells of each recording, by its connection. Few lines do, so few are parsed. */
async function toldIn(folder: string): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>();
  let line = firstRecordIn(folder) - 1;
  for await (const text of wholeLines(folder)) {
    line += 1;
    if (!/"event":"(?:recording-|connected")/.test(text)) continue;
    const record = parsed(text);
    const connection = record?.['connection'];
    if (record === undefined || typeof connection !== 'string') continue;
    const one = told.get(connection) ?? { ranges: [], line };
    learn(one, record);
    if (record['event'] !== 'recording-read') one.line = line;
    told.set(connection, one);
  }
  return told;
}

function learn(one: Told, record: JournalRecord): void {
  switch (record['event']) {
    case 'connected':
      if (typeof record['recording'] === 'string') one.base = record['recording'].replace(/\.cast$/, '');
      break;
    case 'recording-range':
      one.ranges.push(record as unknown as Range);
      break;
    case 'recording-closed':
      one.closed = record as unknown as ClosedRecording;
      break;
    case 'recording-sealed':
      one.sealed = record as unknown as { bytes: number; sha256: string };
      break;
    case 'recording-purged':
      one.isPurged = true;
      break;
    default:
  }
}
