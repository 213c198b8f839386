// What is wrong with a configuration, told to the admin who has to repair it.
//
// 1. Every problem is told at once, with its path and line. 2. No sentence repeats a value that may hold a secret
// (a URL, a file name): problems are logged (law 11). 3. What is repeated passes `line` (law 9).
import { sanitizeLine } from '../core/text.ts';

/** Where in the document: keys and, in lists, positions. */
export type Path = readonly (string | number)[];

/** A problem before it is rendered. */
export interface Finding {
  readonly path: Path;
  readonly problem: string;
  /** 1-based; where the path alone does not tell it. */
  readonly line?: number;
}

export interface Problem {
  /** As in `sessions.prod-db.window.max` or `notify[0].webhook`; empty for the file as a whole. */
  readonly path: string;
  /** One plain sentence: what is wrong and what would be right. */
  readonly problem: string;
  /** 1-based line of the file, where it is known. */
  readonly line?: number;
}

/** A configuration that is refused, with everything that is wrong with it. Its message has one line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], source = 'configuration') {
    super([`${source} is refused:`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n'));
    this.problems = problems;
  }
}

/** One line: `line 12, sessions.prod-db.window.max: "2d" is more than the most allowed, 24h.` */
export function formatProblem({ path, problem, line: at }: Problem): string {
  const where = [...(at === undefined ? [] : [`line ${at}`]), ...(path === '' ? [] : [path])].join(', ');
  return where === '' ? problem : `${where}: ${problem}`;
}

export function formatPath(path: Path): string {
  return path.map(formatStep).join('');
}

function formatStep(step: string | number, index: number): string {
  if (typeof step === 'number') return `[${step}]`;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(step)) return `[${quote(step)}]`;
  return index === 0 ? step : `.${step}`;
}

/** A text from the file, in quotes, cut and harmless. */
export function quote(text: string): string {
  return `"${sanitizeLine(text, 60)}"`;
}
