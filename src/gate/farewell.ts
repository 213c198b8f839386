// The last output on a person's terminal: the terminal is reset, and lines say why the connection ended.
//
// - Every mode that a session can leave on is switched off first: alternate screen, hidden cursor, mouse, bracketed paste, colours, a
//   half-sent escape sequence. Source: xterm control sequences (ctlseqs), DEC private modes.
// - It is written on a descriptor of its own, without blocking and within a time limit. Attack: a terminal that takes no bytes keeps
//   the connection open.
import { closeSync, constants, openSync } from 'node:fs';
import { tryWrite } from './write-queue.ts';

const limitMs = 500;

const csi = (text: string): string => `\u001b[${text}`;
const osc = (text: string): string => `\u001b]${text}\u001b\\`;

/** Switches off what a session can leave on. xterm's soft reset (DECSTR) does not do all of it, and a Linux console does not know it. */
const off = [
  // Margins and origin mode come before the alternate screen: DECOM moves the cursor home, and 1049 restores the shell's position.
  ...['?69l', '?6l', '?1049l'],
  ...['?9l', '?1000l', '?1002l', '?1003l', '?1005l', '?1006l', '?1015l', '?1016l', '?1004l', '?2004l', '?2026l'],
  // Keyboard locked, insert mode, LNM, local echo; application keys; reverse screen and wrap.
  ...['2;4;20l', '12h', '?1l', '?5l', '?45l'],
  // The cursor's shape, and its blinking after it (DECSCUSR; att610).
  ...['0 q', '?12l'],
  // The cursor of a screen or tmux around it, and of a Linux console, which hides the cursor by a shape too. The latter looks like the
  // answer to a question (DA1), so no terminal answers it.
  ...['34h', '?0c'],
  // The wheel as arrow keys; reports of the colour scheme and of each new size.
  ...['?1007l', '?2031l', '?2048l'],
  // xterm's modifyOtherKeys, kitty's keyboard protocol (the whole stack), Windows' console, mintty's Escape: left on, keys would arrive
  // at the shell as escape sequences.
  ...['>4m', '<99u', '?9001l', '?7727l'],
].map(csi);

/** Sets a tab stop every eight columns, up to 512; on a narrower screen the cursor stops at the last column (HTS, TBC). */
const tabStops = `\r${csi('3g')}${`${csi('8C')}\u001bH`.repeat(64)}`;

/**
 * Resets a terminal to what a shell expects. CAN ends a half-sent sequence, ST a half-sent string, `ESC <` VT52 mode, `CSI 4i` a
 * redirection to the printer. Then modes, margins and tab stops (the cursor's position is kept), palette, character sets and colours.
 */
export const putRight = [
  '\u0018\u001b\\\u001b<',
  csi('4i'),
  ...off,
  `\u001b7${csi('r')}${tabStops}\u001b8`,
  ...['104', '110', '111', '112', '8;;'].map(osc),
  `\u001b>${csi('?7h')}${csi('?25h')}\u000f\u001b(B\u001b)B${csi('0m')}${csi('23;2t')}\r${csi('2K')}`,
].join('');

/** Writes the last lines to the terminal. */
export interface LastWord {
  /** Resets the terminal and writes the lines, in at most half a second; never rejects. To be called once. */
  say(lines: readonly string[]): Promise<void>;
}

/** Opens the terminal while the gate is still root, which may. @throws Error when it cannot be opened */
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
