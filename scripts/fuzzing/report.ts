// Prints what was fed and found.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure, Outcome } from './run.ts';

const headings = ['target', 'executions', 'per second', 'worst ms', 'max RSS MB', 'findings'];
const megabyte = 1024 * 1024;

/** A table with a row for each target. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ target, executions, perSecond, worstMs, memory, failure }) => [
    target,
    String(executions),
    perSecond.toFixed(perSecond < 10 ? 1 : 0),
    worstMs.toFixed(worstMs < 10 ? 1 : 0),
    String(Math.round(memory / megabyte)),
    failure === undefined ? '0' : '1',
  ]);
  const widths = headings.map((heading, n) => Math.max(heading.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const format = (row: readonly string[]): string =>
    row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  ');
  return [headings, ...rows].map(format).join('\n');
}

/** Writes a failing input to a file. @returns its path */
export function keep(folder: string, target: string, seed: number, failure: Failure): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${target}-${seed}.json`);
  writeFileSync(path, `${JSON.stringify({ target, seed, ...failure }, undefined, 2)}\n`);
  return path;
}

const shownLength = 400;

/** The text about a finding, with the command that repeats it. */
export function describe(target: string, seed: number, { problem, input, path }: Failure, file: string): string {
  const shown = input.length > shownLength ? `${input.slice(0, shownLength)}… (${input.length} characters)` : input;
  const again = `npm run fuzz -- --target ${target} --seed ${seed}${path === undefined ? '' : ` --path ${path}`}`;
  return [`${target}: ${problem}`, `  smallest input: ${shown}`, `  kept in: ${file}`, `  again: ${again}`].join('\n');
}
