// The screen of `status`: what is wrong and what to do about it, then what works, on one screen of 80 by 24.
//
// 1. Each part has a line, whatever happens. Where all that is to be done does not fit, it is told of the first, which are the most urgent
//    (core/health/parts.ts). Accident: twelve faults at once scroll the worst one away.
import { countLines, fixLine, levelWords } from '../core/messages/health.ts';
import type { Part } from '../core/health/parts.ts';
import { fold } from './screen-text.ts';
import { cutTo, padTo } from './width.ts';

const columns = 80;
/** One line is left for the prompt. */
const mostLines = 23;
const nameWidth = 11;
const indent = ' '.repeat(nameWidth + 7);

/** @param parts in their order */
export function statusScreen(parts: readonly Part[], counts: Parameters<typeof countLines>[0]): readonly string[] {
  const last = countLines(counts).map(([name, text]) => `${padTo(name, nameWidth)} ${text}`);
  let room = mostLines - last.length - parts.length;
  const lines = parts.flatMap((part) => {
    const whole = part.level === 'ok' ? [] : linesOf(part);
    if (whole.length === 0 || whole.length - 1 > room) return [cutTo(lineOf(part), columns)];
    room -= whole.length - 1;
    return whole;
  });
  return [...lines, ...last];
}

const lineOf = ({ name, level, detail, why = detail }: Part): string =>
  `${padTo(name, nameWidth)} ${padTo(levelWords[level], 4)}  ${why}`;

function linesOf(part: Part): readonly string[] {
  const { fix } = part;
  return fold([lineOf(part), ...(fix === undefined ? [] : [`${indent}${fixLine(fix)}`])], columns);
}
