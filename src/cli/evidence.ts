// `evidence ID`: one file from which somebody outside verifies one access alone (docs/evidence.md).
import { commandExits } from '../core/exits.ts';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { UnprovableError } from '../adapters/journal/proofs.ts';
import { parsed } from '../adapters/journal/read.ts';
import { isMissing } from '../adapters/missing.ts';
import { isOver, recordingsOf } from '../core/evidence/access.ts';
import { textOf, type Entry } from '../core/journal-entry.ts';
import { parseId } from '../core/ids.ts';
import * as say from '../core/messages/evidence.ts';
import { errorLines } from '../core/messages/host.ts';
import { nearest } from '../core/nearest.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { accessFiles, NotAsSigned, SealedMeanwhile, type ArchiveFile } from '../evidence/access-files.ts';
import type { Access } from '../evidence/find-access.ts';
import type { LogView } from '../evidence/log-view.ts';
import { depsOfHost, seeAccess, viewOptions, type Seen } from '../evidence/of-host.ts';
import type { ViewOptions } from '../evidence/open-view.ts';
import { findLines } from '../evidence/scan.ts';
import { writeArchive, type Written } from '../evidence/write-archive.ts';
import type { Layout } from '../wire/layout.ts';
import { announceReading } from './announce-reading.ts';

export interface EvidenceOptions {
  readonly id: string;
  readonly output: string | undefined;
  readonly reason: string | undefined;
  readonly json: boolean;
}

/** Says why nothing was made. @returns the code */
export function fail(code: number, says: string, hint: string): number {
  process.stderr.write(errorLines(says, hint));
  return code;
}

/** Makes the file. @returns the exit code; other than 0, nothing was written */
export async function evidenceOf(layout: Layout, options: EvidenceOptions): Promise<number> {
  const id = parseId(options.id);
  if (id === undefined) return fail(commandExits.usage, say.notAnId(sanitizeLine(options.id, 40)), say.listThem);
  const announced = await announceReading(layout, { what: 'evidence', query: id, reason: options.reason });
  if (announced !== 0) return announced;
  const found = await viewOptions(layout).catch(() => undefined);
  if (found === undefined) return fail(commandExits.noInput, say.noJournalYet, say.runAsRoot);
  try {
    return await seenAndMade(layout, found, { ...options, id });
  } catch (error) {
    return failedBy(error);
  }
}

/** A recording that is sealed while the evidence is made is looked at once more, after its record in the journal. */
async function seenAndMade(layout: Layout, view: ViewOptions, options: EvidenceOptions, again = true): Promise<number> {
  const seen = await seeAccess(view, options.id);
  try {
    return await make(layout, seen, options);
  } catch (error) {
    if (!again || !isSealing(error)) throw error;
  } finally {
    await seen.view.close();
  }
  return seenAndMade(layout, view, options, false);
}

/** Whether the plain file of a recording gave way to the sealed one. */
export function isSealing(error: unknown): boolean {
  const { path = '' } = error as NodeJS.ErrnoException;
  return error instanceof SealedMeanwhile || (isMissing(error) && path.endsWith('.cast'));
}

/** @throws what is a fault of the program */
export function failedBy(error: unknown): number {
  if (error instanceof NotAsSigned) return fail(commandExits.data, say.cannotProveRecord(error.record), say.seeWhere);
  if (error instanceof UnprovableError) return fail(commandExits.data, say.cannotProve, say.seeWhere);
  const { code, dest, path = '' } = error as NodeJS.ErrnoException & { readonly dest?: string };
  if (code === undefined) throw error;
  if (code === 'EEXIST') return fail(commandExits.cantCreate, say.fileIsThere(dest ?? path), say.otherName);
  return fail(commandExits.cantCreate, say.cannotWrite(path, code), say.otherName);
}

