// The files of setup's own state, below /var/lib/tmux-gate/setup: root's alone.
//
// 1. The journal is whole and on the disk before the first change (law 7). It is made by link(2), which fails when there is one: two
//    changes at once are refused. Accident: one undoes the other.
// 2. Of two verdicts the first counts, by the same means.
import { link, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFile, replaceFile, syncFolder, writeDraft } from '../adapters/durable.ts';
import { unlessMissing } from '../adapters/missing.ts';
import { changePending, journalUnread } from '../core/messages/setup-faults.ts';
import {
  endingShape,
  journalLimit,
  journalShape,
  verdictShape,
  type Ending,
  type SetupJournal,
  type Verdict,
} from '../core/setup-rules/change.ts';
import { boolean, integer, list, object, parseJson, text, type Shape } from '../core/shape.ts';
import type { Layout } from '../wire/layout.ts';
import { SetupFault } from './fault.ts';

/** Where setup keeps what. */
export interface SetupFiles {
  readonly folder: string;
  /** The journal of the change that is not kept yet. */
  readonly pending: string;
  readonly verdict: string;
  /** How the last change ended. */
  readonly ended: string;
  /** The process of the guard. */
  readonly guard: string;
  /** The journals of what was kept, by their number; `--undo` undoes them. */
  readonly kept: string;
  /** Copies of files that somebody else changed before they were put back. */
  readonly copies: string;
  /** What `login remove` took away that was there before setup; `--undo` names it. */
  readonly removed: string;
}

export function setupFiles({ state }: Pick<Layout, 'state'>): SetupFiles {
  const folder = join(state, 'setup');
  const at = (name: string): string => join(folder, name);
  return {
    ...{ folder, pending: at('pending.json'), verdict: at('verdict.json'), ended: at('ended.json') },
    ...{ guard: at('guard.json'), kept: at('kept'), copies: at('copies'), removed: at('removed.json') },
  };
}

const smallLimit = 1024 * 1024;

/** Reads a file of setup. @returns undefined when there is none. @throws SetupFault when it is damaged */
async function read<T>(path: string, shape: Shape<T>, limit = smallLimit): Promise<T | undefined> {
  const json = await readFile(path, 'utf8').catch(unlessMissing);
  if (json === undefined) return undefined;
  const value = parseJson(json, shape, limit);
  if (value === undefined) throw new SetupFault(journalUnread(path));
  return value;
}

/** The journal of the change that is not kept yet. @throws SetupFault when it is damaged */
export const readPending = async ({ pending }: SetupFiles): Promise<SetupJournal | undefined> =>
  read(pending, journalShape, journalLimit);

/** What was decided about the change with this id. */
export async function readVerdict({ verdict }: SetupFiles, id: string): Promise<Verdict | undefined> {
  const found = await read(verdict, verdictShape);
  return found?.id === id ? found.verdict : undefined;
}

/** How the change with this id ended; undefined while it has not. */
export async function readEnding({ ended }: SetupFiles, id: string): Promise<Ending | undefined> {
  const found = await read(ended, endingShape);
  return found?.id === id ? found : undefined;
}

/** Writes the journal before the first change (rule 1). @throws SetupFault when another change is not finished */
export async function beginJournal(files: SetupFiles, journal: SetupJournal): Promise<void> {
  await mkdir(files.kept, { recursive: true, mode: 0o700 });
  await removeFile(files.verdict);
  await exclusively(files.pending, journal, `${journal.id}.begun`, () => new SetupFault(changePending));
}

/** Writes a verdict (rule 2). @returns whether it was the first */
export async function writeVerdict(files: SetupFiles, id: string, verdict: Verdict): Promise<boolean> {
  const error = new SetupFault(changePending);
  return exclusively(files.verdict, { id, verdict }, `${id}.${process.pid}.verdict`, () => error).then(
    () => true,
    (failed: unknown) => {
      if (failed !== error) throw failed;
      return false;
    },
  );
}

async function exclusively(path: string, value: unknown, name: string, taken: () => Error): Promise<void> {
  const draft = join(dirname(path), name);
  await writeDraft(draft, JSON.stringify(value), { flag: 'w', mode: 0o600, durable: true });
  try {
    await link(draft, path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken() : error;
  } finally {
    await removeFile(draft);
  }
}

/** Replaces the journal of the change that is not kept yet. */
export const updateJournal = async ({ pending }: SetupFiles, journal: SetupJournal): Promise<void> =>
  replace(pending, journal);

async function replace(path: string, value: unknown): Promise<void> {
  await replaceFile(path, JSON.stringify(value), { draft: `${path}.new`, mode: 0o600, durable: true });
}

/** Says how a change ended, and removes its journal; what was kept is remembered. */
export async function endJournal(files: SetupFiles, journal: SetupJournal, ending: Ending): Promise<void> {
  if (ending.ended === 'kept') {
    const known = await readdir(files.kept);
    const mine = known.find((name) => name.endsWith(`-${journal.id}.json`));
    const number = String(known.length + 1).padStart(6, '0');
    await replace(join(files.kept, mine ?? `${number}-${journal.id}.json`), journal);
  }
  await replace(files.ended, ending);
  await removeFile(files.pending);
  await removeFile(files.verdict);
}

/** What was kept, the newest first. @throws SetupFault when a journal is damaged */
export async function readKept({ kept }: SetupFiles): Promise<readonly { path: string; journal: SetupJournal }[]> {
  const names = (await readdir(kept).catch(unlessMissing)) ?? [];
  const found = names.filter((name) => name.endsWith('.json')).sort();
  const read = await Promise.all(found.map(async (name) => keptOne(join(kept, name))));
  return read.reverse();
}

async function keptOne(path: string): Promise<{ path: string; journal: SetupJournal }> {
  const journal = await read(path, journalShape, journalLimit);
  if (journal === undefined) throw new SetupFault(journalUnread(path));
  return { path, journal };
}

/** Forgets a change that was undone. */
export async function forgetKept(path: string): Promise<void> {
  await removeFile(path);
  await syncFolder(dirname(path));
}

const removedShape = object({
  logins: list(object({ name: text(256), keys: integer(0), member: boolean }), 10_000),
});
/** A login that was gated before setup, and what it had: keys in its file, the group. */
export type RemovedLogin = NonNullable<ReturnType<typeof removedShape>>['logins'][number];

/** @throws SetupFault when the file is damaged */
export const readRemoved = async ({ removed }: SetupFiles): Promise<readonly RemovedLogin[]> =>
  (await read(removed, removedShape))?.logins ?? [];

/** Remembers one more; a login that is there already is replaced. */
export async function noteRemoved(files: SetupFiles, login: RemovedLogin): Promise<void> {
  const others = (await readRemoved(files)).filter(({ name }) => name !== login.name);
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  await replace(files.removed, { logins: [...others, login] });
}

/** They have been named. */
export const forgetRemoved = async ({ removed }: SetupFiles): Promise<void> => removeFile(removed);

const guardShape = object({ pid: integer(1), start: integer(), id: text(16) });
/** The process of a guard, and the change that it guards. */
export type GuardProcess = NonNullable<ReturnType<typeof guardShape>>;

export const writeGuard = async ({ guard }: SetupFiles, one: GuardProcess): Promise<void> => replace(guard, one);
export const readGuard = async ({ guard }: SetupFiles): Promise<GuardProcess | undefined> => read(guard, guardShape);
