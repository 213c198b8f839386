// The format of what is kept below the state folder: a number in a file of its own, which deploy/deb/preinst reads as well.
//
// 1. No keeper starts over state of a later format. Accident: an older version does not know a field of a later one's locks or tombstones,
//    and what was taken away is open again.
// 2. A number that cannot be read refuses as well (law 1). No number is that of state from before there was one.
//
// A change that an older keeper would misread raises `stateFormat`; what an older one refuses by itself or may ignore does not.
// 2: beside the first key there can be others, and the first one can have ended (`keys rotate`).
import { readFile } from 'node:fs/promises';
import { replaceFile } from '../../adapters/durable.ts';
import { unlessMissing } from '../../adapters/missing.ts';

/** The format that this version writes and the latest that it reads. */
export const stateFormat = 2;

/** This version may not use the state that is there; a later one can. */
export class StateFormatError extends Error {
  override readonly name = 'StateFormatError';
}

/**
 * Makes sure that this version can use what is there, and marks it as its own.
 * @param path the file with the number; its folder exists.
 * @throws StateFormatError for a later format or one that cannot be read; the error of the system
 */
export async function claimState(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(unlessMissing);
  const found = text === undefined ? 0 : /^[1-9]\d{0,5}\n$/.test(text) ? Number(text) : Infinity; // rule 2
  if (found > stateFormat)
    throw new StateFormatError(
      `${path} says format ${text?.trim().slice(0, 20) ?? ''}, and this version knows ${stateFormat}: install the later version again`,
    );
  if (found < stateFormat)
    await replaceFile(path, `${stateFormat}\n`, { draft: `${path}.new`, mode: 0o644, durable: true });
}
