// Compares the recordings on disk with their digests in the journal.
//
// 1. A recording that the journal has digests of and that is not there is a fault, unless the journal says who purged it and why. Attack:
//    root drops a recording and leaves the journal as it is.
// 2. One whose first records were removed by age is passed over: the policy keeps no recording longer than the journal. Accident: what is
//    left of its records counts as a fault.
import { firstRecordIn, parsed, wholeLines, type JournalRecord } from '../adapters/journal/read.ts';
import { verifyRecording, type RecordingRecords } from '../adapters/recordings/verify.ts';
import { recordingFaults } from '../core/messages/audit-log.ts';
import type { ClosedRecording, Range } from '../core/recording/ranges.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';

export interface RecordingsVerdict {
  readonly ok: boolean;
  /** How many recordings the journal has digests of. */
  readonly recordings: number;
  readonly faults: readonly { readonly connection: string; readonly line: number; readonly problem: string }[];
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
export async function verifyRecordings(layout: Layout): Promise<RecordingsVerdict> {
  const told = await toldIn(layout.journal);
  const isTrimmed = firstRecordIn(layout.journal) > 1;
  const faults: RecordingsVerdict['faults'][number][] = [];
  const unproved: RecordingsVerdict['unproved'][number][] = [];
  let recordings = 0;
  for (const [id, one] of told) {
    if (isNothing(one) || (isTrimmed && one.base === undefined)) continue; // rule 2
    recordings += 1;
    if (one.isPurged === true || faults.length >= faultLimit) continue;
    const connection = sanitizeLine(id, 40);
    const { fault, bytes } = await lookAt(one);
    if (fault !== undefined) faults.push({ connection, line: one.line, problem: recordingFaults[fault] });
    if (bytes > 0) unproved.push({ connection, bytes });
  }
  return { ok: faults.length === 0, recordings, faults, unproved };
}

/** Nothing was recorded. So it is also where the keeper died before it had journaled the connection, and the next one closed what it found. */
function isNothing({ ranges, closed, base }: Told): boolean {
  return ranges.length === 0 && (closed === undefined || (closed.bytes === 0 && base === undefined));
}

type Fault = keyof typeof recordingFaults;

/** @returns the first fault, and how many bytes are not proved */
async function lookAt({ base, ...records }: Told): Promise<{ readonly fault?: Fault; readonly bytes: number }> {
  if (base === undefined) return { fault: 'unknown', bytes: 0 };
  const { faults, unproved: bytes } = await verifyRecording(base, records satisfies RecordingRecords);
  const [first] = faults;
  if (first === undefined) return { bytes };
  return { fault: first.fault.startsWith('records-') ? 'records' : (first.fault as Fault), bytes };
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
