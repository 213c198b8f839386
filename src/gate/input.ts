// Whether a person's input reaches the session: all of it, none for now (held), or none ever (view-only). The keeper decides
// (`InputRule`); the relay asks here before it passes anything.
//
// 1. A view-only connection (`never`) is never given input later, whatever the keeper says. Attack: pasted bytes, a restarted keeper,
//    tmux's own read-only flag taken off from inside the session (docs/threats.md, C3).
// 2. Input that comes while it is held is dropped, never kept. Bytes that came before the message that lets input pass are read and
//    dropped first. Attack: typing ahead while nobody views, delivered when somebody does.
// 3. Once input was held, it is held whenever the keeper cannot be reached. Attack: the keeper is killed so that nobody holds it.
import type { InputRule } from '../wire/messages.ts';
import { withoutAnswers } from './terminal-answers.ts';

/** The input rule of one connection. */
export interface Input {
  /** The rule in force now. */
  rule(): InputRule;
  /** Takes a new rule from the keeper. */
  hear(rule: InputRule): void;
  /** The keeper cannot be reached (rule 3). */
  lost(): void;
}

/**
 * Starts with the rule of "go".
 * @param changed called when the rule in force has changed.
 * @param soon runs a task after everything that can be read now has been read (rule 2).
 */
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

/** Whether a view-only person leaves: by Ctrl-C, Ctrl-D, or q alone. A q within a terminal's answer or a paste does not count. */
export function leaves(bytes: Buffer): boolean {
  const typed = withoutAnswers(bytes.toString('latin1'));
  return interrupts.test(typed) || quits.test(typed);
}
