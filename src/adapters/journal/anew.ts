// The tree of a journal, hashed anew in a folder that is thrown away, for a reader that does not find it in the tiles.
//
// 1. Of records whose lines were removed (trim.ts) only the hashes in the tiles are there: they are copied. Whoever uses the tree compares its
//    root with a signed one.
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from './checkpoints.ts';
import { firstRecordIn, journalLines, journalName } from './read.ts';
import { JournalTiles } from './tiles.ts';

/** @param size how many records it has @returns the folder, which the caller removes; it lacks hashes where the journal lacks lines */
export async function hashedAnew(folder: string, size: number): Promise<string> {
  const anew = await mkdtemp(join(tmpdir(), 'tmux-gate-tiles-'));
  const trimmed = firstRecordIn(folder) - 1;
  const lines = async function* (from: number): AsyncGenerator<string> {
    let at = trimmed;
    for await (const { text, whole } of journalLines(join(folder, journalName))) if (whole && at++ >= from) yield text;
  };
  const options = { folder: anew, sha256: hashOf, lines, trimmed };
  const copied = trimmed === 0 ? Promise.resolve() : cp(join(folder, 'tile'), join(anew, 'tile'), { recursive: true });
  await copied.then(async () => JournalTiles.anew(options, size)).catch(() => undefined);
  return anew;
}
