// Takes the terminal, draws a word again whenever it has to, and leaves at `q`.
import { takeTerminal } from '../../src/cli/raw-terminal.ts';

const draw = ({ cols, rows }: { readonly cols: number; readonly rows: number }): void =>
  terminal.write(`\u001b[2J\u001b[Hdrawn at ${cols}x${rows}`);
const terminal = takeTerminal({
  typed: (text) => {
    if (text === 'q') terminal.leave();
  },
  resized: draw,
  ended: () => terminal.leave(),
});
draw(terminal.size);
