// Asks root on the host for an address to be pasted, as the gate asks over ssh: nothing of it is echoed.
import { takePaste } from '../wire/paste-prompt.ts';
import { plainnessOf } from '../wire/plain.ts';

/** Asks on standard error, and reads standard input. @returns the text; undefined when there is none, at the end of input or at Ctrl-C */
export async function askPaste(prompt: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  const output = stdin.isTTY && stderr.isTTY ? stderr : undefined;
  // First of all: in canonical mode the terminal would show a paste, and cut it.
  if (stdin.isTTY) stdin.setRawMode(true);
  stderr.write(prompt);
  if (stdin.readableEnded) return undefined;
  const asked = takePaste(prompt, { output, plain: plainnessOf(process.env, '').plain });
  const take = (piece: Buffer): void => asked.take(piece);
  let isOver = false as boolean;
  const over = (): void => {
    isOver = true;
    asked.take(Buffer.from('\n'));
  };
  stdin.on('data', take).once('end', over).resume();
  const text = await asked.line;
  stdin.off('data', take).off('end', over).pause();
  if (stdin.isTTY) stdin.setRawMode(false);
  return text === '' && isOver ? undefined : text;
}
