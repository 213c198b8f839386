// Makes the files of ./terminal-modes/: what another version of tmux writes at an attach. By hand, as
// `node --import tsx tests/contract/terminal-modes-maker.ts 'tmux 3.5a of ...' TERMINFO-FOLDER PROGRAM ARGUMENT... > FILE`, where the
// program may be a loader (ld.so(8)) with the libraries of the version's own system, unpacked anywhere.
import { setTimeout as delay } from 'node:timers/promises';
import { attached } from './terminal-modes-capture.ts';

const [of = '', terminfo = '', file = '', ...loads] = process.argv.slice(2);
const wrote: Record<string, string> = {};
for (const term of ['xterm-256color', 'tmux-256color', 'screen-256color', 'linux', 'xterm-kitty', 'foot']) {
  // What tmux asks a terminal is answered late, and then it turns on more.
  const then = async (): Promise<unknown> => delay(2_000);
  wrote[term] = await attached({ tmux: [file, ...loads], term, more: { TERMINFO_DIRS: terminfo }, then });
}
const made = `node --import tsx tests/contract/terminal-modes-maker.ts, with ${of}`;
process.stdout.write(`${JSON.stringify({ made, wrote }, undefined, 2)}\n`);
