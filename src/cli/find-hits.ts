// Prints the hits of `find`: by recording, each different text once, with the command that shows it; or, for programs, each hit as JSON.
import { foundIn, oftenMark, seeIt, typedMark, unknownPerson, unknownSession } from '../core/messages/find.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { formatInstant, spellDuration } from '../core/time.ts';
import type { FoundRecording, Hit } from '../recordings/search/find.ts';
import { paint, type Style } from '../wire/screen-text.ts';
import { cutTo, tailOf, widthOf } from '../wire/width.ts';
import { typedPlainness } from './typed-plainness.ts';

/** Takes hits by recording, within one by time. */
export interface HitPrinter {
  take(hit: Hit): void;
  /** Prints what is left. */
  end(): void;
  /** How many lines of texts there are so far. */
  lines(): number;
}

/** A printer on standard output. */
export function hitPrinter(json: boolean): HitPrinter {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (json) return jsonPrinter(print);
  const { isTTY, columns } = process.stdout;
  const colour = isTTY && typedPlainness().colour;
  return linePrinter({ colour, utf8: true, columns: isTTY ? columns : undefined }, print);
}

/** For programs: each hit. */
export function jsonPrinter(print: (line: string) => void): HitPrinter {
  let lines = 0;
  return {
    take: ({ recording: { id, login, session, began }, at, text, match, isTyped }) => {
      lines += 1;
      const when = new Date((began + at) * 1000).toISOString();
      print(
        asciiJson({
          recording: id,
          login,
          session,
          when,
          at,
          text,
          match,
          typed: isTyped,
          show: seeIt(id, fromOf(at)),
        }),
      );
    },
    end: () => undefined,
    lines: () => lines,
  };
}

/** A text and how often it was there. */
interface Shown {
  readonly hit: Hit;
  times: number;
  last: number;
}

/** For people. @param style its columns: where a line is cut; undefined: nowhere but at a sane length */
export function linePrinter(style: Style, print: (line: string) => void): HitPrinter {
  let shown = new Map<string, Shown>();
  let recording: FoundRecording | undefined;
  let lines = 0;
  const flush = (): void => {
    if (recording === undefined) return;
    print(paint(style, '1', headOf(recording)));
    for (const one of shown.values()) print(lineOf(style, one));
    const [first] = shown.values();
    if (first !== undefined) print(`  ${paint(style, '2', seeIt(recording.id, fromOf(first.hit.at)))}`);
    shown = new Map();
  };
  return {
    take: (hit) => {
      if (recording?.id !== hit.recording.id) {
        flush();
        ({ recording } = hit);
      }
      const key = `${hit.isTyped ? 'typed' : 'seen'} ${hit.text}`;
      const before = shown.get(key);
      if (before === undefined) {
        shown.set(key, { hit, times: 1, last: hit.at });
        lines += 1;
      } else {
        before.times += 1;
        before.last = hit.at;
      }
    },
    end: flush,
    lines: () => lines,
  };
}

function headOf({ id, login, session, began }: FoundRecording): string {
  const [who, where] = [login ?? unknownPerson, session ?? unknownSession].map((text) => sanitizeLine(text, 40));
  return foundIn(id, who ?? '', where ?? '', formatInstant(began * 1000));
}

/** How wide the time and the place in the recording are, with the spaces around them. */
const placeWidth = 22;
const sane = 1000;
const leastColumns = 40;

function lineOf(style: Style, { hit, times, last }: Shown): string {
  const { at, recording, isTyped } = hit;
  const clock = formatInstant((recording.began + at) * 1000).slice(11, 19);
  const place = `  ${clock}  ${(fromOf(at) || '0s').padEnd(placeWidth - 12)}`;
  const often = times === 1 ? '' : oftenMark(times, fromOf(last));
  const mark = isTyped ? typedMark : '';
  const room = Math.max(leastColumns, (style.columns ?? sane) - placeWidth) - widthOf(mark + often);
  return place + paint(style, '2', mark) + marked(style, hit, room) + paint(style, '2', often);
}

/** The text with the hit in colour, cut around the hit to the room. */
function marked(style: Style, { text, match: [from, to] }: Hit, room: number): string {
  const [before, found, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)].map((part) =>
    sanitizeLine(part, sane),
  ) as [string, string, string];
  const left = room - widthOf(found);
  const half = Math.max(0, Math.floor(left / 2));
  const head = widthOf(before) <= Math.max(half, left - widthOf(after)) ? before : `…${tailOf(before, half - 1)}`;
  const tail = cutTo(after, Math.max(1, left - widthOf(head)));
  return head + paint(style, '1;31', cutTo(found, room)) + tail;
}

/** For `--from`: `12m3s`; empty within the first second. */
const fromOf = (at: number): string => spellDuration(Math.floor(at) * 1000);
