// Recordings of connections that are over, as zstd(1) opens them.
import { existsSync } from 'node:fs';
import { must } from '../../scripts/sandbox/exec.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

/** Where the keeper puts a recording after the end of its connection. @param recording the path that the gate wrote to */
export const sealedFile = (recording: string): string => `${recording}.zst`;

/** Waits until a recording is sealed. @returns its plain text */
export async function recordedText(recording: string): Promise<string> {
  await eventually('the recording is sealed', () => existsSync(sealedFile(recording)) && !existsSync(recording));
  return must('zstd', ['-dcq', sealedFile(recording)]);
}
