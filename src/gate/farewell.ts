// The last thing on a person's terminal.
//
// - It is put right first: whatever the session left on (alternate screen, hidden cursor, mouse, bracketed paste, colours, a
//   half-sent escape sequence) would outlive it. Source: xterm control sequences (ctlseqs), DEC private modes.
// - It is written beside the relay's own stream, without blocking and within a time limit: a terminal that takes no bytes must
//   not keep anybody's access open.
import { closeSync, constants, openSync } from 'node:fs';
import { tryWrite } from './write-queue.ts';

const limitMs = 500;

const csi = (text: string): string => `\u001b[${text}`;
const osc = (text: string): string => `\u001b]${text}\u001b\\`;

/** What a session can leave on of which xterm's DECSTR would not put all right, and a Linux console knows no DECSTR. */
const off = [
  // Margins and origin before the alternate screen: DECOM moves the cursor home, and 1049 takes it back to where the shell had it.
  ...['?69l', '?6l', '?1049l'],
  ...['?9l', '?1000l', '?1002l', '?1003l', '?1005l', '?1006l', '?1015l', '?1016l', '?1004l', '?2004l', '?2026l'],
  // Keyboard locked, insert mode, LNM, local echo; application keys; reverse screen and wrap.
  ...['2;4;20l', '12h', '?1l', '?5l', '?45l'],
  // The cursor's shape, and its blinking after it (DECSCUSR; att610).
  ...['0 q', '?12l'],
  // The same of a screen or tmux around it, and of a Linux console, whose cursor is hidden by a shape too. Nobody answers that one: it is
  // written like an answer (DA1).
  ...['34h', '?0c'],
  // The wheel as arrow keys; reports of the colour scheme and of each new size.
  ...['?1007l', '?2031l', '?2048l'],
  // xterm's modifyOtherKeys, kitty's keyboard (all that was pushed), the console of Windows, mintty's Escape: what is typed
  // afterwards would arrive as escape sequences.
  ...['>4m', '<99u', '?9001l', '?7727l'],
].map(csi);

/** A stop every eight columns, on as wide a screen as there is; beyond it the cursor stays in the last column (HTS, TBC). */
const tabStops = `\r${csi('3g')}${`${csi('8C')}\u001bH`.repeat(64)}`;

/**
 * CAN ends a half-sent sequence, ST a half-sent string, `ESC <` VT52 mode and `CSI 4i` a redirection to the printer; then
 * each mode back to what a shell expects, margins and tab stops around the cursor's place, the palette, character sets and colours.
 */
export const putRight = [
  '\u0018\u001b\\\u001b<',
  csi('4i'),
  ...off,
  `\u001b7${csi('r')}${tabStops}\u001b8`,
  ...['104', '110', '111', '112', '8;;'].map(osc),
  `\u001b>${csi('?7h')}${csi('?25h')}\u000f\u001b(B\u001b)B${csi('0m')}${csi('23;2t')}\r${csi('2K')}`,
].join('');

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
    const written = tryWrite(fd, bytes.subarray(from));
    if (written === undefined) return;
    from += written;
    if (written === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
