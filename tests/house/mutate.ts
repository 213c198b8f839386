// Taking a guard out, to see what stands without it: a piece of a built program is replaced, in a private copy of the build or
// in a sandbox's own installation.
//
// 1. A piece that is not there exactly once is an error: a mutant that changed nothing, or something else, would prove that a
//    guard is not needed.
// 2. The build itself is never touched.
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

/** Rule 1. @throws Error unless the piece is there once. */
function replaceOnce(text: string, { file, piece, becomes }: Mutation): string {
  const parts = text.split(piece);
  if (parts.length !== 2) throw new Error(`${file} holds ${String(parts.length - 1)} times, not once: ${piece}`);
  return parts.join(becomes);
}

export interface Mutant extends Disposable {
  /** For `openHost({ dist })`. */
  readonly dist: string;
}

const programs = 'usr/lib/tmux-gate';

/**
 * A private copy of a build with all of these replaced; it is removed when it is disposed of. For trying whole test files
 * against a build without one guard: TMUX_GATE_DIST names it (tests/house/inside.ts).
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
