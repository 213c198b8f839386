// Which TERM a visit may carry (docs/design.md, "Requests and reviews", threats H6).
//
// 1. The name comes from the engineer's side and ends up in paths and in an environment: an allow-list, then a compiled
//    entry in one of the host's own folders, or the fallback. Attack: `TERM=../../home/alice/evil`, `TERM=/tmp/x`.
// 2. An entry that tmux cannot draw with is told at the start, before anybody is asked or woken.
import { readFile } from 'node:fs/promises';

const fallback = 'xterm-256color';
const name = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const folders = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo'];
const cacheLimit = 500;
const cache = new Map<string, Promise<boolean | undefined>>();

/**
 * The terminal itself where the host knows it, else xterm-256color; undefined for one that the host knows and tmux cannot draw with
 * (`dumb`). Never rejects.
 */
export async function knownTerm(term: string): Promise<string | undefined> {
  if (!name.test(term)) return fallback;
  const fit = await isFit(term);
  if (fit === undefined) return fallback;
  return fit ? term : undefined;
}

/** What is known stays known; what is not is looked for again, since packages get installed. */
async function isFit(term: string): Promise<boolean | undefined> {
  const known = cache.get(term);
  if (known !== undefined) return await known;
  if (cache.size >= cacheLimit) cache.clear();
  const looking = look(term);
  cache.set(term, looking);
  const fit = await looking;
  if (fit === undefined) cache.delete(term);
  return fit;
}

/** Entries lie under their first letter, or its code in hex (term(5)). Undefined when there is none that can be read. */
async function look(term: string): Promise<boolean | undefined> {
  const letters = [term.charAt(0), term.charCodeAt(0).toString(16)];
  for (const path of folders.flatMap((folder) => letters.map((letter) => `${folder}/${letter}/${term}`))) {
    const entry = await readFile(path).catch(() => undefined);
    if (entry !== undefined) return canDraw(entry);
  }
  return undefined;
}

/** Bytes of a number, by the first word of an entry (term(5), "legacy" and "extended number" formats). */
const numberBytes: Readonly<Record<number, number>> = { 0o432: 2, 0o1036: 4 };
/** Without these tmux attaches to no terminal (tty-term.c). Places of clear_screen and cursor_address in <term.h>. */
const needed = [5, 10];

/** Whether a compiled entry has what tmux needs; undefined when it is none. */
export function canDraw(entry: Buffer): boolean | undefined {
  if (entry.length < 12) return undefined;
  const bytes = numberBytes[entry.readUInt16LE(0)];
  if (bytes === undefined) return undefined;
  const [names = 0, flags = 0, numbers = 0, strings = 0] = [2, 4, 6, 8].map((at) => entry.readUInt16LE(at));
  const even = 12 + names + flags + ((names + flags) % 2);
  const at = even + numbers * bytes;
  // Absent is -1, taken out -2.
  return needed.every((n) => n < strings && at + 2 * n + 2 <= entry.length && entry.readInt16LE(at + 2 * n) >= 0);
}
