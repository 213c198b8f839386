// A journal whose file becomes a segment after a few records, as the tests of it and their children open it.
import { headReader } from '../../src/adapters/journal/heads.ts';
import { logKeyOf } from '../../src/adapters/journal/checkpoints.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { removeSegments, trimmable, type Trimmable } from '../../src/adapters/journal/trim.ts';
import { type Keys, openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import * as stateFiles from '../../src/adapters/state-file.ts';

export const rotateBytes = 4096;

export const placeOf = (folder: string) => ({
  files: stateFiles,
  path: `${folder}-anchor.json`,
  acceptedPath: `${folder}-accepted.json`,
});

export const keysOf = async (folder: string): Promise<Keys> =>
  openKeys({ folder: `${folder}-keys`, host: 'box', peers: {} });

export const keyOf = (keys: Keys) => logKeyOf('box', keys.publicKey() ?? '');

/** @param now the clock that records are written by */
export async function openWriter(
  folder: string,
  keys: Keys,
  now: () => number = Date.now,
  notRotated?: (error: unknown) => void,
): Promise<UncheckedJournal> {
  return openJournal({
    ...{ folder, anchor: placeOf(folder), host: 'box', now, sha256, rotateBytes, notRotated },
    ...{ signer: keys, readHead: headReader(keys, 'box'), seal: (text: string) => keys.seal(text) },
  });
}

/** Removes what is older than `before`, as the keeper does (src/keeper/history/journal-keep.ts). @returns what went */
export async function trimNow(
  journal: UncheckedJournal,
  folder: string,
  keys: Keys,
  before = Date.now() + 60_000,
): Promise<Trimmable | undefined> {
  const found = await trimmable({ folder, key: keyOf(keys), before, needed: Infinity });
  if (found === undefined) return undefined;
  const { first, last, root, until } = found;
  await journal.write('journal-trimmed', { first, last, root, until, keepMs: 0 });
  await removeSegments(folder, found);
  return found;
}

/** Writes records that fill some segments, ten or so each. */
export async function fill(journal: UncheckedJournal, many = 60): Promise<void> {
  for (let i = 0; i < many; i += 1) await journal.write('tick', { i, filler: 'x'.repeat(300) });
}

/** Opens the journal for a task. */
export async function writingTo<T>(
  folder: string,
  keys: Keys,
  task: (journal: UncheckedJournal) => Promise<T>,
  now?: () => number,
): Promise<T> {
  const journal = await openWriter(folder, keys, now);
  try {
    return await task(journal);
  } finally {
    await journal.close();
  }
}
