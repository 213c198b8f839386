// `find`: looks for a text in what stood on screens and in what was typed, and says which command shows it.
//
// 1. It is journaled who looks for what, and why, before anything is read (./announce-reading.ts).
// 2. Nothing leaves the host: the keeper's socket is the only one that is opened. Attack: what people saw ends at a search service.
// 3. What a session printed is filtered before it is shown (core/text.ts). Attack: a row that was recorded repaints the auditor's terminal.
import { commandExits } from '../core/exits.ts';
import { readFile } from 'node:fs/promises';
import {
  cutNote,
  emptyPattern,
  encryptedNote,
  identityHint,
  identityUnreadable,
  indexHint,
  indexing,
  indexMadeAnew,
  indexUnwritable,
  noRecordings,
  noRecordingsHint,
  notAPattern,
  nothingFound,
  patternHint,
  waitingForIndex,
} from '../core/messages/find.ts';
import { errorLine, errorLines } from '../core/messages/host.ts';
import { sanitizeLine } from '../core/text.ts';
import { catchUp, type Progress } from '../recordings/search/catch-up.ts';
import { find, isAnyThere, type Query, type Skipped } from '../recordings/search/find.ts';
import { parsePattern, PatternFault, type Pattern } from '../recordings/search/pattern.ts';
import { IndexDamaged, SearchIndex } from '../recordings/search/search-index.ts';
import type { Layout } from '../wire/layout.ts';
import { announceReading } from './announce-reading.ts';
import { hitPrinter } from './find-hits.ts';
import { render, type Screen } from './render.ts';

/** As grep(1) exits when nothing matches. */
const none = 1;

/** What was typed. */
export interface Wanted {
  readonly text: string;
  readonly since: number | undefined;
  readonly login: string | undefined;
  readonly session: string | undefined;
  readonly onlyTyped: boolean;
  readonly ignoreCase: boolean;
  /** How many lines are shown at most; 0: all. */
  readonly limit: number;
  /** The file of an age identity. */
  readonly identity: string | undefined;
  readonly reason: string | undefined;
  readonly json: boolean;
}

/**
 * Looks for it in all recordings.
 * @returns the exit code: 0 when something was found, 1 when nothing was, 65 when a recording cannot be read, 66 when there are none
 */
export async function findText(layout: Layout, wanted: Wanted): Promise<number> {
  const pattern = patternOf(wanted);
  if (typeof pattern === 'number') return pattern;
  const identity = await identityOf(wanted.identity);
  if (typeof identity === 'number') return identity;
  if (!(await isAnyThere(layout.recordings))) return refuse(commandExits.noInput, noRecordings, noRecordingsHint);
  const announced = await announceReading(layout, { what: 'find', query: wanted.text, reason: wanted.reason });
  if (announced !== 0) return announced;
  try {
    return await search(layout, wanted, { ...wanted, pattern, identity: identity?.text });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof IndexDamaged) throw error;
    return refuse(commandExits.cantCreate, indexUnwritable(layout.searchIndex, code), indexHint);
  }
}

function patternOf({ text, ignoreCase }: Wanted): Pattern | number {
  try {
    return parsePattern(text, ignoreCase);
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    return error.isEmpty
      ? refuse(commandExits.usage, emptyPattern, patternHint)
      : refuse(commandExits.usage, notAPattern(sanitizeLine(error.message, 200)), patternHint);
  }
}

async function identityOf(path: string | undefined): Promise<{ readonly text: string } | undefined | number> {
  if (path === undefined) return undefined;
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refuse(commandExits.noInput, identityUnreadable(sanitizeLine(path, 200), code ?? 'unknown'), identityHint);
  }
}

function refuse(exit: number, say: string, hint: string): number {
  process.stderr.write(errorLines(say, hint));
  return exit;
}

/** Searches, and once more with a new index where that one is damaged. */
async function search(layout: Layout, wanted: Wanted, query: Query): Promise<number> {
  try {
    return await searchOnce(layout, wanted, query);
  } catch (error) {
    if (!(error instanceof IndexDamaged)) throw error;
    process.stderr.write(errorLine(indexMadeAnew));
    SearchIndex.remove(layout.searchIndex);
    return searchOnce(layout, wanted, query);
  }
}

async function searchOnce(layout: Layout, wanted: Wanted, query: Query): Promise<number> {
  const screen = render();
  using index = SearchIndex.open(layout.searchIndex);
  await catchUp(index, layout, progressOn(screen));
  screen.calm();
  const skipped: Skipped = { encrypted: 0, faults: [] };
  const printer = hitPrinter(wanted.json);
  let isCut = false;
  for await (const hit of find(index, layout, query, skipped)) {
    isCut = wanted.limit > 0 && printer.lines() >= wanted.limit;
    if (isCut) break;
    printer.take(hit);
  }
  printer.end();
  return tell(screen, { skipped, lines: printer.lines(), cut: isCut ? wanted.limit : undefined });
}

/** One line that changes on a terminal, and one line for each recording elsewhere. */
function progressOn(screen: Screen): (progress: Progress) => void {
  return ({ done, total, id }) => screen.wait(id === undefined ? waitingForIndex : indexing(done, total, id));
}

interface Told {
  readonly skipped: Skipped;
  readonly lines: number;
  /** The limit, where there is more. */
  readonly cut: number | undefined;
}

/** What else there is to say. @returns the exit code */
function tell(screen: Screen, { skipped, lines, cut }: Told): number {
  if (lines === 0) screen.note([nothingFound]);
  if (cut !== undefined) screen.note([cutNote(cut)]);
  if (skipped.encrypted > 0) screen.note([encryptedNote(skipped.encrypted)]);
  for (const fault of skipped.faults) process.stderr.write(errorLine(sanitizeLine(fault, 500)));
  if (skipped.faults.length > 0) return commandExits.data;
  return lines === 0 ? none : 0;
}
