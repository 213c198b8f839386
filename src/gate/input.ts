// What of a person's keys reaches the session: all, none for now, or none at all (the wire's `InputRule`). The keeper decides,
// the relay asks here at each byte.
//
// 1. `never` is for good: no later word makes a hand of a look. Attack: pasted bytes, a keeper that was restarted, tmux's own
//    read-only flag taken off from inside (threats C3).
// 2. What comes while input is held is dropped, never kept, and what came before the word that lets it pass is read, and
//    dropped, before that word counts. Attack: typing ahead while nobody looks on, delivered when somebody comes.
// 3. Who was ever told to hold holds as soon as no keeper is heard. Attack: the keeper is killed to be let alone.
import type { InputRule } from '../wire/messages.ts';

export interface Input {
  rule(): InputRule;
  /** The keeper's word. */
  hear(rule: InputRule): void;
  lost(): void;
}

/** @param soon runs a task once everything that can be read by now was read. */
export function inputUnder(
  first: InputRule,
  changed: (rule: InputRule) => void,
  soon: (task: () => void) => void = setImmediate,
): Input {
  let [rule, word] = [first, first];
  let guarded = first === 'held';
  const hear = (next: InputRule): void => {
    word = next;
    guarded ||= next === 'held';
    if (next !== 'pass') become(next);
    else
      soon(() => {
        if (word === 'pass') become('pass');
      });
  };
  const become = (next: InputRule): void => {
    if (rule === next || rule === 'never') return;
    rule = next;
    changed(next);
  };
  return {
    rule: () => rule,
    hear,
    lost: () => {
      if (guarded) hear('held');
    },
  };
}

const interrupts = /[\u0003\u0004]/;
const quits = /^[qQ]+$/;

/** Whoever looks on leaves by Ctrl-C or Ctrl-D, or by q alone: a q within what a terminal answers or a paste is none. */
export function leaves(bytes: Buffer): boolean {
  const typed = bytes.toString('latin1');
  return interrupts.test(typed) || quits.test(typed);
}
