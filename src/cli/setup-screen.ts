// What the commands of setup share at the terminal: refusals, questions, and how an undo is told.
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { rolledBack, broken } from '../core/messages/setup-faults.ts';
import { dryRun, noChanges, undone, undoneBut } from '../core/messages/setup.ts';
import { shown } from '../setup/diff.ts';
import { sanitizeLine } from '../core/text.ts';
import { SetupFault } from '../setup/fault.ts';
import type { Planned } from '../setup/perform.ts';
import type { Ending } from '../core/setup-rules/change.ts';
import { refuseHere } from './refuse.ts';
import { render, type Screen } from './render.ts';

/** Runs a command of setup as root, and tells a fault. @returns its exit code */
export async function asRoot(word: string, run: (screen: Screen) => Promise<number>): Promise<number> {
  const screen = render();
  if (process.getuid?.() !== 0) return refuseHere(screen, 'LOCAL_ONLY', { word });
  try {
    return await run(screen);
  } catch (error) {
    const { code, exit, say, hint } = error instanceof SetupFault ? error.fault : systemFault(error);
    screen.refuse(code, say, hint);
    return exit;
  }
}

/** An error of the system (a full disk) as a fault. @throws the error itself when it is a fault of ours */
function systemFault(error: unknown): SetupFault['fault'] {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) throw error;
  return broken(sanitizeLine([syscall, path, code].filter((word) => word !== undefined).join(' '), 200));
}

/** Asks one question on standard error. @returns undefined at the end of the input */
export async function question(prompt: string): Promise<string | undefined> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(reader, 'close').then(() => undefined);
  const text = await Promise.race([reader.question(prompt).catch(() => undefined), closed]);
  reader.close();
  return text?.trim();
}

/** Exit codes of a dry run, as diff(1) has them. */
const [same, different] = [0, 1];

/** Shows planned changes. @returns the exit code when that was all: there are none, or it is a dry run */
export async function showPlan(
  screen: Screen,
  changes: readonly Planned[],
  options: { readonly sshd: boolean; readonly dryRun: boolean },
): Promise<number | undefined> {
  if (changes.length === 0) {
    screen.note([noChanges]);
    return same;
  }
  screen.out(await shown(changes, options.sshd));
  if (!options.dryRun) return undefined;
  screen.note([dryRun]);
  return different;
}

/** Tells that something was undone, and what could not be. @returns the exit code */
export function tellUndone(screen: Screen, notes: readonly string[]): number {
  screen.note(notes.length === 0 ? [undone] : [undoneBut, ...notes.map((note) => `  ${note}`)]);
  return notes.length === 0 ? same : different;
}

/** @throws SetupFault when a change was not kept; what could not be put back is told */
export function requireKept(screen: Screen, { ended, why, notes }: Ending): void {
  if (ended === 'kept') return;
  if (notes.length > 0) tellUndone(screen, notes);
  throw new SetupFault(rolledBack(why));
}
