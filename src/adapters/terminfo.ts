// Which TERM a visit may use (docs/design.md, "Requests and reviews"; threats H6).
//
// 1. The engineer's side chooses the name, and it becomes part of paths and of an environment. So it must match an allow-list and have a
//    compiled entry in one of the host's own folders; otherwise the fallback is used. Attack: `TERM=../../home/alice/evil`,
//    `TERM=/tmp/x`.
// 2. A terminal that tmux cannot draw on is refused at the start. Accident: an approver is woken, and then tmux refuses the terminal.
import { readFile } from 'node:fs/promises';

const fallback = 'xterm-256color';
const name = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const folders = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo'];
const cacheLimit = 500;

/** The terminals that this host has entries for. */
export interface Terminfo {
  /**
   * The TERM to use: the name itself where the host has an entry for it, else xterm-256color.
   * @returns undefined for a terminal that the host knows and tmux cannot draw on (`dumb`). Never rejects.
   */
  termFor(term: string): Promise<string | undefined>;
}

/** Nothing is read yet. An entry that was found is remembered; others are searched again, because packages get installed. */
export function openTerminfo(): Terminfo {
  const found = new Map<string, boolean>();
  const isFit = async (term: string): Promise<boolean | undefined> => {
    const fit = found.get(term) ?? (await look(term));
    if (found.size >= cacheLimit) found.clear();
    if (fit !== undefined) found.set(term, fit);
    return fit;
  };
  return {
    termFor: async (term) => {
      if (!name.test(term)) return fallback;
      const fit = await isFit(term);
      if (fit === undefined) return fallback;
      return fit ? term : undefined;
    },
  };
}

/** Searches an entry, which is in a folder named by its first letter or the letter's code in hex (term(5)). @returns undefined: none. */
async function look(term: string): Promise<boolean | undefined> {
  const letters = [term.charAt(0), term.charCodeAt(0).toString(16)];
  for (const path of folders.flatMap((folder) => letters.map((letter) => `${folder}/${letter}/${term}`))) {
    const entry = await readFile(path).catch(() => undefined);
    if (entry !== undefined) return canDraw(entry);
  }
  return undefined;
}

/** The size of a number in bytes, by the first word of an entry (term(5), "legacy" and "extended number" formats). */
const numberBytes: Readonly<Record<number, number>> = { 0o432: 2, 0o1036: 4 };
/** Without these tmux refuses a terminal (tty-term.c): the indexes of clear_screen and cursor_address in <term.h>. */
const needed = [5, 10];

/** Whether a compiled entry has what tmux needs; undefined when it is not a compiled entry. */
export function canDraw(entry: Buffer): boolean | undefined {
  if (entry.length < 12) return undefined;
  const bytes = numberBytes[entry.readUInt16LE(0)];
  if (bytes === undefined) return undefined;
  const [names = 0, flags = 0, numbers = 0, strings = 0] = [2, 4, 6, 8].map((at) => entry.readUInt16LE(at));
  const even = 12 + names + flags + ((names + flags) % 2);
  const at = even + numbers * bytes;
  // -1 is an absent string, -2 a cancelled one.
  return needed.every((n) => n < strings && at + 2 * n + 2 <= entry.length && entry.readInt16LE(at + 2 * n) >= 0);
}
