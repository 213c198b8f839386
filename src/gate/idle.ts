// Idle time: after so long without a keystroke (`idle` of the policy) the person is warned, then disconnected.
//
// 1. Neither the session's output nor what a terminal answers by itself counts as a keystroke. Attack: a program asks the terminal for its
//    cursor position again and again while nobody is there.
// 2. Time is measured on the boot clock, which counts time suspended and cannot be set. Accident: a suspended machine stays connected.
import { nap } from '../core/deadline.ts';
import { answerReader } from './terminal-answers.ts';
import { readClocks } from './window.ts';

/** Measures the idle time of one connection. */
export interface Idle {
  /** Takes the bytes that came from the person's terminal. */
  touch(bytes: Buffer): void;
  stop(): void;
}

/** What is called as idle time passes. */
export interface IdleEvents {
  /** @param left milliseconds until the end. */
  readonly warn: (left: number) => void;
  /** A keystroke came after the warning. */
  readonly back: () => void;
  /** The limit is reached. */
  readonly over: () => void;
}

/** Milliseconds without a keystroke, until `warn` and until `over`. */
export interface IdleLimits {
  readonly warn: number;
  readonly end: number;
}

/** Starts measuring. @param now a clock that nobody can set: milliseconds */
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
