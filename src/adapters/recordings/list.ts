// Which recordings are there: one folder a day, one file a connection.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { endings, type FileKind } from './endings.ts';
import { isMissing } from '../missing.ts';

/** A recording on disk. */
export interface ListedRecording {
  /** The id of its connection. */
  readonly id: string;
  /** The day on which it began, in UTC: YYYY-MM-DD. */
  readonly day: string;
  /** Its path without ending, for `openRecording`. */
  readonly base: string;
  readonly kind: FileKind;
  /** The size of its file. */
  readonly bytes: number;
}

const dayName = /^\d{4}-\d{2}-\d{2}$/;
const fileName = /^([0-9A-Z]{4,16})(\.cast(?:\.zst(?:\.age)?)?)$/;
const kinds = Object.entries(endings) as readonly (readonly [FileKind, string])[];

/**
 * The recordings below a folder, from the oldest day on, and within a day by id. One that is just being sealed is listed once.
 * @throws Error of the system; not when there is no such folder
 */
export async function* listRecordings(recordings: string): AsyncGenerator<ListedRecording> {
  for (const day of await entries(recordings)) {
    if (!day.isDirectory() || !dayName.test(day.name)) continue;
    const folder = join(recordings, day.name);
    const files = Array.from(filesOf(await entries(folder)));
    // At the same time: one after the other, a thousand of them would take a tenth of a second.
    const sizes = await Promise.all(files.map(async ([id, kind]) => sizeOf(join(folder, id) + endings[kind])));
    for (const [at, [id, kind]] of files.entries()) {
      const bytes = sizes[at];
      if (bytes !== undefined) yield { id, day: day.name, base: join(folder, id), kind, bytes };
    }
  }
}

/** The path without ending of the recording of a connection; undefined when there is none. */
export async function findRecording(recordings: string, id: string): Promise<string | undefined> {
  for await (const one of listRecordings(recordings)) if (one.id === id) return one.base;
  return undefined;
}

/** One kind for each id: that which `openRecording` takes. */
function filesOf(files: readonly Dirent[]): ReadonlyMap<string, FileKind> {
  const found = new Map<string, FileKind>();
  const rank = (kind: FileKind): number => kinds.findIndex(([one]) => one === kind);
  for (const file of files) {
    const [, id, ending] = fileName.exec(file.name) ?? [];
    const kind = kinds.find(([, one]) => one === ending)?.[0];
    if (!file.isFile() || id === undefined || kind === undefined) continue;
    const before = found.get(id);
    if (before === undefined || rank(kind) < rank(before)) found.set(id, kind);
  }
  return found;
}

/** Sorted by name. */
async function entries(folder: string): Promise<readonly Dirent[]> {
  try {
    const all = await readdir(folder, { withFileTypes: true });
    return all.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Undefined when it is gone: sealed or purged meanwhile. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
