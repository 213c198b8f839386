// How our lines look, for the gate and for the CLI. Colour only where a terminal shows it; every line already filtered by
// whoever made it (core/text.ts).
import { formatDuration, formatElapsed } from '../core/time.ts';
import { columnsOf, headOf, widthOf, wrapTo } from './width.ts';

export interface Style {
  readonly colour: boolean;
  readonly utf8: boolean;
  /** No line is drawn over: a screen reader would read each. */
  readonly plain?: boolean;
  /** Of the terminal; undefined where lines may be as long as they like. */
  readonly columns?: number | undefined;
}

export const paint = (style: Style, code: string, text: string): string =>
  style.colour ? `\u001b[${code}m${text}\u001b[0m` : text;

/** A refusal: what happened, what to do, and the code that docs/refusals.md explains. */
export function refusalLines(style: Style, code: string, say: string, hint: string): readonly string[] {
  return [
    `${paint(style, '31', 'tmux-gate:')} ${say} ${paint(style, '2', `[${code}]`)}`,
    `${paint(style, '2', 'hint:')} ${hint}`,
  ];
}

const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const plainFrames = '|/-\\';

const leastText = 7;

export interface Wait {
  /** Which frame. */
  readonly tick: number;
  readonly waitedMs: number;
  /** Undefined: without an end. */
  readonly leftMs: number | undefined;
}

/** One frame of the spinner: what is waited for, for how long, and what is left of the time for it. */
export function spinnerLine(style: Style, text: string, { tick, waitedMs, leftMs }: Wait): string {
  const set = style.utf8 ? frames : plainFrames;
  const left = leftMs === undefined ? '' : `, ${formatDuration(leftMs)} left`;
  const frame = set.charAt(tick % set.length);
  // A frame that wraps could not be drawn over: the longest detail that fits is shown.
  const room = Math.max(8, (style.columns ?? 200) - 3);
  const waited = formatElapsed(waitedMs);
  const details = [` (${waited}${left}; q cancels)`, ` (${waited}; q cancels)`, ` (${waited})`];
  // What is waited for is cut before how long, and how to stop it: that stands above already.
  const detail = details.find((one) => Math.min(widthOf(text), leastText) + widthOf(one) <= room) ?? '';
  return `${paint(style, '36', frame)} ${headOf(text, room - widthOf(detail)).trimEnd()}${paint(style, '2', detail)}`;
}

/** `  Reason    `, or the indent alone. */
const labelled = /^ *\S+ {2,}|^ */;
const paints = /\u001b\[[0-9;]*m/g;
const seenWidth = (text: string): number => widthOf(text.replace(paints, ''));

/**
 * Folds lines at spaces to the width of a terminal, continuation lines under where the text began. A word that is wider than a
 * line stays whole, since a link must be one piece to be copied; but text of wide characters has no spaces, and is broken anywhere.
 */
export function fold(lines: readonly string[], columns: number | undefined): readonly string[] {
  return columns === undefined
    ? lines
    : lines.flatMap((text) => (seenWidth(text) <= columns ? [text] : foldLine(text, columns)));
}

function foldLine(text: string, columns: number): string[] {
  const rest = text.replace(labelled, '');
  const label = text.slice(0, text.length - rest.length);
  const indent = ' '.repeat(Math.min(seenWidth(label), Math.floor(columns / 2)));
  const folded: string[] = [];
  let current = label;
  let empty = true;
  for (const word of rest.split(' ').flatMap((one) => brokenTo(one, columns - indent.length))) {
    const longer = empty ? current + word : `${current} ${word}`;
    if (empty || seenWidth(longer) <= columns) current = longer;
    else {
      folded.push(current);
      current = indent + word;
    }
    empty = false;
  }
  return [...folded, current];
}

/** A word, or the pieces of one that is too wide and has wide characters; a link stays one piece whatever it is made of. */
function brokenTo(word: string, room: number): readonly string[] {
  const breaks = seenWidth(word) > room && !word.includes('://') && Array.from(word).some((one) => columnsOf(one) > 1);
  return breaks ? wrapTo(word, room) : [word];
}
