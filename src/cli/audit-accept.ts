// `audit accept`: root accepts a journal that is not as this host left it, which is the only way on after JOURNAL_CHANGED. It takes a
// reason and covers exactly the journal as it is now. The next keeper writes the acceptance into the journal's next record.
//
// 1. A journal that no keeper could continue is not accepted. Accident: a hole in the middle is accepted, the keeper that is restarted then
//    still says JOURNAL_CHANGED, and nobody knows why.
import { commandExits } from '../core/exits.ts';
import { existsSync } from 'node:fs';
import { acceptJournal, anchorOf, firstMisplaced } from '../adapters/journal/anchor.ts';
import { journalName } from '../adapters/journal/read.ts';
import { sha256 } from '../adapters/sha256.ts';
import * as stateFiles from '../adapters/state-file.ts';
import {
  accepted,
  acceptNeedsReason,
  acceptUsage,
  asRoot,
  endsInNoRecord,
  misplacedRecord,
  noJournal,
  setAside,
} from '../core/messages/audit.ts';
import { errorLines } from '../core/messages/host.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';

function fail(code: number, say: string, hint: string): number {
  process.stderr.write(errorLines(say, hint));
  return code;
}

/** Accepts the journal. @param given the reason. @returns the exit code; other than 0 if there is no reason or no usable journal */
export async function accept(layout: Layout, given: string | undefined): Promise<number> {
  const reason = sanitizeLine(given ?? '', 400).trim();
  if (reason === '') return fail(commandExits.usage, acceptNeedsReason, acceptUsage);
  if (!existsSync(layout.state)) return fail(commandExits.noInput, noJournal, asRoot);
  const path = `${layout.journal}/${journalName}`;
  const found = await anchorOf(path, sha256).catch(() => undefined);
  if (found === undefined) return fail(commandExits.data, endsInNoRecord, setAside(layout.journal));
  const misplaced = await firstMisplaced(path);
  if (misplaced !== undefined) return fail(commandExits.data, misplacedRecord(misplaced), setAside(layout.journal));
  const { SUDO_USER: sudoer } = process.env;
  const by = sudoer === undefined ? 'root' : `root (${sanitizeLine(sudoer, 64)})`;
  await acceptJournal(
    { files: stateFiles, path: layout.journalAnchor, acceptedPath: layout.journalAccepted },
    { found, by, reason, at: Date.now() },
  );
  process.stdout.write(accepted(by, found.n));
  return 0;
}
