// Takes a guard out: replaces a piece of a built program, in a private copy of the build or in a sandbox's installation.
//
// 1. A piece that is not there exactly once is an error. Accident: a mutant that changed nothing, or something else, "proves" that a guard
//    is not needed.
// 2. The build itself is never changed.
// 3. A bundler numbers equal names (`read`, `read2`), so numbers at the end of names are ignored in a piece; in the replacement the names
//    get the numbers that were found. A property (`.digest`) has no number, and is another name than a variable (`digest2`).
import { cpSync, linkSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { writeExact } from '../../scripts/sandbox/files.ts';

export interface Mutation {
  /** The file below usr/lib/tmux-gate: `gate`, `relay.js`, `keeper`, … */
  readonly file: string;
  readonly piece: string;
  readonly becomes: string;
}

/** Replaces a piece (rules 1 and 3). @throws Error unless it is there exactly once */
export function replaceOnce(text: string, { file, piece, becomes }: Mutation): string {
  const found = [...text.matchAll(anyNumbers(piece))];
  const [match] = found;
  if (found.length !== 1 || match === undefined)
    throw new Error(`${file} holds ${String(found.length)} times, not once: ${piece}`);
  const names = new Map(namesOf(piece).map((name, n) => [name, match[0].match(word)?.[n] ?? name]));
  const put = becomes.replace(word, (name) => names.get(name) ?? name);
  return text.slice(0, match.index) + put + text.slice(match.index + match[0].length);
}

const word = /(?:(?<!\.)\.)?[A-Za-z_$][\w$]*/g;
const namesOf = (piece: string): readonly string[] => piece.match(word) ?? [];

/** A pattern for the piece that ignores numbers at the end of names (rule 3). */
function anyNumbers(piece: string): RegExp {
  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const pattern = piece.replace(/[A-Za-z_$][\w$]*|[^A-Za-z_$]+/g, (part, at: number) => {
    if (!/^[A-Za-z_$]/.test(part)) return escape(part);
    // After a digit it is not the beginning of a name: `0-9A-Z` in an expression.
    const start = /\d$/.test(piece.slice(0, at)) ? '' : '(?<![\\w$])';
    return `${start}${escape(part.replace(/\d+$/, ''))}\\d*(?![\\w$])`;
  });
  return new RegExp(pattern, 'g');
}

/** A changed copy of a build; disposing removes it. */
export interface Mutant extends Disposable {
  /** For `openHost({ dist })`. */
  readonly dist: string;
}

const programs = 'usr/lib/tmux-gate';

/**
 * Makes a private copy of a build with all of these pieces replaced. To run whole test files against it, name it in TMUX_GATE_DIST
 * (tests/harness/inside.ts).
 * @public
 */
export function mutantOf(dist: string, mutations: readonly Mutation[]): Mutant {
  const copy = mkdtempSync(join(tmpdir(), 'tmux-gate-mutant-'));
  const remove = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    cpSync(join(dist, 'usr'), join(copy, 'usr'), {
      recursive: true,
      filter: (path) => !path.endsWith(`${programs}/node`),
    });
    linkSync(join(dist, programs, 'node'), join(copy, programs, 'node'));
    for (const mutation of mutations) mutateFile(join(copy, programs, mutation.file), mutation);
  } catch (error) {
    remove();
    throw error;
  }
  return { dist: copy, [Symbol.dispose]: remove };
}

/** Replaces pieces of a sandbox's installed programs, for processes that start from now on; disposing undoes it. */
export function mutateInstalled(layout: Layout, mutations: readonly Mutation[]): Disposable {
  const undo: (() => void)[] = [];
  const putBack = (): void =>
    undo
      .splice(0)
      .reverse()
      .forEach((step) => step());
  try {
    for (const mutation of mutations) undo.push(mutateFile(join(layout.lib, mutation.file), mutation));
  } catch (error) {
    putBack();
    throw error;
  }
  return { [Symbol.dispose]: putBack };
}

/** Replaces a piece. The file is written as a new one, so that processes keep the old one open. @returns a function that undoes it */
export function mutateFile(path: string, mutation: Mutation): () => void {
  const text = readFileSync(path, 'utf8');
  const mutated = replaceOnce(text, mutation);
  const write = (content: string): void => {
    rmSync(path);
    writeExact(path, content, mutation.file.includes('.') ? 0o644 : 0o755);
  };
  write(mutated);
  return () => write(text);
}
