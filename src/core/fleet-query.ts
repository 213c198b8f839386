// A question of one host to all hosts of the fleet for what they list, and their answers.
//
// 1. Who reads is what the host says where they signed in, as with reviews. Each host answers with what that person may see by its own policy.
// 2. The question is a command of ours, read by the same grammar as one that was typed; only listings are answered (keeper/fleet/answer-query.ts).
// 3. An answer has a limit, so that a question cannot fill the store (law 12).
import { idShape, instantShape, nameShape, personShape, type Person } from './request.ts';
import { boolean, integer, list, object, optional, text, type Shape } from './shape.ts';

/** What is asked, and what the asking host signs. */
export interface FleetQuery {
  readonly id: string;
  readonly host: string;
  /** As the grammar prints it. */
  readonly command: string;
  /** Undefined: root on the asking host. */
  readonly reader?: Person;
  readonly groups: readonly string[];
  /** Of the terminal that shows it; undefined for none. */
  readonly columns?: number;
  /** Until when an answer is waited for: instant, milliseconds. */
  readonly until: number;
}

/** What one host says. */
export interface FleetAnswer {
  readonly query: string;
  readonly host: string;
  readonly lines: readonly string[];
  /** Some were left out. */
  readonly cut?: boolean;
  /** The sentence of a refusal, in their place. */
  readonly refused?: string;
}

export const fleetQueryShape: Shape<FleetQuery> = object({
  id: idShape,
  host: nameShape,
  command: text(1024),
  reader: optional(personShape),
  groups: list(text(255), 500),
  columns: optional(integer(1, 10_000)),
  until: instantShape,
});

/** Bytes of the lines of one answer: with signature and base64 they fit into a value of the store (adapters/redis/lua.ts, `valueLimit`). */
export const answerBytes = 44 * 1024;

/** Lines of one answer. */
export const answerLines = 1_500;

export const fleetAnswerShape: Shape<FleetAnswer> = object({
  query: idShape,
  host: nameShape,
  lines: list(text(answerBytes), answerLines),
  cut: optional(boolean),
  refused: optional(text(300)),
});

/** The lines that fit (rule 3). JSON is one line, a list, of which the last rows are kept: the newest. */
export function fitting(lines: readonly string[], isJson: boolean): Pick<FleetAnswer, 'lines' | 'cut'> {
  if (bytesOf(lines) <= answerBytes && lines.length <= answerLines) return { lines };
  if (!isJson) return { lines: firstThatFit(lines.slice(0, answerLines)), cut: true };
  const rows = JSON.parse(lines.join('')) as readonly unknown[];
  return { lines: [`[${lastThatFit(rows.map((row) => JSON.stringify(row))).join(',')}]`], cut: true };
}

/** As JSON writes it, where each line has two quotes and a comma, and a quote in it a backslash. */
const bytesOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + sizeOf(line), 2);
const sizeOf = (line: string): number => new TextEncoder().encode(JSON.stringify(line)).length + 1;

function firstThatFit(lines: readonly string[]): readonly string[] {
  let room = answerBytes - 2;
  return lines.filter((line) => (room -= sizeOf(line)) >= 0); // once it is used up, it stays so
}

function lastThatFit(rows: readonly string[]): readonly string[] {
  return [...firstThatFit([...rows].reverse())].reverse();
}
