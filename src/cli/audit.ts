// `audit show`: the journal, read by root from its files, so that no keeper is needed.
import { commandExits } from '../core/exits.ts';
import { firstRecordIn, journalLines, parsed } from '../adapters/journal/read.ts';
import { noSuchRecord, notARecord, unreadable, unreadableHint, verifyHint } from '../core/messages/audit.ts';
import { errorLine, errorLines } from '../core/messages/host.ts';
import type { Layout } from '../wire/layout.ts';
import { chosenBy, type Choice } from './journal-choice.ts';
import { readable } from './journal-line.ts';

/**
 * Prints the chosen records, a line each: for people, or with `json` as they are in the file. A line that is not a record is always
 * reported, in its place on standard error.
 * @returns the exit code: 65 when there was such a line, 66 when there is no journal.
 */
export async function show(layout: Layout, json: boolean, choice: Choice = {}): Promise<number> {
  const isChosen = chosenBy(choice);
  let [at, damaged, shown] = [firstRecordIn(layout.journal) - 1, 0, 0];
  try {
    for await (const line of journalLines(`${layout.journal}/journal.jsonl`)) {
      const text = Buffer.from(line.text, 'latin1').toString();
      at += 1;
      const record = parsed(text);
      if (record === undefined) {
        damaged += 1;
        process.stderr.write(errorLine(notARecord(at)));
      } else if (isChosen(record)) {
        shown += 1;
        process.stdout.write(`${json ? text : readable(record)}\n`);
      }
    }
  } catch {
    return tellUnreadable();
  }
  if (shown === 0 && !json) process.stdout.write(noSuchRecord);
  if (damaged > 0) process.stderr.write(verifyHint);
  return damaged > 0 ? commandExits.data : 0;
}

/** @returns the exit code */
export function tellUnreadable(): number {
  process.stderr.write(errorLines(unreadable, unreadableHint));
  return commandExits.noInput;
}
