// The regular expressions of the policy: which ones it may hold, and whether a reason fits one.
//
// 1. The time is linear in the length of the reason. Attack: '^(\w+ ?)+$' looks harmless and, in an engine that backtracks such as
//    RegExp, takes hours over forty letters; meanwhile the keeper disconnects nobody, revokes nothing and answers no one. RE2 does not
//    backtrack, so it has no lookaround and no backreferences (https://github.com/google/re2/wiki/Syntax).
// 2. The size is bounded as well, since the time is linear in it too. Repetitions are written out: '(((x?){10}){10}){10}' is 22
//    characters and 4,200 instructions, which take 0.6 s over the longest reason.
// 3. What cannot be used is refused when the policy is read. Where it is used all the same, nothing fits it (law 1).
import { RE2JS } from 're2js';
import { quote } from './problem.ts';

/** Instructions of a compiled pattern. '^(\p{L}{1,50} ?){1,10}$' has 1,040; at this size the longest reason takes a quarter of a second. */
const sizeLimit = 2_000;

const example = "such as '^(INC|CHG)-[0-9]+ ', in single quotes";
/** What RegExp knows and RE2 does not: lookahead, lookbehind, backreferences. */
const backtracking = /\(\?<?[=!]|\\(?:[1-9]|k<)/;

/** What is wrong with a pattern, as a sentence; undefined when it can be used. */
export function patternProblem(pattern: string): string | undefined {
  const compiled = compile(pattern);
  if (compiled instanceof RE2JS)
    return compiled.programSize() <= sizeLimit
      ? undefined
      : 'This regular expression is too large once its repetitions are written out; repeat less, such as {1,100}.';
  if (backtracking.test(pattern))
    return `This regular expression looks ahead or behind or refers back, which RE2 does not do; write one without that, ${example}.`;
  return `This is not a regular expression of RE2 (${quote(compiled)}); write one ${example}.`;
}

/** Whether the pattern matches the text, or a part of it (rules 1 and 3). */
export function fits(pattern: string, text: string): boolean {
  const compiled = compile(pattern);
  return compiled instanceof RE2JS && compiled.test(text);
}

/** Whether a text matches one of the patterns; each is compiled once. */
export function matcherOf(patterns: readonly string[]): (text: string) => boolean {
  const compiled = patterns.map(compile).filter((pattern) => pattern instanceof RE2JS);
  return (text) => compiled.some((pattern) => pattern.test(text));
}

/** @returns why not, where it does not compile. */
function compile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return error instanceof Error ? error.message.replace('error parsing regexp: ', '') : 'unknown';
  }
}
