// The mode of the person's terminal while the relay runs.
//
// 1. It is fully raw, as cfmakeraw(3) makes it, so that every byte arrives unchanged in both directions. Accident: Node's raw mode leaves
//    output processing on (uv_tty_set_mode(3): a line feed becomes CR LF) and keeps igncr, inlcr, parmrk and others of the client's
//    terminal; stty(1) clears these.
// 2. Node's raw mode is set first, since Node remembers the terminal's mode before it and restores that at the end.
// 3. No write to the terminal blocks. Attack: a stopped terminal (Ctrl-S, a lost connection) stops the deadline's timer too.
import { spawn } from 'node:child_process';
import type { ReadStream, WriteStream } from 'node:tty';
import { setBlocking } from './tty-handle.ts';

/** `stty raw`, and what cfmakeraw(3) changes besides. */
const makeRaw = ['raw', '-echo', '-echonl', '-iexten', '-parenb', 'cs8'];
/** How long stty may take. It is stopped (SIGTTOU) where another program has the terminal, and is killed then. */
const limitMs = 2_000;

/** Makes the terminal fully raw (rule 1). @throws Error when it cannot */
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

/** Switches off Node's blocking writes to a terminal (rule 3). @throws Error when it cannot */
export function neverBlock(output: WriteStream): void {
  if (!setBlocking(output, false)) throw new Error('writes to the terminal would block');
}
