// Which journal `audit` looks at, and with which key: that of this host, or on any other machine a copy of the folder and a verifier key.
import { commandExits } from '../core/exits.ts';
import { existsSync } from 'node:fs';
import { readAnchor } from '../adapters/journal/anchor.ts';
import { logKeyOf, printVerifierKey, readVerifierKey } from '../adapters/journal/checkpoints.ts';
import { headReaderFor, type VerifyHead } from '../adapters/journal/heads.ts';
import { openProvableLog, UnprovableError, type ProvableLog } from '../adapters/journal/proofs.ts';
import type { Outside } from '../adapters/journal/walk.ts';
import { openKeys } from '../adapters/keys.ts';
import * as stateFiles from '../adapters/state-file.ts';
import { loadConfig } from '../config/load.ts';
import { logMessages } from '../core/messages/audit-log.ts';
import { errorLine, errorLines } from '../core/messages/host.ts';
import type { NoteKey } from '../core/tlog/note.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import { tellUnreadable } from './audit.ts';

/** Where somebody asked to look instead of at this host's journal: both or neither. */
export interface Elsewhere {
  readonly journal?: string | undefined;
  readonly key?: string | undefined;
}

/** A journal to look at. */
export interface LookedAt {
  readonly folder: string;
  readonly key: NoteKey;
  readonly verifyHead: VerifyHead;
  /** Undefined on another machine: the anchor and the seal are this host's alone. */
  readonly outside?: Outside;
}

/** @returns what to look at, or the exit code, with what is missing printed */
export async function lookedAt(layout: Layout, { journal, key }: Elsewhere): Promise<LookedAt | number> {
  if (journal === undefined && key === undefined) return ownLog(layout).catch(tellUnreadable);
  const read = readVerifierKey(key ?? '');
  if (journal === undefined || read === undefined) {
    process.stderr.write(errorLines(logMessages.needsBoth, logMessages.keyHint));
    return commandExits.usage;
  }
  return existsSync(journal) ? { folder: journal, key: read, verifyHead: headReaderFor(read) } : tellUnreadable();
}

/** The anchor is read before the journal, so that a keeper that writes meanwhile only makes the journal longer than the anchor says. */
async function ownLog(layout: Layout): Promise<LookedAt> {
  if (![`${layout.journal}/journal.jsonl`, layout.journalAnchor].some((path) => existsSync(path)))
    throw new Error('there is no journal');
  const { host } = await loadConfig(layout.config, { reservedNames });
  const keys = await openKeys({ folder: layout.keys, host, peers: {} });
  const place = { files: stateFiles, path: layout.journalAnchor, acceptedPath: layout.journalAccepted };
  const key = logKeyOf(host, keys.publicKey() ?? '');
  const outside = { anchor: await readAnchor(place), seal: (text: string) => keys.seal(text) };
  return { folder: layout.journal, key, verifyHead: headReaderFor(key), outside };
}

/** `audit checkpoint`: prints the newest checkpoint, to be kept elsewhere. @returns the exit code */
export async function printCheckpoint(layout: Layout, elsewhere: Elsewhere): Promise<number> {
  return withLog(layout, elsewhere, async ({ checkpoint }) => Promise.resolve(checkpoint));
}

/** `audit proof N`: prints the proof of a record (C2SP tlog-proof). @returns the exit code */
export async function printProof(layout: Layout, n: number, elsewhere: Elsewhere): Promise<number> {
  return withLog(layout, elsewhere, async (log) => log.inclusion(n));
}

/**
 * `audit key`: prints the key with which others verify checkpoints, or that with which they verify its cosignatures (C2SP signed-note).
 * @returns the exit code
 */
export async function printKey(layout: Layout, isWitness: boolean): Promise<number> {
  const at = await lookedAt(layout, {});
  if (typeof at === 'number') return at;
  process.stdout.write(`${printVerifierKey(isWitness ? { ...at.key, kind: 'cosignature' } : at.key)}\n`);
  return 0;
}

async function withLog(
  layout: Layout,
  elsewhere: Elsewhere,
  take: (log: ProvableLog) => Promise<string>,
): Promise<number> {
  const at = await lookedAt(layout, elsewhere);
  if (typeof at === 'number') return at;
  try {
    const log = await openProvableLog(at.folder, at.key);
    try {
      process.stdout.write(await take(log));
    } finally {
      await log.close();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UnprovableError)) return tellUnreadable();
    process.stderr.write(errorLine(sanitizeLine(error.message, 400)));
    return commandExits.data;
  }
}
