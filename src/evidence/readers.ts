// What an archive brings along for its reader, and the recordings of the host.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findRecording } from '../adapters/recordings/list.ts';
import { endings } from '../adapters/recordings/endings.ts';
import { SealedMeanwhile, type ArchiveFile, type RecordingFile } from './access-files.ts';

/** The script and the text that each archive has. @param folder where they are installed */
export async function readersIn(folder: string): Promise<readonly ArchiveFile[]> {
  const names = ['verify.sh', 'VERIFY.md'];
  return Promise.all(names.map(async (name) => ({ name, content: await readFile(join(folder, name)) })));
}

/**
 * The file of a recording: of the kind that the journal tells of, since only that one has digests in it.
 * @param named what `connected` calls it, which has its day.
 * @throws SealedMeanwhile when it is sealed, and the journal that was read does not say so yet.
 */
export async function recordingIn(
  recordings: string,
  id: string,
  named: string,
  isSealed: boolean,
): Promise<RecordingFile | undefined> {
  const day = /\d{4}-\d{2}-\d{2}/.exec(named)?.[0];
  const near = day === undefined ? undefined : await fileAt(join(recordings, day, id), isSealed);
  if (near !== undefined) return near;
  const base = await findRecording(recordings, id);
  return base === undefined ? undefined : fileAt(base, isSealed);
}

/** Sealing writes the sealed file first, then its record, and then removes the plain one. */
async function fileAt(base: string, isSealed: boolean): Promise<RecordingFile | undefined> {
  const { plain, ...sealed } = endings;
  const found = await anyOf(base, isSealed ? Object.values(endings) : [plain]);
  if (found !== undefined || isSealed) return found;
  if ((await anyOf(base, Object.values(sealed))) !== undefined) throw new SealedMeanwhile();
  return undefined;
}

async function anyOf(base: string, kinds: readonly RecordingFile['ending'][]): Promise<RecordingFile | undefined> {
  for (const ending of kinds) {
    const found = await stat(base + ending).catch(() => undefined);
    if (found?.isFile() === true) return { path: base + ending, ending, bytes: found.size };
  }
  return undefined;
}
