// Asks for a secret at a terminal without showing it.
import type { ReadStream } from 'node:tty';

const enter = /[\r\n]/;
const leave = /[\u0003\u0004]/;
const interrupted = 130;

/** Asks on standard error, so that `--json | jq` works. Ctrl-C and Ctrl-D end the process. */
export async function askHidden(input: ReadStream, prompt: string): Promise<string> {
  // Before the prompt, so that nothing typed is echoed.
  input.setRawMode(true);
  input.resume();
  process.stderr.write(prompt);
  try {
    return await typed(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    process.stderr.write('\n');
  }
}

async function typed(input: ReadStream): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const hear = (piece: Buffer): void => {
      text = edited(text, piece.toString('utf8'));
      if (leave.test(text)) process.exit(interrupted);
      const end = text.search(enter);
      if (end < 0) return;
      input.off('data', hear);
      resolve(text.slice(0, end));
    };
    input.on('data', hear);
  });
}

/** Adds typed characters; backspace removes the last one. */
function edited(text: string, more: string): string {
  let next = text;
  for (const character of more)
    next = character === '\u007f' || character === '\b' ? next.replace(/.$/su, '') : next + character;
  return next;
}
