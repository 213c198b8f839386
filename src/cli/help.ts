// `help` on the host: the text of `ssh HOST help`, without a keeper and for every account.
import { hostname } from 'node:os';
import { Refused } from '../core/refusal.ts';
import { parseCommand } from '../wire/grammar.ts';
import { helpLines } from '../wire/help.ts';
import { sizeOf } from '../wire/terminal-size.ts';
import type { Reader } from '../wire/to-type.ts';
import { refuseHere } from './refuse.ts';
import { render } from './render.ts';

/** Prints the help. @param words what was typed, with `help` first. @returns the exit code */
export function help(words: readonly string[]): number {
  const reader: Reader = { host: hostname(), local: true };
  const screen = render();
  try {
    screen.out(linesOf(reader, words.join(' ')));
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refuseHere(screen, error.code, error.names);
  }
}

/** The lines to print. @throws Refused when the words cannot be read, or name no command */
function linesOf(reader: Reader, text: string): readonly string[] {
  const parsed = parseCommand(text);
  if (!('command' in parsed)) throw new Refused(parsed.code, parsed.names);
  const { stdout } = process;
  return helpLines(reader, parsed.command.words[0], stdout.isTTY ? sizeOf(stdout).cols : undefined);
}
