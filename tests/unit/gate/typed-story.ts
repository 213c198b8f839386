// Tells the gate's decision about typed keys as a story: keys, output and looks, each at its millisecond.
import { openTypedInput, type Looked } from '../../../src/gate/typed-input.ts';
import type { TtyState } from '../../../src/wire/messages.ts';

type Is = TtyState['is'];
export const tty = (...states: Is[]): readonly TtyState[] => states.map((is, n) => ({ tty: n, is }));

/** The attach, at 0. */
export function begin() {
  const said: string[] = [];
  let printed = '';
  const input = openTypedInput(0, {
    keep: (text, at) => said.push(`${at} ${JSON.stringify(text).slice(1, -1)}`),
    notKept: (keys, why, at) => said.push(`${at} ${keys} ${why}`),
    wasPrinted: (line) => printed.includes(line.replace(/[\r\n]/g, '')),
  });
  const look = (at: number, ...states: Is[]): readonly string[] => {
    const rows = input.ask(at);
    input.looked({ ttys: tty(...states), prompts: rows.map((row) => /word: $/.test(row)) }, at + 1);
    return rows;
  };
  return {
    said,
    input,
    look,
    key: (text: string, at: number, row = '$ ') => input.key(text, at, { row, printed: printed.length }),
    print: (text: string) => (printed += text),
    answer: (at: number, answer: Looked | undefined) => {
      input.ask(at);
      input.looked(answer, at + 1);
    },
    /** A shell's prompt: raw since the attach. */
    settled: () => look(400, 'raw'),
  };
}
