// What `find` looks for: a text or a regular expression, and which documents can hold it.
//
// 1. The time is linear in the length of what is searched: expressions are RE2's, which does not backtrack. Attack: a session prints a line
//    on which the auditor's harmless expression takes hours.
// 2. A document is left out only where it cannot hold a match. What the index cannot decide is read.
import { RE2JS } from 're2js';

/** What is looked for. */
export interface Pattern {
  /** Whether an unpacked document may hold a match; in bytes, since most hold none and need not become a string. */
  mayHold(document: Buffer): boolean;
  /** The first match in a text, as the indices of its beginning and its end. */
  match(text: string): readonly [number, number] | undefined;
  /** A text that every match holds; undefined: none is known. */
  readonly needle: string | undefined;
  /** The query for the index of three characters; undefined: every document has to be read (rule 2). */
  readonly narrowed: string | undefined;
}

/** What was typed cannot be looked for; the message says why. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault';
  /** Whether nothing was typed. */
  readonly isEmpty: boolean;

  constructor(message: string, isEmpty = false) {
    super(message);
    this.isEmpty = isEmpty;
  }
}

const expression = /^\/(.+)\/$/su;

/** Reads what was typed: `/.../` is an expression, everything else a text as it is. @throws PatternFault */
export function parsePattern(typed: string, ignoreCase: boolean): Pattern {
  const [, source] = expression.exec(typed) ?? [];
  return source === undefined ? literal(typed.normalize('NFC'), ignoreCase) : regular(source, ignoreCase);
}

function literal(text: string, ignoreCase: boolean): Pattern {
  if (text.trim() === '') throw new PatternFault('nothing to look for', true);
  const narrowed = queryOf({ all: [text] }, ignoreCase);
  if (!ignoreCase) {
    const match = (row: string): readonly [number, number] | undefined => {
      const at = row.indexOf(text);
      return at < 0 ? undefined : [at, at + text.length];
    };
    const bytes = Buffer.from(text);
    return { mayHold: (document) => document.includes(bytes), match, needle: text, narrowed };
  }
  // Without the flag u, an ASCII letter fits ASCII letters alone, as in the index.
  const folded = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
  const match = (row: string): readonly [number, number] | undefined => {
    const found = folded.exec(row);
    return found === null ? undefined : [found.index, found.index + found[0].length];
  };
  return { mayHold: (document) => folded.test(document.toString()), match, needle: undefined, narrowed };
}

function regular(source: string, ignoreCase: boolean): Pattern {
  const compiled = compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  // What an expression needs is known of one that heeds case; the index does not.
  const needed = needs(compile(source, 0).re2().prefilter as Prefilter | null);
  const match = (row: string): readonly [number, number] | undefined => {
    const matcher = compiled.matcher(row);
    return matcher.find() ? [matcher.start(), matcher.end()] : undefined;
  };
  return {
    mayHold: (document) => ignoreCase || needed === undefined || holds(needed, document),
    match,
    needle: ignoreCase || needed === undefined ? undefined : longestOf(needed),
    narrowed: needed && queryOf(needed, ignoreCase),
  };
}

function compile(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    throw new PatternFault(error instanceof Error ? error.message.replace('error parsing regexp: ', '') : 'unknown');
  }
}

/** Texts that a match must hold: all of them, or at least one. */
type Needed = { readonly all: readonly (string | Needed)[] } | { readonly any: readonly (string | Needed)[] };

/** What RE2JS found out itself, to spare itself work (Prefilter.js of re2js). */
interface Prefilter {
  readonly type: number;
  readonly str: string;
  readonly subs: readonly Prefilter[];
}

function needs(filter: Prefilter | null): Needed | undefined {
  const part = filter === null ? undefined : partOf(filter);
  return typeof part === 'string' ? { all: [part] } : part;
}

function partOf({ type, str, subs }: Prefilter): string | Needed | undefined {
  if (type === 1) return str;
  const parts = subs.map(partOf);
  if (type === 2) return { all: parts.filter((part) => part !== undefined) };
  return type === 3 && parts.every((part) => part !== undefined) ? { any: parts } : undefined;
}

/** The longest text that every match holds. */
function longestOf(needed: Needed): string | undefined {
  if ('any' in needed) return undefined;
  const each = needed.all.map((one) => (typeof one === 'string' ? one : longestOf(one)) ?? '');
  return each.reduce((longest, one) => (one.length > longest.length ? one : longest), '') || undefined;
}

function holds(needed: string | Needed, document: Buffer): boolean {
  if (typeof needed === 'string') return document.includes(needed);
  const each = (one: string | Needed): boolean => holds(one, document);
  return 'all' in needed ? needed.all.every(each) : needed.any.some(each);
}

/** Of a long text the index is asked for so many of its threes. */
const mostThrees = 24;

/** The query of FTS5 for documents that may hold what is needed (sqlite.org/fts5.html section 3); undefined: any may. */
function queryOf(needed: string | Needed, ignoreCase: boolean): string | undefined {
  if (typeof needed === 'string') return allOf(threesOf(needed, ignoreCase).map(quoted));
  if ('all' in needed) return allOf(needed.all.flatMap((one) => queryOf(one, ignoreCase) ?? []));
  const each = needed.any.map((one) => queryOf(one, ignoreCase));
  return each.every((one) => one !== undefined) ? `(${each.join(' OR ')})` : undefined;
}

const allOf = (queries: readonly string[]): string | undefined =>
  queries.length > 1 ? `(${queries.join(' AND ')})` : queries[0];
const quoted = (three: string): string => `"${three.replaceAll('"', '""')}"`;

/** Each three characters of a text. How other letters than ASCII's fold is not for sure the same in the index and here (rule 2). */
function threesOf(text: string, ignoreCase: boolean): readonly string[] {
  const characters = Array.from(text);
  const threes = characters.slice(2).map((last, at) => `${characters[at] ?? ''}${characters[at + 1] ?? ''}${last}`);
  const sure = new Set(ignoreCase ? threes.filter((three) => /^[ -~]+$/.test(three)) : threes);
  const step = Math.max(1, sure.size / mostThrees);
  const all = Array.from(sure);
  return Array.from({ length: Math.min(all.length, mostThrees) }, (_, at) => all[Math.floor(at * step)] ?? '');
}
