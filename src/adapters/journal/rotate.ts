// Makes a segment of the journal's file, and an empty file to go on with.
//
// 1. There is a file with the name of the journal at every moment. The segment is a second name of the same file, until an empty file takes
//    the first name (link(2), rename(2)). Accident: the keeper is killed, or the host loses power, between two steps, and records are gone
//    or stand in two files.
// 2. What a kill left half done is undone before the file is opened for writing again, or finished where the new file has records already.
//    Accident: records are added to a segment.
// 3. Where a step fails, the second name is taken away, and the journal goes on in the file that it has. Accident: the disk is full, or the
//    file system has no second names, and nobody is let in for that.
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../durable.ts';
import { unlessMissing } from '../missing.ts';
import { segmentName, segmentsIn, type SegmentStart } from './segments.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR, O_TRUNC } = constants;

/**
 * Closes the file as a segment (rules 1 and 3).
 * @returns the empty file at its path, open for appending
 * @throws Error of the system; then the file is as it was
 */
export async function rotate(path: string, place: SegmentStart): Promise<FileHandle> {
  const segment = join(dirname(path), segmentName(place));
  const handle = await emptyBeside(path);
  let isLinked = false;
  try {
    await link(path, segment);
    isLinked = true;
    await syncFolder(dirname(path));
    await rename(nextOf(path), path);
  } catch (error) {
    await handle.close();
    if (isLinked) await unlink(segment).catch(() => undefined); // if that fails too, rule 2 does it later
    await unlink(nextOf(path)).catch(() => undefined);
    throw error;
  }
  // If a crash of the host takes the rename back, rule 2 does it again.
  await syncFolder(dirname(path)).catch(() => undefined);
  return handle;
}

/** Rule 2. @throws Error of the system */
export async function mendRotation(path: string): Promise<void> {
  const last = segmentsIn(dirname(path)).at(-1);
  if (last === undefined) return;
  const [live, segment] = await Promise.all([
    lstat(path).catch(unlessMissing),
    lstat(join(dirname(path), last.name)).catch(unlessMissing),
  ]);
  if (live === undefined || live.ino !== segment?.ino || live.dev !== segment.dev) return;
  const next = await lstat(nextOf(path)).catch(unlessMissing);
  // With records in it, its rename was taken back by a crash of the host, and is done again.
  if (next !== undefined && next.size > 0) await rename(nextOf(path), path);
  else await unlink(join(dirname(path), last.name));
  await syncFolder(dirname(path));
}

const nextOf = (path: string): string => `${path}.next`;

async function emptyBeside(path: string): Promise<FileHandle> {
  await unlink(nextOf(path)).catch(unlessMissing);
  const handle = await open(nextOf(path), O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    await handle.sync();
    return handle;
  } catch (error) {
    await handle.close();
    await unlink(nextOf(path)).catch(() => undefined);
    throw error;
  }
}
