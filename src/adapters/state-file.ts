// Reads and writes small facts that must survive the keeper: pins, tombstones, refresh tokens, what each connection is. The files are
// readable by root alone and replaced as a whole, so a crash leaves the old or the new content and never a part (rename(2)).
import { readFile } from 'node:fs/promises';
import type { Shape } from '../core/shape.ts';
import { removeFile, replaceFile } from './durable.ts';
import { unlessMissing } from './missing.ts';

const sizeLimit = 4 * 1024 * 1024;

/**
 * Reads a state file.
 * @returns undefined when it does not exist.
 * @throws Error when it exists and is malformed: a damaged list of pins or tombstones must not count as an empty one (law 1).
 */
export async function readState<T>(path: string, shape: Shape<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(unlessMissing);
  if (text === undefined) return undefined;
  const value = understood(text, shape);
  if (value === undefined) throw new Error(`${path} does not hold what it should`);
  return value;
}

function understood<T>(text: string, shape: Shape<T>): T | undefined {
  return text.length > sizeLimit ? undefined : shape(JSON.parse(text) as unknown);
}

/** The last write of each file that was begun. */
const writes = new Map<string, Promise<void>>();

/**
 * Replaces a state file. Writes of one file run one after another, in the order of the calls. Attack or accident: two revocations at once
 * write the same temporary file, and neither is kept.
 * @param durable waits for the disk as well.
 * @param shape what the file is read with later.
 * @throws Error when it could not be read again; then the old file stays. Attack: a list grows until no keeper can start.
 */
export async function writeState(
  path: string,
  value: unknown,
  durable: boolean,
  shape: Shape<unknown> = () => true,
): Promise<void> {
  const text = JSON.stringify(value);
  if (understood(text, shape) === undefined)
    throw new Error(
      `${path} stays as it is: what should be written (${text.length} characters) could not be read again`,
    );
  const before = writes.get(path) ?? Promise.resolve();
  const mine = before
    .catch(() => undefined)
    .then(async () => replaceFile(path, text, { draft: `${path}.new`, mode: 0o600, durable }));
  writes.set(path, mine);
  try {
    await mine;
  } finally {
    if (writes.get(path) === mine) writes.delete(path);
  }
}

/** Removes a state file, after the writes that were begun. @param durable false: after a power cut the file may be there again. */
export async function removeState(path: string, durable = true): Promise<void> {
  await writes.get(path)?.catch(() => undefined);
  await removeFile(path, durable);
}
