// The output of the demo: headings, what each person types and sees, a spinner while something starts. Colour only on a terminal, and not
// if NO_COLOR (no-color.org) is set.
import type { Outcome } from '../sandbox/exec.ts';

const out = process.stdout;
const colour = out.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

const clearLine = '\r\u001b[2K';
const frames = ['-', '\\', '|', '/'];
const tickMs = 120;

export function say(...lines: readonly string[]): void {
  out.write(`${lines.join('\n')}\n`);
}

export function heading(text: string): void {
  say(paint(1, `== ${text} ==`), '');
}

/** Prints a remark of the demo on what was just shown. */
export function remark(text: string): void {
  say(paint(2, `   # ${text}`), '');
}

/** Prints what somebody types, and what they see then: rows of a screen, or the output of a command. */
export function seen(who: string, command: string, lines: readonly string[]): void {
  say(`${paint(36, `${who}$`)} ${paint(1, command)}`, ...trimmed(lines).map((line) => `   ${line}`), '');
}

/** The lines of both streams of a finished command. */
export const linesOf = ({ stdout, stderr }: Pick<Outcome, 'stdout' | 'stderr'>): string[] =>
  `${stderr}${stdout}`.replace(/\n$/, '').split('\n');

/** The lines without blank ones at either end, and with at most one blank line in a row. */
export function trimmed(lines: readonly string[]): string[] {
  const text = lines.map((line) => line.trimEnd()).join('\n');
  return text
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
    .split('\n');
}

/** Shows a spinner, or without a terminal a line, while something runs. */
export async function during<T>(text: string, work: Promise<T>): Promise<T> {
  if (!out.isTTY) {
    say(`${text} ...`);
    return work;
  }
  let tick = 0;
  const draw = (): void => void out.write(`${clearLine}${frames[tick++ % frames.length] ?? ''} ${text}`);
  draw();
  const timer = setInterval(draw, tickMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    out.write(clearLine);
  }
}
