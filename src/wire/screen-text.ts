// How lines of text are formatted, for the gate and for the CLI. Whoever made a line has filtered it (core/text.ts).
import { formatDuration, formatElapsed } from '../core/time.ts';
import { waitDetails } from '../core/messages/gate.ts';
import { columnsOf, headOf, widthOf, wrapTo } from './width.ts';

/** What the terminal can show, and what the person wants. */
export interface Style {
  readonly colour: boolean;
  readonly utf8: boolean;
  /** No line is redrawn: a screen reader would read each aloud. */
  readonly plain?: boolean;
  /** The width of the terminal; undefined: no limit. */
  readonly columns?: number | undefined;
}

/** The text with an SGR code (ECMA-48 section 8.3.117), where the style has colour. */
export const paint = (style: Style, code: string, text: string): string =>
  style.colour ? `\u001b[${code}m${text}\u001b[0m` : text;

/** The two lines of a refusal: what happened with its code (docs/refusals.md), and what to do. */
export function refusalLines(style: Style, code: string, say: string, hint: string): readonly string[] {
  return [
    `${paint(style, '31', 'tmux-gate:')} ${say} ${paint(style, '2', `[${code}]`)}`,
    `${paint(style, '2', 'hint:')} ${hint}`,
  ];
}

const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const plainFrames = '|/-\\';

/** Columns that the text of a spinner keeps, whatever the details take. */
const leastText = 7;

/** The progress of a wait. */
export interface Wait {
  /** The number of the frame, from 0. */
  readonly tick: number;
  readonly waitedMs: number;
  /** Milliseconds until the wait ends by itself; undefined: it does not. */
  readonly leftMs: number | undefined;
}

/** One frame of the spinner: what is waited for, for how long so far, and how long it may still take. */
export function spinnerLine(style: Style, text: string, { tick, waitedMs, leftMs }: Wait): string {
  const set = style.utf8 ? frames : plainFrames;
  const left = leftMs === undefined ? undefined : formatDuration(leftMs);
  const frame = set.charAt(tick % set.length);
  // A frame that wraps could not be redrawn in place, so the longest detail that fits is shown.
  const room = Math.max(8, (style.columns ?? 200) - 3);
  const details = waitDetails({ waited: formatElapsed(waitedMs), left }, 'q');
  // The text is cut before the details, since lines above it say already what is waited for.
  const detail = details.find((one) => Math.min(widthOf(text), leastText) + widthOf(one) <= room) ?? '';
  return `${paint(style, '36', frame)} ${headOf(text, room - widthOf(detail)).trimEnd()}${paint(style, '2', detail)}`;
}

/** A label with the spaces around it, such as `  Reason    `, or the indent alone. */
const labelled = /^ *\S+ {2,}|^ */;
const paints = /\u001b\[[0-9;]*m/g;
const seenWidth = (text: string): number => widthOf(text.replace(paints, ''));

/**
 * Folds lines at spaces to the width of a terminal; continuation lines begin below the text, not the label. A word that is wider than
 * the terminal stays whole, since a link must be one piece to be copied. Text of wide characters has no spaces and is broken anywhere.
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

/** The word, or its pieces if it is too wide and has wide characters. A link is never broken. */
function brokenTo(word: string, room: number): readonly string[] {
  const breaks = seenWidth(word) > room && !word.includes('://') && Array.from(word).some((one) => columnsOf(one) > 1);
  return breaks ? wrapTo(word, room) : [word];
}
