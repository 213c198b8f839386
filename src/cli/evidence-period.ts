// `evidence --period 2026-Q3`: one file from which somebody outside verifies which accesses there were, and looks at a sample (docs/evidence.md).
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../adapters/sha256.ts';
import { commandExits } from '../core/exits.ts';
import { isSeed } from '../core/evidence/draw.ts';
import { spell } from '../core/ids.ts';
import * as say from '../core/messages/evidence.ts';
import { parsePeriod, type Period } from '../core/period.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { BeginningRemoved, NoTotals, type PeriodFound } from '../evidence/find-period.ts';
import { depsOfHost, seePeriod, viewOptions } from '../evidence/of-host.ts';
import type { OpenView, ViewOptions } from '../evidence/open-view.ts';
import { periodFiles, type Sampling } from '../evidence/period-files.ts';
import { writeArchive } from '../evidence/write-archive.ts';
import type { Layout } from '../wire/layout.ts';
import { announceReading } from './announce-reading.ts';
import { fail, failedBy, isSealing, toldOf } from './evidence.ts';

export interface PeriodOptions {
  readonly period: string;
  /** How many accesses are drawn; undefined: none. */
  readonly sample: number | undefined;
  readonly seed: string | undefined;
  readonly output: string | undefined;
  readonly reason: string | undefined;
  readonly json: boolean;
}

interface Task {
  readonly period: Period;
  readonly sampling: Sampling | undefined;
  readonly output: string | undefined;
  readonly json: boolean;
}

/** Makes the file. @returns the exit code; other than 0, nothing was written */
export async function evidenceOfPeriod(layout: Layout, options: PeriodOptions): Promise<number> {
  const task = taskOf(options, Date.now());
  if (typeof task === 'string') return fail(commandExits.usage, task, say.periodsAre);
  const { name } = task.period;
  const announced = await announceReading(layout, { what: 'evidence', query: name, reason: options.reason });
  if (announced !== 0) return announced;
  const found = await viewOptions(layout).catch(() => undefined);
  if (found === undefined) return fail(commandExits.noInput, say.noJournalYet, say.runAsRoot);
  try {
    return await made(layout, found, task);
  } catch (error) {
    if (error instanceof NoTotals) return fail(commandExits.data, say.noTotals, say.restartFirst);
    if (error instanceof BeginningRemoved) return fail(commandExits.unavailable, say.periodRemoved, say.proofsStay);
    return failedBy(error);
  }
}

/** @returns what is to be made, or what is wrong with the words */
function taskOf({ period: text, sample, seed, output, json }: PeriodOptions, now: number): Task | string {
  const period = parsePeriod(text);
  if (period === undefined) return say.notAPeriod(sanitizeLine(text, 40));
  if (period.from > now) return say.notBegun(period.name);
  if (sample !== undefined && (!Number.isSafeInteger(sample) || sample < 1)) return say.notACount;
  if (seed !== undefined && !isSeed(seed)) return say.notASeed;
  if (seed !== undefined && sample === undefined) return say.seedOfWhat;
  const sampling = sample === undefined ? undefined : { count: sample, seed: seed ?? spell(randomBytes(16)) };
  return { period, sampling, output, json };
}

/** A recording that is sealed while the evidence is made is looked at once more, after its record in the journal. */
async function made(layout: Layout, options: ViewOptions, task: Task, again = true): Promise<number> {
  const seen = await seePeriod(options, task.period);
  const work = await mkdtemp(join(tmpdir(), 'tmux-gate-evidence-'));
  try {
    return await make({ layout, work, ...seen }, task);
  } catch (error) {
    if (!again || !isSealing(error)) throw error;
  } finally {
    await seen.view.close();
    await rm(work, { recursive: true, force: true });
  }
  return made(layout, options, task, false);
}

interface Place {
  readonly layout: Layout;
  readonly view: OpenView;
  readonly found: PeriodFound;
  readonly work: string;
}

async function make({ layout, view, found, work }: Place, task: Task): Promise<number> {
  const { period, sampling, output, json } = task;
  const deps = await depsOfHost(layout, view, Date.now());
  const files = await periodFiles(deps, { period, found, sampling, work, digest: sha256 });
  const folder = `evidence-${period.name.replace('..', '_')}`;
  const file = output ?? `evidence-${view.host}-${period.name.replace('..', '_')}.tar`;
  const written = await writeArchive(file, folder, files);
  const accesses = found.population.ids.length;
  const counts = { accesses, exceptions: found.population.exceptions().length - 1 };
  const of = say.periodOf(period.name, counts);
  const told = toldOf({ view, files, written, file, folder, of });
  const notes = notesOn(found);
  const drawn = sampling === undefined ? {} : { sample: Math.min(sampling.count, accesses), seed: sampling.seed };
  const facts = { period: period.name, host: view.host, ...counts, ...drawn, ...told, past: found.isPast, notes };
  if (json) process.stdout.write(`${asciiJson(facts)}\n`);
  else process.stdout.write(say.evidenceMade(told, sampling) + notes.map((note) => `\n${note}`).join(''));
  return 0;
}

/** What whoever hands it on should know. */
function notesOn({ population, opens, isPast }: PeriodFound): readonly string[] {
  return [
    ...(isPast ? [] : [say.notPastYet]),
    ...(population.isOver ? [] : [say.someNotOver]),
    ...(opens === undefined ? [say.fromTheBeginning] : []),
  ];
}
