// A record of the journal as an auditor reads it: one line, its number, its time in UTC, its event, and what it says.
//
// 1. Nothing in it is believed to be our own record: whoever edited the file chose names, types, depth and length. Attack: a field that
//    repaints the auditor's terminal, or one so long or deep that the others are never seen.
// 2. A value cannot look like the next field: where it holds a blank it stands in quotes, and quotes in it are escaped.
import type { JournalRecord } from '../adapters/journal-read.ts';
import { sanitizeLine } from '../core/text.ts';
import { formatInstant, second, spellDuration } from '../core/time.ts';

const longestValue = 200;
const longestName = 40;
const mostFields = 40;
const mostItems = 20;
const deepest = 3;

/** Said already, or proof for programs alone: `--json` has all of it. */
const leftOut: ReadonlySet<string> = new Set([
  ...['n', 'at', 'event', 'prev', 'host', 'seal', 'head', 'digest', 'proof', 'proofs'],
]);

/** Who and what first, wherever a record has them; all else as it comes. */
const first = ['login', 'who', 'by', 'session', 'request', 'grant', 'connection', 'verdict', 'code', 'why', 'reason'];

/** Fields that are instants, where they are numbers. */
const instant = /^(?:start|ends?|until|since|at|answerBy|[a-z]+At)$/;
const earliest = 1e12; // in 2001: a smaller number is a count, whatever it is called
const latest = 1e13;

/** The record as one line of harmless text, bounded however long the record is. */
export function readable(record: JournalRecord): string {
  const { n, event } = record;
  const number = typeof n === 'number' ? String(n) : '?';
  const fields = fieldsOf(record).map(([name, value]) => `${quoted(sanitizeLine(name, longestName))} ${quoted(value)}`);
  const shown = fields.length > mostFields ? [...fields.slice(0, mostFields), '…'] : fields;
  const what = typeof event === 'string' ? quoted(sanitizeLine(event, longestName)) : '?';
  return [number.padStart(6), timeOf(record), what.padEnd(16), ...shown].join('  ').trimEnd();
}

/** When it was written, in milliseconds; undefined where it does not say so. */
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

/** `claimed: { address }` is `claimed.address`; a person is one word, and so is all that lies deeper. */
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

/** A person by login and claim, or by what there is of the two; a process by name and id. */
function named({ login, claim, comm, pid }: Facts): string | undefined {
  if (typeof comm === 'string' && typeof pid === 'number') return `${comm} [${pid}]`;
  if (typeof claim !== 'string') return undefined;
  return typeof login === 'string' ? `${login} (${claim})` : claim;
}

/** Rule 2. */
function quoted(text: string): string {
  return text !== '' && !/[\s"\\]/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
