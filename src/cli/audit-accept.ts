// `audit accept`: root accepts a journal that is not as this host left it, which is the only way on after JOURNAL_CHANGED. It takes a
// reason and covers exactly the journal as it is now. The next keeper writes the acceptance into the journal's next record.
import { existsSync } from 'node:fs';
import { acceptJournal, anchorOf } from '../adapters/journal-anchor.ts';
import { journalName } from '../adapters/journal-read.ts';
import { sha256 } from '../adapters/keys.ts';
import * as stateFiles from '../adapters/state-file.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';

const usage = 64; // EX_USAGE, sysexits.h
const dataError = 65; // EX_DATAERR
const noInput = 66; // EX_NOINPUT

function fail(code: number, say: string, hint: string): number {
  process.stderr.write(`tmux-gate: ${say}\nhint: ${hint}\n`);
  return code;
}

/** Accepts the journal. @param given the reason. @returns the exit code; other than 0 if there is no reason or no usable journal */
export async function accept(layout: Layout, given: string | undefined): Promise<number> {
  const reason = sanitizeLine(given ?? '', 400).trim();
  if (reason === '')
    return fail(usage, 'accepting a loss needs a reason', 'tmux-gate audit accept --reason WHAT HAPPENED');
  if (!existsSync(layout.state)) return fail(noInput, 'there is no journal here', 'run as root on the host');
  const found = await anchorOf(`${layout.journal}/${journalName}`, sha256).catch(() => undefined);
  if (found === undefined)
    return fail(
      dataError,
      'the journal does not end in a record, so nothing can go on behind it',
      `keep it as evidence, under another name: mv ${layout.journal} ${layout.journal}.changed; then accept again`,
    );
  const { SUDO_USER: sudoer } = process.env;
  const by = sudoer === undefined ? 'root' : `root (${sanitizeLine(sudoer, 64)})`;
  await acceptJournal(
    { files: stateFiles, path: layout.journalAnchor, acceptedPath: layout.journalAccepted },
    { found, by, reason, at: Date.now() },
  );
  process.stdout.write(
    `Accepted by ${by}: the journal goes on behind record ${found.n}. It will say so itself, and so will each audit verify.\n` +
      'Restart the keeper: systemctl restart tmux-gate\n',
  );
  return 0;
}
