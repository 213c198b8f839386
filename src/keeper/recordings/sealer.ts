// Seals one recording in a thread of its own, which then ends (law 12).
//
// 1. Nothing of this runs on the keeper's event loop, and nothing long on the pool of threads that syncs the journal. Attack: somebody prints
//    a gigabyte and leaves, and no revocation gets through while it is compressed.
// 2. It runs at the lowest priority.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { RecordingChanged, type Changed } from '../../adapters/recordings/growing.ts';
import { sealRecording, type SealedFile, type SealTask } from '../../adapters/recordings/seal.ts';

/** What the thread answers: the sealed file, or how the plain one differs from the journal. */
export type SealAnswer =
  { readonly sealed: SealedFile } | { readonly changed: { readonly what: Changed; readonly found: number } };

const leastNice = 19;

async function answer(task: SealTask): Promise<SealAnswer> {
  try {
    return { sealed: await sealRecording(task) };
  } catch (error) {
    if (!(error instanceof RecordingChanged)) throw error;
    return { changed: { what: error.what, found: error.found } };
  }
}

// setpriority(2): on Linux, 0 means the calling thread alone.
setPriority(0, leastNice);
parentPort?.postMessage(await answer(workerData as SealTask));
