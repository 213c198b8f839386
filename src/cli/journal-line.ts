// Prints a record of the journal for an auditor: one line with its number, its time in UTC, its event and its fields.
//
// 1. Names, types, depth and length of the fields may be anything, since somebody may have edited the file. Attack: a field repaints the
//    auditor's terminal, or is so long or deep that the others are not seen.
// 2. A value with a blank is quoted, and quotes in it are escaped. Attack: a value that looks like the next field.
import type { JournalRecord } from '../adapters/journal/read.ts';
import { sanitizeLine } from '../core/text.ts';
import { formatInstant, second, spellDuration } from '../core/time.ts';

const longestValue = 200;
const longestName = 40;
const mostFields = 40;
const mostItems = 20;
const deepest = 3;

/** Fields that are not printed: they are in the line already, or proofs for programs. `--json` has all. */
const leftOut: ReadonlySet<string> = new Set([
  ...['n', 'at', 'event', 'prev', 'host', 'seal', 'head', 'checkpoint', 'totals', 'digest', 'proof'],
  'proofs',
]);

/** Fields that are printed first, in this order; the others follow as they come. */
const first = ['login', 'who', 'by', 'session', 'request', 'grant', 'connection', 'verdict', 'code', 'why', 'reason'];

/** Names of fields that are instants if they are numbers in the range below. */
const instant = /^(?:start|ends?|until|since|at|answerBy|[a-z]+At)$/;
const earliest = 1e12; // in 2001: a smaller number is a count, whatever it is called
const latest = 1e13;

/** The record as one filtered line of limited length. */
export function readable(record: JournalRecord): string {
  const { n, event } = record;
  const number = typeof n === 'number' ? String(n) : '?';
  const fields = fieldsOf(record).map(([name, value]) => `${quoted(sanitizeLine(name, longestName))} ${quoted(value)}`);
  const shown = fields.length > mostFields ? [...fields.slice(0, mostFields), '…'] : fields;
  const what = typeof event === 'string' ? quoted(sanitizeLine(event, longestName)) : '?';
  return [number.padStart(6), timeOf(record), what.padEnd(16), ...shown].join('  ').trimEnd();
}

/** When the record was written: instant, ms; undefined when it has no valid time. */
export function instantOf({ at }: JournalRecord): number | undefined {
  const ms = typeof at === 'string' ? Date.parse(at) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function timeOf(record: JournalRecord): string {
  const at = instantOf(record);
  return at === undefined ? '?'.padEnd(19) : formatInstant(at).replace(/ UTC$/, '');
}

type Field = readonly [name: string, value: string];

function fieldsOf(record: JournalRecord): readonly Field[] {
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  return Object.entries(record)
    .filter(([name, value]) => !leftOut.has(name) && value !== null)
    .sort(([a], [b]) => rank(a) - rank(b))
    .slice(0, mostFields + 1)
    .flatMap(([name, value]) => partsOf(name, value))
    .map(([name, value]) => fieldOf(name, value));
}

/** Splits an object into fields: `claimed: { address }` is `claimed.address`. A person, and an object further down, stay one value. */
function partsOf(name: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (!isObject(value) || named(value) !== undefined) return [[name, value]];
  const inner = Object.entries(value).slice(0, mostItems);
  return inner.map(([part, item]) => [`${name}.${part}`, item]);
}

function fieldOf(name: string, value: unknown): Field {
  const own = name.slice(name.lastIndexOf('.') + 1);
  if (typeof value === 'number' && instant.test(own) && value >= earliest && value < latest)
    return [name, `${new Date(value).toISOString().slice(0, 19)}Z`];
  if (typeof value === 'number' && own.endsWith('Ms') && value >= second)
    return [name.slice(0, -'Ms'.length), spellDuration(value)];
  return [name, sanitizeLine(wordsOf(value, 0), longestValue)];
}

type Facts = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordsOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) return listOf(value, depth);
  const entries = Object.entries(value).slice(0, mostItems);
  return named(value as Facts) ?? entries.map(([name, item]) => `${name}=${wordsOf(item, depth + 1)}`).join(' ');
}

function listOf(list: readonly unknown[], depth: number): string {
  const shown = list.slice(0, mostItems).map((item) => wordsOf(item, depth + 1));
  const more = list.length > shown.length ? [`… ${list.length - shown.length} more`] : [];
  return list.length === 0 ? 'none' : [...shown, ...more].join(', ');
}

/** A person as `login (claim)` or the claim, a process as `name [pid]`; undefined for other objects. */
function named({ login, claim, comm, pid }: Facts): string | undefined {
  if (typeof comm === 'string' && typeof pid === 'number') return `${comm} [${pid}]`;
  if (typeof claim !== 'string') return undefined;
  return typeof login === 'string' ? `${login} (${claim})` : claim;
}

/** The text, in quotes if it is empty or has a blank, a quote or a backslash (rule 2). */
function quoted(text: string): string {
  return text !== '' && !/[\s"\\]/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
