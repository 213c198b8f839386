// `audit show` and `audit verify`: the journal, read by root from its files, so that no keeper is needed.
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parsed } from '../adapters/journal/read.ts';
import { readAnchor } from '../adapters/journal/anchor.ts';
import { headReader } from '../adapters/journal/heads.ts';
import { verifyJournal } from '../adapters/journal/verify.ts';
import { openKeys, sha256, type Keys } from '../adapters/keys.ts';
import * as stateFiles from '../adapters/state-file.ts';
import { loadConfig } from '../config/load.ts';
import {
  acceptedLoss,
  faultAt,
  noSuchRecord,
  notARecord,
  unreadable,
  unreadableHint,
  verifyHint,
  verifyReport,
} from '../core/messages/audit.ts';
import { errorLine, errorLines } from '../core/messages/host.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import { cosignedLine, keptOf, readOwnCosigned, type Cosigned } from './audit-cosigned.ts';
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
  return damaged > 0 ? dataError : 0;
}

/** Verifies the journal and prints the result. @returns the exit code: 0 only for an unchanged journal */
export async function verify(layout: Layout, json: boolean): Promise<number> {
  const isThere = [`${layout.journal}/journal.jsonl`, layout.journalAnchor].some((path) => existsSync(path));
  const own = isThere ? await hostKeys(layout).catch(() => undefined) : undefined;
  if (own === undefined) return tellUnreadable();
  const cosigned = await readOwnCosigned(layout).catch(() => undefined);
  if (cosigned === undefined) return tellUnreadable();
  const result = await checked(layout, own, cosigned).catch(() => undefined);
  if (result === undefined) return tellUnreadable();
  const { records, witnesses } = cosigned;
  const lines = [...report(result), cosignedLine(cosigned, result.kept, result.records)];
  if (json) process.stdout.write(`${asciiJson({ ...result, cosigned: { records, witnesses } })}\n`);
  else for (const text of lines) process.stdout.write(`${text}\n`);
  return result.ok ? 0 : dataError;
}

/** The anchor is read before the journal, so that a keeper that writes meanwhile only makes the journal longer than the anchor says. */
async function checked(layout: Layout, { keys, host }: Own, cosigned: Cosigned): ReturnType<typeof verifyJournal> {
  const anchor = await readAnchor({
    files: stateFiles,
    path: layout.journalAnchor,
    acceptedPath: layout.journalAccepted,
  });
  const outside = { anchor, seal: (text: string) => keys.seal(text) };
  return verifyJournal({
    ...{ folder: layout.journal, verifyHead: headReader(keys, host), sha256, outside },
    kept: keptOf(cosigned),
  });
}

interface Own {
  readonly host: string;
  readonly keys: Keys;
}

async function hostKeys(layout: Layout): Promise<Own> {
  const { host } = await loadConfig(layout.config, { reservedNames });
  return { host, keys: await openKeys({ folder: layout.keys, host, peers: {} }) };
}

function report(result: Awaited<ReturnType<typeof verifyJournal>>): readonly string[] {
  const losses = (result.accepted ?? []).map((loss) => sanitizeLine(acceptedLoss(loss), 1000));
  return verifyReport(
    result,
    losses,
    result.faults.map(({ line, problem }) => faultAt(line, problem)),
  );
}

function tellUnreadable(): number {
  process.stderr.write(errorLines(unreadable, unreadableHint));
  return noInput;
}
