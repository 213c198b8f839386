// The last thing on a person's terminal.
//
// - It is put right first: whatever the session left on (alternate screen, hidden cursor, mouse, bracketed paste, colours, a
//   half-sent escape sequence) would outlive it. Source: xterm control sequences (ctlseqs), DEC private modes.
// - It is written beside the relay's own stream, without blocking and within a time limit: a terminal that takes no bytes must
//   not keep anybody's access open.
import { closeSync, constants, openSync, writeSync } from 'node:fs';

const limitMs = 500;

/** CAN ends a half-sent sequence, ST a half-sent string; then each mode back to what a shell expects. */
export const putRight =
  '\u0018\u001b\\\u001b[?1049l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1005l\u001b[?1006l\u001b[?1004l\u001b[?2004l' +
  '\u001b[?1l\u001b>\u001b[?7h\u001b[?25h\u001b[0m\u001b(B\u001b[23;2t\r\u001b[2K';

export interface LastWord {
  say(lines: readonly string[]): Promise<void>;
}

/** Takes a way of its own to the terminal, while it still may open one. */
export function lastWordOn(terminal: string): LastWord {
  const fd = openSync(terminal, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  return {
    say: async (lines) => {
      await writeWithin(fd, Buffer.from(`${putRight}${lines.join('\r\n')}\r\n`));
      closeSync(fd);
    },
  };
}

async function writeWithin(fd: number, bytes: Buffer): Promise<void> {
  const until = performance.now() + limitMs;
  for (let from = 0; from < bytes.length && performance.now() < until;) {
    const written = tryWrite(fd, bytes, from);
    if (written === undefined) return;
    from += written;
    if (written === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Bytes written; 0 when the terminal takes none now; undefined when it is gone. */
function tryWrite(fd: number, bytes: Buffer, from: number): number | undefined {
  try {
    return writeSync(fd, bytes, from);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
  }
}
