// The totals of a journal: how many records of some events it has since its beginning. Each `head` record holds them, as they are before it.
//
// 1. Whoever is shown the records of these events between two heads, and of the others only hashes, counts them and compares with the
//    totals. Attack: an access that nobody is to see is handed on as a hash, and its proof in the log holds all the same.
import type { Entry } from './journal-entry.ts';

/** What is counted: what gives access, and what a period's evidence tells as an exception. */
export const countedEvents = [
  ...(['granted', 'break-glass', 'connected'] as const),
  ...(['opened', 'witness-away', 'witness-back', 'witness-contradicts'] as const),
];

type CountedEvent = (typeof countedEvents)[number];

export type Totals = Readonly<Record<CountedEvent, number>>;

const totalsOf = (count: (event: CountedEvent) => number): Totals =>
  Object.fromEntries(countedEvents.map((event) => [event, count(event)])) as Totals;

export const noTotals: Totals = totalsOf(() => 0);

const counted: ReadonlySet<string> = new Set(countedEvents);

export const isCounted = (event: string): event is CountedEvent => counted.has(event);

/** The totals after one more record. */
export function withEvent(totals: Totals, event: string): Totals {
  return isCounted(event) ? { ...totals, [event]: totals[event] + 1 } : totals;
}

/** The totals that a `head` record holds; undefined where it has none, as those of earlier versions, or is another record. */
export function totalsIn(record: Entry | undefined): Totals | undefined {
  const held = record?.['event'] === 'head' ? record['totals'] : undefined;
  if (typeof held !== 'object' || held === null) return undefined;
  const numbers = new Map<string, unknown>(Object.entries(held));
  const isWhole = countedEvents.every((event) => Number.isSafeInteger(numbers.get(event)));
  return isWhole ? totalsOf((event) => Number(numbers.get(event))) : undefined;
}

export const sameTotals = (a: Totals, b: Totals): boolean => countedEvents.every((event) => a[event] === b[event]);
