// The person's terminal while the relay runs.
//
// 1. It is fully raw, as cfmakeraw(3) makes it: what tmux writes arrives byte for byte, and what is typed is sent byte for byte.
//    Node's own raw mode leaves output processing on (uv_tty_set_mode(3): a line feed becomes CR LF) and, of what the client's stty
//    asked for, igncr, inlcr, parmrk and others, so stty(1) clears the rest.
// 2. Node's raw mode comes first: it remembers how the terminal was, and puts all of it back at the end.
// 3. No write to the terminal blocks: one that is stopped (Ctrl-S, a dead link) would stop the deadline too.
import { spawn } from 'node:child_process';
import type { ReadStream, WriteStream } from 'node:tty';

/** What `stty raw` leaves as it is and cfmakeraw(3) clears is named beside it. */
const makeRaw = ['raw', '-echo', '-echonl', '-iexten', '-parenb', 'cs8'];
/** stty is stopped where the terminal is another program's (SIGTTOU): then it is given up. */
const limitMs = 2_000;

/** Rule 1. Resolves when nothing is changed on the way any more. @throws Error when the terminal cannot be made raw. */
export async function makeFullyRaw(input: ReadStream & { readonly fd: number }, program: string): Promise<void> {
  input.setRawMode(true);
  await new Promise<void>((resolve, reject) => {
    const stty = spawn(program, makeRaw, {
      ...{ env: {}, stdio: [input.fd, 'ignore', 'ignore'], timeout: limitMs, killSignal: 'SIGKILL' },
    });
    stty.once('error', reject);
    stty.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('the terminal cannot be made raw'))));
  });
}

/** Rule 3: Node makes writes to a terminal block. */
export function neverBlock(output: WriteStream): void {
  (output as unknown as { readonly _handle: { setBlocking(on: boolean): void } })._handle.setBlocking(false);
}
