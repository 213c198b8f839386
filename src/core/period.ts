// Periods that are reviewed or proved as a whole, such as a quarter. All of them are in UTC.
import { day } from './time.ts';

/** From an instant, which is part of the period, to an instant, which is not; in milliseconds since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
  /** As it is written: `2026-Q3`, `2026-07`, `2026-07-01..2026-09-30`. */
  readonly name: string;
}

const quarter = /^(2\d{3})-[Qq]([1-4])$/;
const month = /^(2\d{3})-(0[1-9]|1[0-2])$/;
const days = /^2\d{3}-\d{2}-\d{2}\.\.2\d{3}-\d{2}-\d{2}$/;

/**
 * Reads a quarter (`2026-Q3`), a month (`2026-07`) or days (`2026-07-01..2026-09-30`), of the years 2000 to 2999. Of days, the last one
 * is part of the period: the three months of the example are the quarter.
 * @returns undefined when the text is none of these, or its days are none of the calendar or in the wrong order.
 */
export function parsePeriod(text: string): Period | undefined {
  return ofMonths(quarter, 3, text) ?? ofMonths(month, 1, text) ?? ofDays(text);
}

function ofMonths(form: RegExp, months: number, text: string): Period | undefined {
  const found = form.exec(text);
  if (found === null) return undefined;
  const [year, first] = [Number(found[1]), (Number(found[2]) - 1) * months];
  return { from: Date.UTC(year, first), to: Date.UTC(year, first + months), name: text.toUpperCase() };
}

function ofDays(text: string): Period | undefined {
  if (!days.test(text)) return undefined;
  const [from, last] = [dayStart(text.slice(0, 10)), dayStart(text.slice(12))];
  if (from === undefined || last === undefined || last < from) return undefined;
  return { from, to: last + day, name: text };
}

/** When a day begins; undefined when the calendar has no such day: Date.UTC reads 2026-02-30 as one of the next month. */
function dayStart(text: string): number | undefined {
  const at = Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8)));
  return new Date(at).toISOString().startsWith(text) ? at : undefined;
}

/** The quarters or months of the year before a quarter or month, the oldest first; none before a period of days. */
export function yearBefore({ from, name }: Period): readonly Period[] {
  const months = quarter.test(name) ? 3 : 1;
  if (days.test(name)) return [];
  const start = new Date(from);
  const back = (count: number): Date =>
    new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() - count * months));
  const names = Array.from({ length: 12 / months }, (_, at) => nameOf(back(12 / months - at), months));
  return names.flatMap((one) => parsePeriod(one) ?? []);
}

function nameOf(start: Date, months: number): string {
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()];
  return months === 3 ? `${year}-Q${month / 3 + 1}` : `${year}-${String(month + 1).padStart(2, '0')}`;
}
