// What witnesses have cosigned of this host's own journal: for the status, for `audit verify` and for evidence.
//
// 1. Both files are copies for readers: each cosignature in them is checked again by whoever uses it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { integer, list, object, optional, text } from '../../core/shape.ts';
import { replaceFile } from '../durable.ts';
import type { Files } from './witnessed.ts';

/** The newest checkpoint that a witness has cosigned, with the cosignatures of all that did: in the journal's folder. */
export const cosignedName = 'checkpoint.cosigned';

const witnessShape = object({
  /** The name of its key. */
  name: text(256),
  /** How many records it cosigned last; 0 for none. */
  size: integer(0),
  /** When it did (ms since the epoch); 0 for never. */
  at: integer(0),
  /** That checkpoint, with its cosignature. */
  note: text(16 * 1024),
  /** What was wrong at the last try. */
  problem: optional(text(200)),
});
const witnessesShape = list(witnessShape, 64);

/** How far a witness has come with this host's journal. */
export type WitnessState = NonNullable<ReturnType<typeof witnessShape>>;

export async function readCosigned(folder: string): Promise<string | undefined> {
  return readFile(join(folder, cosignedName), 'utf8').catch(() => undefined);
}

/** @param folder of the journal @param note the text of a signed note @throws Error of the system */
export async function writeCosigned(folder: string, note: string): Promise<void> {
  const path = join(folder, cosignedName);
  await replaceFile(path, note, { draft: `${path}.new`, mode: 0o600, durable: false });
}

/** @returns none when there is no file, or one that cannot be understood: it is a copy (rule 1) */
export async function readWitnesses(files: Files, path: string): Promise<readonly WitnessState[]> {
  return (await files.readState(path, witnessesShape).catch(() => undefined)) ?? [];
}

/** @throws Error of the system */
export async function writeWitnesses(files: Files, path: string, witnesses: readonly WitnessState[]): Promise<void> {
  await files.writeState(path, witnesses, false, witnessesShape);
}
