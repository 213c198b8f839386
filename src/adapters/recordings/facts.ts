// What is remembered of a recording beside its file, once it is sealed: whose it is, when it ended, and later who purged it. The journal says
// the same with proof; this spares a reader the whole of it.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { integer, object, optional, parseJson, text } from '../../core/shape.ts';
import { replaceFile } from '../durable.ts';
import { isMissing } from '../missing.ts';

const shape = object({
  connection: text(16),
  session: text(32),
  login: text(64),
  request: optional(text(16)),
  grant: optional(text(16)),
  /** When it was over: instant, milliseconds. */
  ended: integer(0),
  /** The name of the sealed file, its length and digest (SHA-256, hex). */
  file: text(64),
  bytes: integer(0),
  sha256: text(64),
  /** Instant (milliseconds), who, and why. */
  purged: optional(object({ at: integer(0), by: text(200), reason: text(1000) })),
});

/** What is remembered of a sealed recording. */
export type RecordingFacts = NonNullable<ReturnType<typeof shape>>;

const ending = '.json';
const most = 16 * 1024;

/** @param base the path of the recording without ending. @returns undefined when it is not sealed. @throws Error of the system */
export async function readFacts(base: string): Promise<RecordingFacts | undefined> {
  try {
    return parseJson(await readFile(`${base}${ending}`, 'utf8'), shape, most);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Waits for the disk. @throws Error of the system */
export async function writeFacts(base: string, facts: RecordingFacts): Promise<void> {
  const path = `${base}${ending}`;
  await replaceFile(path, JSON.stringify(facts), { draft: `${path}.new`, mode: 0o600, durable: true });
}

/** A recording that is or was sealed. */
export interface RememberedRecording {
  readonly base: string;
  readonly facts: RecordingFacts;
}

/** All that is remembered, the oldest day first. @throws Error of the system */
export async function* rememberedRecordings(recordings: string): AsyncGenerator<RememberedRecording> {
  for (const day of (await readdir(recordings)).sort()) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) continue;
    for (const name of (await readdir(join(recordings, day))).sort()) {
      if (!/^[0-9A-Z]{4,16}\.json$/.test(name)) continue;
      const base = join(recordings, day, basename(name, ending));
      const facts = await readFacts(base);
      if (facts !== undefined) yield { base, facts };
    }
  }
}
