// Problems of a configuration, for the admin who has to repair it.
//
// 1. All problems are reported at once, each with its path and line.
// 2. No sentence repeats a value that may hold a secret (a URL, a file name), since problems are logged (law 11).
// 3. Whatever is repeated passes `sanitizeLine` (law 9).
import { sanitizeLine } from '../core/text.ts';

/** A place in the document: keys and, in lists, positions (from 0). */
export type Path = readonly (string | number)[];

/** A problem, before its path is written as text. */
export interface Finding {
  readonly path: Path;
  readonly problem: string;
  /** The line, from 1, where the path does not give it. */
  readonly line?: number;
}

/** A problem, as it is shown. */
export interface Problem {
  /** Such as `sessions.prod-db.window.max` or `notify[0].webhook`; empty for the file as a whole. */
  readonly path: string;
  /** One sentence: what is wrong and what would be right. */
  readonly problem: string;
  /** The line of the file, from 1, where it is known. */
  readonly line?: number;
}

/** A refused configuration, with all problems. Its message has a line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], source = 'configuration') {
    super([`${source} is refused:`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n'));
    this.problems = problems;
  }
}

/** A problem as one line: `line 12, sessions.prod-db.window.max: "2d" is more than the most allowed, 24h.` */
export function formatProblem({ path, problem, line: at }: Problem): string {
  const where = [...(at === undefined ? [] : [`line ${at}`]), ...(path === '' ? [] : [path])].join(', ');
  return where === '' ? problem : `${where}: ${problem}`;
}

/** A path as `Problem` has it. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('');
}

function formatStep(step: string | number, index: number): string {
  if (typeof step === 'number') return `[${step}]`;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(step)) return `[${quote(step)}]`;
  return index === 0 ? step : `.${step}`;
}

/** A text from the file in quotes, cut and filtered (rule 3). */
export function quote(text: string): string {
  return `"${sanitizeLine(text, 60)}"`;
}
