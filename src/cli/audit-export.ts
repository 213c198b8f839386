// `audit export`: the journal for another program: as it is, as a table, or as events of OCSF; once, or as long as it runs.
//
// 1. The cursor is written after the receiver has taken what is before it, and it is on disk before the next batch. Accident: receiver or
//    exporter is away for a while, and records are never sent. (What was sent and not noted is sent again: at least once.)
// 2. A receiver that takes nothing is tried again for as long as it lasts; nothing is dropped.
import { commandExits } from '../core/exits.ts';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { followJournal, OtherJournal, RecordsRemoved } from '../adapters/journal/follow.ts';
import type { Anchor } from '../adapters/journal/anchor.ts';
import { journalName, parsed, type JournalRecord } from '../adapters/journal/read.ts';
import { NotTaken, stdoutReceiver, syslogReceiver, urlReceiver, type Receiver } from '../adapters/export/receivers.ts';
import { sha256 } from '../adapters/sha256.ts';
import { readState, writeState } from '../adapters/state-file.ts';
import { csvLine } from '../core/csv.ts';
import { exportMessages, unreadable, unreadableHint } from '../core/messages/audit.ts';
import { errorLine, errorLines } from '../core/messages/host.ts';
import { ocsfEvents } from '../core/ocsf/ocsf.ts';
import { recordCells, recordColumns } from '../core/record-csv.ts';
import { digestShape } from '../core/request.ts';
import { integer, object } from '../core/shape.ts';
import { asciiJson } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';
import manifest from '../../package.json' with { type: 'json' };
import { announceReading } from './announce-reading.ts';
import { chosenBy, type Choice } from './journal-choice.ts';
import { isMissing } from '../adapters/missing.ts';

/** What `audit export` was asked for. */
export interface ExportOptions {
  readonly format: 'jsonl' | 'csv' | 'ocsf';
  readonly choice: Choice;
  readonly follow: boolean;
  /** `stdout`, `syslog`, or a URL. */
  readonly to: string;
  /** The file that remembers up to where records were taken. */
  readonly cursor: string | undefined;
  readonly tokenFile: string | undefined;
  readonly reason: string | undefined;
}

const cursorShape = object({ n: integer(0), hash: digestShape, bytes: integer(0) });
const firstWaitMs = 1000;
const longestWaitMs = 60_000;

/** Exports; with `follow` until a signal. @returns the exit code */
export async function exportAudit(layout: Layout, options: ExportOptions): Promise<number> {
  const announced = await announceReading(layout, { what: 'export', query: options.format, reason: options.reason });
  if (announced !== 0) return announced;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  try {
    const from = options.cursor === undefined ? undefined : await readState(options.cursor, cursorShape);
    await exportTo(await receiverOf(options), { folder: layout.journal, options, from, stop: stop.signal });
    return 0;
  } catch (error) {
    if (error instanceof OtherJournal)
      return fail(commandExits.data, exportMessages.otherJournal(options.cursor ?? ''));
    if (error instanceof RecordsRemoved)
      return fail(commandExits.data, exportMessages.removed(options.cursor ?? '', error.first));
    if (isMissing(error)) return fail(commandExits.noInput, [unreadable, unreadableHint]);
    return fail(commandExits.data, exportMessages.failed((error as Error).message));
  }
}

function fail(code: number, [say, hint]: readonly [string, string]): number {
  process.stderr.write(errorLines(say, hint));
  return code;
}

/** An export to a receiver. */
export interface Exporting {
  /** The folder of the journal. */
  readonly folder: string;
  readonly options: Pick<ExportOptions, 'format' | 'choice' | 'follow' | 'cursor'>;
  /** What the cursor said. */
  readonly from: Anchor | undefined;
  readonly stop: AbortSignal;
  /** Waits between two tries. */
  readonly pause?: Pause;
}

type Pause = (ms: number, stop: AbortSignal) => Promise<unknown>;
const pauseFor: Pause = async (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined);

/** @throws OtherJournal, RecordsRemoved, or an Error of the system */
export async function exportTo(receiver: Receiver, exporting: Exporting): Promise<void> {
  const { folder, options, from, stop, pause = pauseFor } = exporting;
  const print = printer(options);
  const send = async (lines: readonly string[]): Promise<void> => deliver(receiver, lines, stop, pause);
  if (options.format === 'csv' && from === undefined) await send([csvLine(recordColumns)]);
  const until = options.follow ? stop : undefined;
  for await (const { lines, place } of followJournal(`${folder}/${journalName}`, { sha256, from, until })) {
    const printed = lines.flatMap(print);
    if (printed.length > 0) await send(printed);
    if (stop.aborted) return;
    if (options.cursor !== undefined) await writeState(options.cursor, place, true, cursorShape); // rule 1
  }
}

async function receiverOf({ to, format, tokenFile }: ExportOptions): Promise<Receiver> {
  if (to === 'stdout') return stdoutReceiver(process.stdout);
  if (to === 'syslog') return syslogReceiver();
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim();
  return urlReceiver(to, format === 'csv' ? 'text/csv' : 'application/x-ndjson', token);
}

/** Makes the lines of a journal's line; none where it was not asked for. */
function printer({ format, choice }: Exporting['options']): (line: string) => readonly string[] {
  const isChosen = chosenBy(choice);
  return (line) => {
    const record = parsed(line);
    if (record === undefined || !isChosen(record)) return [];
    return printed(format, line, record);
  };
}

function printed(format: ExportOptions['format'], line: string, record: JournalRecord): readonly string[] {
  if (format === 'jsonl') return [line];
  if (format === 'csv') return [csvLine(recordCells(record))];
  return ocsfEvents(record, line, manifest.version).map(asciiJson);
}

/** Rule 2. */
async function deliver(receiver: Receiver, lines: readonly string[], stop: AbortSignal, pause: Pause): Promise<void> {
  for (let [wait, told] = [firstWaitMs, false]; !stop.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
    try {
      await receiver.send(lines);
      if (told) process.stderr.write(exportMessages.takesAgain(receiver.name));
      return;
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      if (!told) process.stderr.write(errorLine(exportMessages.notTaken(receiver.name, error.message)));
      told = true;
      await pause(error.waitMs ?? wait, stop);
    }
  }
}
