// What a person sees of a refusal, and its record in the journal.
import { expect } from '@jest/globals';
import { stripVTControlCharacters } from 'node:util';
import type { Outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { refusals, type RefusalCode } from '../../src/core/refusals.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { rootRuns, type JournalRecord } from './inside.ts';

/** Exit code and text of a finished command. */
export interface Seen {
  readonly code: number | null;
  readonly text: string;
}

/** Waits for the end of a terminal's ssh. */
export const seenOn = async (terminal: Terminal): Promise<Seen> => ({
  code: (await terminal.exit).code,
  text: terminal.text,
});

/** The refusal of a command without a terminal; expects that stdout is empty. */
export function seenOf({ code, stdout, stderr }: Outcome): Seen {
  expect(stdout).toBe('');
  return { code, text: stderr };
}

/** Text without colours and line breaks. */
export const plain = (text: string): string => stripVTControlCharacters(text).replace(/\s+/g, ' ').trim();

/** The journal's records, by `audit show`. */
export async function audit(host: Host): Promise<readonly JournalRecord[]> {
  return (await rootRuns(host, 'audit', 'show', '--json'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JournalRecord);
}

/** Makes a function that returns the records that were written since now; not the heads, which come with time. */
export async function fromNow(host: Host): Promise<() => Promise<readonly JournalRecord[]>> {
  const { length } = await audit(host);
  return async () => (await audit(host)).slice(length).filter(({ event }) => event !== 'head');
}

/** Expects a refusal's whole sentence, code, hint and exit code. */
export function expectSentence({ code: exit, text }: Seen, code: RefusalCode, says: string, hint: string): void {
  expect(plain(text)).toContain(`tmux-gate: ${says} [${code}] hint: ${hint}`);
  expect(exit).toBe(refusals[code].exit);
}

export interface Expected {
  readonly code: RefusalCode;
  readonly says: string;
  readonly hint: string;
}

/** Runs a visit, expects this refusal, and waits for its record in the journal. @returns the record */
export async function expectRefused(
  host: Host,
  person: Person,
  { code, says, hint }: Expected,
  visit: () => Promise<Seen>,
): Promise<JournalRecord> {
  const later = await fromNow(host);
  const seen = await visit();
  expectSentence(seen, code, says, hint);
  return eventually(`${code} is in the journal`, async () =>
    (await later()).find(
      (record) => record.event === 'refused' && record['login'] === person.login && record['code'] === code,
    ),
  );
}
