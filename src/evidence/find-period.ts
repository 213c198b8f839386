// Finds what evidence of a period shows of the journal (docs/evidence.md, "A period").
//
// 1. It goes from one head record to another, which have totals: all records of the counted events between them are shown, whoever they
//    are of. Attack: an access is handed on as a hash.
// 2. It ends where each access of the period has its end, so that their connections are complete too.
// 3. Where no head is at or behind the end of the period, all records behind the last head are shown. Accident: what happened since is missed.
import { eventIn } from '../adapters/journal/totals.ts';
import { parsed } from '../adapters/journal/read.ts';
import { textOf, type Entry } from '../core/journal-entry.ts';
import { Population } from '../core/evidence/population.ts';
import type { Period } from '../core/period.ts';
import { countedEvents, isCounted, totalsIn } from '../core/totals.ts';
import type { LogView } from './log-view.ts';
import { eachLine, findLines, type Span } from './scan.ts';

/** A record, by its number and its bytes in the journal's file. */
export interface Place extends Span {
  readonly n: number;
}

/** A head record that has totals. */
export interface HeadAt extends Place {
  /** As the record has it. */
  readonly at: string;
  readonly record: Entry;
}

export interface PeriodFound {
  readonly population: Population;
  /** The last head at or before the beginning; undefined: it is shown from the beginning of the log. */
  readonly opens: HeadAt | undefined;
  readonly closes: HeadAt;
  /** What is shown, in the order of the log. */
  readonly shown: readonly Place[];
  /** Whether there is a head at or behind the end of the period. */
  readonly isPast: boolean;
}

/** No head of the journal has totals yet: it is of an earlier version. */
export class NoTotals extends Error {}

/** What may be shown besides the counted events. */
const more = ['grant-ended', 'grant-dropped', 'break-glass-unfinished', 'break-glass-reviewed'];
const wanted: ReadonlySet<string> = new Set([...countedEvents, ...more, 'recording-closed', 'recording-range']);

/** The period begins before the first record that is there, and others were removed by age. */
export class BeginningRemoved extends Error {}

/** @throws NoTotals, BeginningRemoved; Error of the system */
export function findPeriod(view: LogView, period: Period): PeriodFound {
  const heads = headsOf(view);
  const newest = heads.at(-1);
  if (newest === undefined) throw new NoTotals();
  const [from, to] = [new Date(period.from).toISOString(), new Date(period.to).toISOString()];
  const opens = heads.findLast(({ at }) => at <= from);
  if (opens === undefined && view.first > 1) throw new BeginningRemoved();
  const { population, taken, counted, until } = look(view, period, opens?.from ?? 0);
  const closes = heads.find(({ n, at }) => at >= to && n > until) ?? newest;
  const isPast = closes.at >= to;
  const isBetween = ({ n }: Place): boolean => n > (opens?.n ?? 0) && n < closes.n;
  const ends = opens === undefined ? [closes] : [opens, closes];
  const all = [...taken, ...counted.filter(isBetween), ...ends, ...(isPast ? [] : behind(view, closes))];
  const shown = [...new Map(all.map(({ n, from, to }) => [n, { n, from, to }])).values()].sort((a, b) => a.n - b.n);
  return { population, opens, closes, shown, isPast };
}

function headsOf({ path, bytes }: LogView): readonly HeadAt[] {
  return findLines(path, { from: 0, to: bytes }, ['"event":"head"']).flatMap(({ at, text }) => {
    const record = parsed(text);
    if (totalsIn(record) === undefined) return [];
    const place = { n: Number(record?.['n']), from: at, to: at + text.length };
    return [{ ...place, at: textOf(record, 'at') ?? '', record: record ?? {} }];
  });
}

interface Looked {
  readonly population: Population;
  readonly taken: readonly Place[];
  readonly counted: readonly Place[];
  /** The number of the last record that tells of a connection or an end (rule 2). */
  readonly until: number;
}

function look({ path, bytes }: LogView, period: Period, from: number): Looked {
  const population = new Population(period);
  const [taken, counted]: [Place[], Place[]] = [[], []];
  let until = 0;
  eachLine(path, { from, to: bytes }, (line) => {
    const event = eventIn(line.begin) ?? '';
    if (!wanted.has(event)) return;
    const record = parsed(line.text()) ?? {};
    const place = { n: Number(record['n']), from: line.from, to: line.to };
    const isTaken = population.take(record);
    if (isTaken) taken.push(place);
    if (isTaken && event !== 'break-glass-reviewed') until = place.n;
    if (isCounted(event)) counted.push(place);
  });
  return { population, taken, counted, until };
}

/** Rule 3. */
function behind({ path, bytes }: LogView, { from }: HeadAt): readonly Place[] {
  const places: Place[] = [];
  eachLine(path, { from, to: bytes }, ({ begin, ...line }) => {
    places.push({ n: Number(/^\{"n":(\d+)/.exec(begin)?.[1]), from: line.from, to: line.to });
  });
  return places;
}
