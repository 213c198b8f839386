// The screen of the CLI. Output goes to stdout, everything else to stderr, so that `--json | jq` works. Colour is used only on a terminal,
// and not where the person does not want it (wire/plain.ts).
import { plainWait, waitLine } from '../core/messages/host.ts';
import { formatElapsed } from '../core/time.ts';
import { typedPlainness } from './typed-plainness.ts';
import { refusalLines, type Style } from '../wire/screen-text.ts';

/** What can be shown. `out` is output, `note` everything else; `wait` lasts until `calm` or other output. */
export interface Screen {
  out(lines: readonly string[]): void;
  note(lines: readonly string[]): void;
  refuse(code: string, say: string, hint: string): void;
  wait(text: string): void;
  calm(): void;
}

const tickMs = 200;
const clearLine = '\r\u001b[2K';

/** The screen on stdout and stderr. */
export function render(): Screen {
  const tty = process.stderr.isTTY;
  const { plain, colour } = typedPlainness();
  const style: Style = { colour: tty && colour, utf8: true };
  let timer: NodeJS.Timeout | undefined;
  const calm = (): void => {
    if (timer !== undefined && tty) process.stderr.write(clearLine);
    clearInterval(timer);
    timer = undefined;
  };
  const write = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
    calm();
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
  };
  return {
    out: (lines) => write(process.stdout, lines),
    note: (lines) => write(process.stderr, lines),
    refuse: (code, say, hint) => write(process.stderr, refusalLines(style, code, say, hint)),
    calm,
    wait: (text) => {
      calm();
      const since = Date.now();
      if (!tty || plain) return void process.stderr.write(plainWait(text));
      timer = setInterval(
        () => process.stderr.write(`${clearLine}${waitLine(text, formatElapsed(Date.now() - since))}`),
        tickMs,
      );
    },
  };
}
