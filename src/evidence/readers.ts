// What an archive brings along for its reader, and the recordings of the host.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findRecording } from '../adapters/recordings/list.ts';
import { endings } from '../adapters/recordings/endings.ts';
import type { ArchiveFile, RecordingFile } from './access-files.ts';

/** The script and the text that each archive has. @param folder where they are installed */
export async function readersIn(folder: string): Promise<readonly ArchiveFile[]> {
  const names = ['verify.sh', 'VERIFY.md'];
  return Promise.all(names.map(async (name) => ({ name, content: await readFile(join(folder, name)) })));
}

/** The file of a recording, whichever kind it is. @param named what `connected` calls it, which has its day */
export async function recordingIn(recordings: string, id: string, named: string): Promise<RecordingFile | undefined> {
  const day = /\d{4}-\d{2}-\d{2}/.exec(named)?.[0];
  const near = day === undefined ? undefined : await fileAt(join(recordings, day, id));
  if (near !== undefined) return near;
  const base = await findRecording(recordings, id);
  return base === undefined ? undefined : fileAt(base);
}

async function fileAt(base: string): Promise<RecordingFile | undefined> {
  for (const ending of Object.values(endings)) {
    const found = await stat(base + ending).catch(() => undefined);
    if (found?.isFile() === true) return { path: base + ending, ending, bytes: found.size };
  }
  return undefined;
}
