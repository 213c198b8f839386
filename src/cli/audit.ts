// `audit show` and `audit verify`: the journal, read by root from its files, so that no keeper is needed.
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parsed } from '../adapters/journal-read.ts';
import { readAnchor } from '../adapters/journal-anchor.ts';
import { headShape, verifyJournal, type VerifyHead } from '../adapters/journal-verify.ts';
import { openKeys, sha256, type Keys } from '../adapters/keys.ts';
import * as stateFiles from '../adapters/state-file.ts';
import { loadConfig } from '../config/load.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import { chosenBy, type Choice } from './journal-choice.ts';
import { readable } from './journal-line.ts';

const dataError = 65; // EX_DATAERR, sysexits.h
const noInput = 66; // EX_NOINPUT

/**
 * Prints the chosen records, a line each: for people, or with `json` as they are in the file. A line that is not a record is always
 * reported, in its place on standard error.
 * @returns the exit code: 65 when there was such a line, 66 when there is no journal.
 */
export async function show(layout: Layout, json: boolean, choice: Choice = {}): Promise<number> {
  const isChosen = chosenBy(choice);
  let [at, damaged, shown] = [0, 0, 0];
  try {
    const lines = createInterface({ input: createReadStream(`${layout.journal}/journal.jsonl`, 'utf8') });
    for await (const text of lines) {
      at += 1;
      const record = parsed(text);
      if (record === undefined) {
        damaged += 1;
        process.stderr.write(`tmux-gate: line ${at} is no journal record\n`);
      } else if (isChosen(record)) {
        shown += 1;
        process.stdout.write(`${json ? text : readable(record)}\n`);
      }
    }
  } catch {
    return unreadable();
  }
  if (shown === 0 && !json) process.stdout.write('The journal has no such record.\n');
  if (damaged > 0) process.stderr.write('hint: tmux-gate audit verify\n');
  return damaged > 0 ? dataError : 0;
}

/** Verifies the journal and prints the result. @returns the exit code: 0 only for an unchanged journal */
export async function verify(layout: Layout, json: boolean): Promise<number> {
  const isThere = [`${layout.journal}/journal.jsonl`, layout.journalAnchor].some((path) => existsSync(path));
  const keys = isThere ? await hostKeys(layout).catch(() => undefined) : undefined;
  if (keys === undefined) return unreadable();
  const readHead = async (jws: string): Promise<{ n: number; hash: string } | undefined> =>
    (await keys.verify(jws, 'head', headShape))?.value;
  const result = await checked(layout, keys, readHead).catch(() => undefined);
  if (result === undefined) return unreadable();
  if (json) process.stdout.write(`${asciiJson(result)}\n`);
  else for (const text of report(result)) process.stdout.write(`${text}\n`);
  return result.ok ? 0 : dataError;
}

/** The anchor is read before the journal, so that a keeper that writes meanwhile only makes the journal longer than the anchor says. */
async function checked(layout: Layout, keys: Keys, readHead: VerifyHead): ReturnType<typeof verifyJournal> {
  const anchor = await readAnchor({
    files: stateFiles,
    path: layout.journalAnchor,
    acceptedPath: layout.journalAccepted,
  });
  return verifyJournal(layout.journal, readHead, sha256, { anchor, seal: (text) => keys.seal(text) });
}

async function hostKeys(layout: Layout): Promise<Keys> {
  const { host } = await loadConfig(layout.config, { reservedNames });
  return openKeys({ folder: layout.keys, host, peers: {} });
}

/** What a signed head that does not fit the journal means; `matches` and `behind` are in order. */
const headFaults: Readonly<Record<string, string>> = {
  ahead: 'the head was signed over more: records at the end are gone',
  differs: 'the head was signed over other records than these',
  forged: 'the head bears no signature of this host',
  missing: 'the signed head is gone',
};

/** What an anchor that does not fit the journal means. */
const anchorFaults: Readonly<Record<string, string>> = {
  ahead: 'this host wrote more than there is: it was cut, rolled back or emptied',
  differs: 'this host wrote other records than these: it was replaced or rolled back',
  missing: 'this host knows of no such journal: its anchor is gone, or the journal is not its own',
};

function report(result: Awaited<ReturnType<typeof verifyJournal>>): readonly string[] {
  const verdict = result.ok ? 'The journal is whole' : 'The journal was CHANGED';
  return [
    `${verdict}: ${result.records} records, signed head ${result.head}.`,
    ...(result.torn
      ? ['  It ends in a part of a line, which counts for nothing: left by a crash, or being written.']
      : []),
    ...(!result.ok && result.head in headFaults ? [`  ${headFaults[result.head] ?? ''}`] : []),
    ...(!result.ok && (result.anchor ?? '') in anchorFaults ? [`  ${anchorFaults[result.anchor ?? ''] ?? ''}`] : []),
    ...(result.accepted ?? []).map(({ line: at, by, reason, problem }) =>
      sanitizeLine(`  line ${at}: ${problem}; accepted by ${by}: ${reason}`, 1000),
    ),
    ...result.faults.map((fault) => `  line ${fault.line} ${fault.problem}`),
  ];
}

function unreadable(): number {
  process.stderr.write(
    'tmux-gate: the journal cannot be read\nhint: run as root on the host; before its first start there is none\n',
  );
  return noInput;
}
