// Compares a recording with what the journal of its host has of it.
import {
  verifyRecording,
  type RecordingRecords,
  type VerifiedRecording,
} from '../../src/adapters/recordings/verify.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { journal, type ConnectionFacts, type JournalRecord } from './inside.ts';

/** The records of one event of a connection. */
export function recordsOf(layout: Layout, event: string, connection: string): readonly JournalRecord[] {
  return journal(layout).filter((record) => record.event === event && record['connection'] === connection);
}

/** What the journal has of the recording, against its file. */
export async function verified(
  layout: Layout,
  { id, recording }: Pick<ConnectionFacts, 'id' | 'recording'>,
): Promise<VerifiedRecording> {
  const one = (event: string): unknown => recordsOf(layout, event, id)[0];
  return verifyRecording(recording.replace(/\.cast$/, ''), {
    ranges: recordsOf(layout, 'recording-range', id) as unknown as RecordingRecords['ranges'],
    closed: one('recording-closed') as RecordingRecords['closed'],
    sealed: one('recording-sealed') as RecordingRecords['sealed'],
  });
}
