// Time without a key of the person's (`idle` of the policy): a warning, then the end of the connection.
//
// 1. What a session prints does not count, and what a terminal answers by itself neither. Attack: a program that asks the
//    terminal where its cursor is, over and over, while nobody is there.
// 2. It is counted on the boot clock, which a suspend does not stop and nobody sets.
import { nap } from '../core/deadline.ts';
import { readClocks } from './window.ts';

export interface Idle {
  /** Bytes came from the person's side. */
  touch(bytes: Buffer): void;
  stop(): void;
}

export interface IdleEvents {
  /** @param left milliseconds until the end. */
  readonly warn: (left: number) => void;
  /** A key after the warning. */
  readonly back: () => void;
  readonly over: () => void;
}

/** Milliseconds without a key. */
export interface IdleLimits {
  readonly warn: number;
  readonly end: number;
}

export function watchIdle(
  { warn, end }: IdleLimits,
  events: IdleEvents,
  now: () => number = () => readClocks().boot,
): Idle {
  let last = now();
  let warned = false;
  let timer: NodeJS.Timeout | undefined;
  const isAnswer = answerReader();
  const look = (): void => {
    const idle = now() - last;
    if (idle >= end) return events.over();
    if (idle >= warn && !warned) {
      warned = true;
      events.warn(end - idle);
    }
    timer = setTimeout(look, nap((warned ? end : warn) - idle));
  };
  look();
  return {
    touch: (bytes) => {
      if (isAnswer(bytes)) return;
      last = now();
      if (warned) events.back();
      warned = false;
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * Reports of cursor, device, mode and window, focus, and strings (xterm ctlseqs: CPR, DA, DSR, DECRPM, DECREPTPARM, XTWINOPS,
 * FocusIn/Out, DCS, OSC), and all with a private mark but the mouse's `<`: no key is written so. Shift-F3 is written like the place of a
 * cursor, and does not count either.
 */
const answers =
  /\u001b(?:\[[?>=][\d;:]*[ -/]*[@-~]|\[[\d;]*(?:\$y|[cnRtx])|\[[IO]|[P\]][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;
/** The beginning of one. */
const begun = /^\u001b(?:\[[?>=]?[\d;:]*[ -/]*|[P\]][^\u0007\u001b]*\u001b?)$/;
const escape = '\u001b';
const longest = 4096;

/** Rule 1, wherever answers are cut into pieces. Attack: a thousand questions at once, whose answers no single read takes. */
function answerReader(): (bytes: Buffer) => boolean {
  let held = '';
  return (bytes) => {
    const text = held + bytes.toString('latin1');
    const rest = text.replace(answers, '');
    // An ESC alone is a key; behind an answer it begins the next.
    const goesOn = rest.length <= longest && (begun.test(rest) || (rest === escape && text !== escape));
    held = goesOn ? rest : '';
    return text.startsWith(escape) && (rest === '' || goesOn);
  };
}