async function make(layout: Layout, { view, access, isAhead }: Seen, options: EvidenceOptions): Promise<number> {
  const { id, output, json } = options;
  if (access === undefined) return unknown(view, id);
  if (view.first > 1 && !hasBeginning(access.lines.map(({ record }) => record)))
    return fail(commandExits.unavailable, say.accessRemoved(id, view.first), say.proofsStay);
  const deps = await depsOfHost(layout, view, Date.now());
  const files = await accessFiles(deps, id, access);
  const folder = `evidence-${id}`;
  const file = output ?? `evidence-${view.host}-${id}.tar`;
  const written = await writeArchive(file, folder, files);
  const made = toldOf({ view, files, written, file, folder, of: nameOf(id, access) });
  const entries = access.lines.map(({ record }) => record);
  const notes = notesOn(entries, files, isAhead);
  if (json) process.stdout.write(`${asciiJson({ id, host: view.host, ...made, over: isOver(entries), notes })}\n`);
  else process.stdout.write(say.evidenceMade(made) + notes.map((note) => `\n${note}`).join(''));
  return 0;
}

function unknown(view: LogView, id: string): number {
  const requests = findLines(view.path, { from: 0, to: view.bytes }, ['"event":"requested"'])
    .map(({ text }) => (textOf(parsed(text), 'request') ?? '').toLowerCase())
    .reverse();
  const near = nearest(id, requests);
  if (near === undefined && view.first > 1)
    return fail(commandExits.unavailable, say.mayBeRemoved(id, view.first), say.proofsStay);
  return fail(
    commandExits.noInput,
    say.noSuchAccess(id),
    near === undefined ? say.listThem : say.didYouMean(near.toUpperCase()),
  );
}

/** Whether the first record of an access is there: a request that extends no other, or a use of break-glass. */
const hasBeginning = (entries: readonly Entry[]): boolean =>
  entries.some(
    (one) => one['event'] === 'break-glass' || (one['event'] === 'requested' && one['extends'] === undefined),
  );

interface Made {
  readonly view: LogView;
  readonly files: readonly ArchiveFile[];
  readonly written: Written;
  readonly file: string;
  readonly folder: string;
  readonly of: string;
}

/** What is said of a file that was made. */
export function toldOf({ view, files, written, file, folder, of }: Made): say.MadeEvidence {
  const script = files.find(({ name }) => name === 'verify.sh')?.content;
  const verifier = Buffer.isBuffer(script) ? createHash('sha256').update(script).digest('hex') : '';
  const { hostKey, witnessKeys: witnesses } = view;
  return { ...written, file: sanitizeLine(file, 400), folder, of, hostKey, witnesses, verifier };
}

function nameOf(id: string, { lines }: Access): string {
  const first = lines.find(({ record }) => ['requested', 'break-glass'].includes(String(record['event'])))?.record;
  const who = first?.['who'] ?? first;
  return say.accessOf(
    id,
    sanitizeLine(textOf(who, 'login') ?? '', 64),
    sanitizeLine(textOf(first, 'session') ?? '', 64),
  );
}

function lostNote(entries: readonly Entry[], connection: string): string {
  const isOver = entries.some((entry) => entry['event'] === 'disconnected' && entry['connection'] === connection);
  return (isOver ? say.notRecorded : say.notRecordedYet)(sanitizeLine(connection, 16));
}

/** What whoever hands it on should know. */
function notesOn(entries: readonly Entry[], files: readonly ArchiveFile[], isAhead: boolean): readonly string[] {
  const ends = entries.flatMap(({ event, end }) => (event === 'granted' && typeof end === 'number' ? [end] : []));
  const names = files.map(({ name }) => basename(name));
  const lost = recordingsOf(entries)
    .map(({ connection }) => connection)
    .filter((connection) => !names.some((name) => name.startsWith(`${connection}.cast`)));
  return [
    ...(isOver(entries) ? [] : [say.notOverYet(ends.length === 0 ? undefined : Math.max(...ends))]),
    ...(isAhead ? [say.notWitnessedYet] : []),
    ...lost.map((connection) => lostNote(entries, connection)),
  ];
}
