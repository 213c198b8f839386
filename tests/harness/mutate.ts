// Taking a guard out, to see what stands without it: a piece of a built program is replaced, in a private copy of the build or
// in a sandbox's own installation.
//
// 1. A piece that is not there exactly once is an error: a mutant that changed nothing, or something else, would prove that a
//    guard is not needed.
// 2. The build itself is never touched.
// 3. A bundler numbers names that meet (`read`, `read2`): numbers at the end of names do not count, and those in what takes the
//    place of a piece follow what was found.
import { cpSync, linkSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { writeExact } from '../../scripts/sandbox/files.ts';

export interface Mutation {
  /** The program's file below usr/lib/tmux-gate: `gate`, `relay.js`, `keeper`, … */
  readonly file: string;
  readonly piece: string;
  readonly becomes: string;
}

/** Rules 1 and 3. @throws Error unless the piece is there once. */
export function replaceOnce(text: string, { file, piece, becomes }: Mutation): string {
  const found = [...text.matchAll(anyNumbers(piece))];
  const [match] = found;
  if (found.length !== 1 || match === undefined)
    throw new Error(`${file} holds ${String(found.length)} times, not once: ${piece}`);
  const names = new Map(namesOf(piece).map((name, n) => [name, match[0].match(word)?.[n] ?? name]));
  const put = becomes.replace(word, (name) => names.get(name) ?? name);
  return text.slice(0, match.index) + put + text.slice(match.index + match[0].length);
}

const word = /[A-Za-z_$][\w$]*/g;
const namesOf = (piece: string): readonly string[] => piece.match(word) ?? [];

/** Rule 3. */
function anyNumbers(piece: string): RegExp {
  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const pattern = piece.replace(/[A-Za-z_$][\w$]*|[^A-Za-z_$]+/g, (part, at: number) => {
    if (!/^[A-Za-z_$]/.test(part)) return escape(part);
    // A digit before it belongs to no name: `0-9A-Z` in an expression.
    const start = /\d$/.test(piece.slice(0, at)) ? '' : '(?<![\\w$])';
    return `${start}${escape(part.replace(/\d+$/, ''))}\\d*(?![\\w$])`;
  });
  return new RegExp(pattern, 'g');
}

export interface Mutant extends Disposable {
  /** For `openHost({ dist })`. */
  readonly dist: string;
}

const programs = 'usr/lib/tmux-gate';

/**
 * A private copy of a build with all of these replaced; it is removed when it is disposed of. For trying whole test files
 * against a build without one guard: TMUX_GATE_DIST names it (tests/harness/inside.ts).
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

/** Replaces pieces of a sandbox's installed programs, for whoever starts from now on; disposing puts them back. */
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

/** @returns what puts it back. The file is a new one each time: who has the old one open keeps it. */
function mutateFile(path: string, mutation: Mutation): () => void {
  const text = readFileSync(path, 'utf8');
  const mutated = replaceOnce(text, mutation);
  const write = (content: string): void => {
    rmSync(path);
    writeExact(path, content, mutation.file.includes('.') ? 0o644 : 0o755);
  };
  write(mutated);
  return () => write(text);
}
