// Prints the results of the probe: one line for a refused attempt; for any other also what it means and what to do.
import { typedPlainness } from '../typed-plainness.ts';
import type { Where } from '../../adapters/ssh/line.ts';
import { columnHeads, fixLine, headFacts, summary, triedAndSeen } from '../../core/messages/probe-report.ts';
import { sanitizeLine } from '../../core/text.ts';
import { fold, type Style } from '../../wire/screen-text.ts';
import type { Result, Verdict } from './attempt.ts';
import type { Seen } from './run.ts';

const verdictWidth = 9;
const idWidth = 16;
const standardColumns = 80;
const colours: Readonly<Record<Verdict, string>> = { refused: '32', OPEN: '1;31', unknown: '33' };

/** How to print on a stream. */
export function styleOf(stream: NodeJS.WriteStream): Style {
  const colour = stream.isTTY && typedPlainness().colour;
  return { colour, utf8: true, columns: stream.isTTY ? stream.columns : standardColumns };
}

/** What is probed, and the headings of the table. */
export function headLines(style: Style, { host, port, login }: Where, { server, hostKey }: Seen): readonly string[] {
  const facts = headFacts({ host: sanitizeLine(host, 80), port, server, hostKey, login: sanitizeLine(login, 64) });
  const columns = `${columnHeads.verdict.padEnd(verdictWidth)}${columnHeads.id.padEnd(idWidth)}${columnHeads.answer}`;
  return [...fold(facts, style.columns), '', columns];
}

/** The lines of one result. */
export function rowLines(style: Style, { attempt, verdict, saw }: Result): readonly string[] {
  const { id, tried, means } = attempt;
  const said = [triedAndSeen(tried, saw), ...(verdict === 'refused' ? [] : [means])];
  const room = (style.columns ?? standardColumns) - verdictWidth - idWidth;
  const rows = fold(said, Math.max(room, 24));
  const head = `${painted(style, verdict)}${id.padEnd(idWidth)}`;
  const indent = ' '.repeat(verdictWidth + idWidth);
  return rows.map((row, n) => `${n === 0 ? head : indent}${row}`);
}

function painted({ colour }: Style, verdict: Verdict): string {
  const padded = verdict.padEnd(verdictWidth);
  return colour ? `\u001b[${colours[verdict]}m${padded}\u001b[0m` : padded;
}

/** The sum of all results, and what to do. */
export function sumLines(style: Style, results: readonly Result[]): readonly string[] {
  const count = (verdict: Verdict): number => results.filter((one) => one.verdict === verdict).length;
  const counts = { all: results.length, refused: count('refused'), open: count('OPEN'), unknown: count('unknown') };
  return ['', ...fold([summary(counts), ...remedyLines(results)], style.columns)];
}

/** Each remedy once, with the attempts that need it. */
function remedyLines(results: readonly Result[]): readonly string[] {
  const ids = new Map<string, string[]>();
  for (const { verdict, attempt } of results)
    if (verdict !== 'refused') ids.set(attempt.remedy, [...(ids.get(attempt.remedy) ?? []), attempt.id]);
  return [...ids].map(([remedy, of]) => fixLine(remedy, of));
}
