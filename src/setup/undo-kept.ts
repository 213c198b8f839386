// `init --undo`: takes back the change that waits, or everything that was kept.
import { nothingToUndo } from '../core/messages/setup-faults.ts';
import { notBroughtBack } from '../core/messages/setup.ts';
import { SetupFault } from './fault.ts';
import { forgetKept, forgetRemoved, readKept, readPending, readRemoved, writeVerdict } from './journal.ts';
import { reloadUnits } from './perform.ts';
import { checkSshd, reloadSshd } from './sshd.ts';
import { untilEnded, type TransactionParts } from './transaction.ts';
import { undoAll } from './undo.ts';

/**
 * Undoes the change that waits; where none does, all that were kept, the newest first.
 * @returns what could not be put back as it was.
 * @throws SetupFault when there is nothing to undo
 */
export async function undoKept(parts: TransactionParts): Promise<readonly string[]> {
  const pending = await readPending(parts.files);
  if (pending !== undefined) {
    await writeVerdict(parts.files, pending.id, 'abandoned');
    return (await untilEnded(parts, pending)).notes;
  }
  const kept = await readKept(parts.files);
  if (kept.length === 0) throw new SetupFault(nothingToUndo);
  const notes: string[] = [];
  for (const { path, journal } of kept) {
    notes.push(...(await undoAll(parts.files, journal)));
    await forgetKept(path);
  }
  for (const { name, keys, member } of await readRemoved(parts.files)) notes.push(notBroughtBack(name, keys, member));
  await forgetRemoved(parts.files);
  await reloadUnits();
  await checkSshd();
  await reloadSshd();
  return notes;
}
