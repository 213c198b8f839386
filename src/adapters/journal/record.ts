// Formats one record as one line (docs/design.md, "Journal and recordings").
//
// 1. Whatever the fields hold, the record is one line of ASCII with at most `recordLimit` characters. Attack: a reason or a process name
//    that breaks the line, repaints a terminal, or makes the line longer than readers accept.
// 2. No field can take the name of number, link, time, host, event or seal. Attack: a field called `event`.
// 3. The last field is a seal under a key of this host. It tells our record from one that somebody appended, before a signed head covers
//    it (anchor.ts).
import type { Link } from '../../core/chain.ts';
import { asciiJson, sanitizeLine } from '../../core/text.ts';

/** The longest line of a record, in characters. */
export const recordLimit = 16 * 1024;

/** What one record holds. */
export interface RecordFacts {
  readonly link: Link;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly host: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Makes a short code over a text with a key of this host: 22 characters of base64url. */
export type Seal = (text: string) => string;

const sealField = /^(.+),"seal":"([\w-]{22})"\}$/;
const sealRoom = ',"seal":""'.length + 22;

/** Whether a line bears a seal of this host (rule 3). */
export function isSealed(text: string, seal: Seal): boolean {
  const [, body, code] = sealField.exec(text) ?? [];
  return body !== undefined && seal(`${body}}`) === code;
}

/** Whether a line is the record of this number, counted from 1: every record begins with it. */
export function isRecordOf(n: number, text: string): boolean {
  return text.startsWith(`{"n":${n},`);
}

interface Room {
  readonly text: number;
  readonly items: number;
}

/** How much of each text and list is kept. When the record does not fit, the next, smaller limits are tried. */
const rooms: readonly Room[] = [
  { text: 4000, items: 500 },
  { text: 500, items: 100 },
  { text: 100, items: 30 },
  { text: 20, items: 8 },
];
const deepest = 6;

/** The line of a record, without its newline. Fields that do not fit even in the smallest limits are left out, and the record says so. */
export function recordLine({ link, at, host, event, fields }: RecordFacts, seal: Seal): string {
  const sealed = (text: string): string => `${text.slice(0, -1)},"seal":"${seal(text)}"}`;
  const head = { ...link, at: new Date(at).toISOString(), host, event: sanitizeLine(event, 64) };
  for (const room of rooms) {
    const text = asciiJson({ ...head, ...tidyFields(fields, head, room), ...asTheyAre(event, fields) });
    if (text.length <= recordLimit - sealRoom) return sealed(text);
  }
  return sealed(asciiJson({ ...head, shortened: 'fields left out: too long' }));
}

/** Texts that are kept character by character, because their digest stands beside them. JSON escapes what a terminal would obey. */
const verbatim: Readonly<Record<string, string>> = { policy: 'text' };

function asTheyAre(event: string, fields: RecordFacts['fields']): object {
  const name = Object.hasOwn(verbatim, event) ? verbatim[event] : undefined;
  return name !== undefined && typeof fields[name] === 'string' ? { [name]: fields[name] } : {};
}

function tidyFields(fields: RecordFacts['fields'], head: Readonly<Record<string, unknown>>, room: Room): object {
  const entries = Object.entries(tidy(fields, room, 0) as Record<string, unknown>);
  const kept = entries.filter(([name, value]) => head[name] !== value);
  return Object.fromEntries(
    kept.map(([name, value]) => [Object.hasOwn(head, name) || name === 'seal' ? `${name}_` : name, value]),
  );
}

function tidy(value: unknown, room: Room, depth: number): unknown {
  if (typeof value === 'string') return sanitizeLine(value, room.text);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return sanitizeLine(value.message, room.text);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) return tidyList(value, room, depth);
  const entries = Object.entries(value).slice(0, room.items);
  return Object.fromEntries(entries.map(([name, item]) => [sanitizeLine(name, 64), tidy(item, room, depth + 1)]));
}

function tidyList(list: readonly unknown[], room: Room, depth: number): unknown[] {
  const kept = list.slice(0, room.items).map((item) => tidy(item, room, depth + 1));
  return list.length > kept.length ? [...kept, `… ${list.length - kept.length} more`] : kept;
}
