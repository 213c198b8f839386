// Which TERM a visit may carry (design section 5, threats H6).
//
// 1. The name comes from the engineer's side and ends up in paths and in an environment: an allow-list, then a compiled
//    entry in one of the host's own folders, or the fallback. Attack: `TERM=../../home/alice/evil`, `TERM=/tmp/x`.
import { stat } from 'node:fs/promises';

const fallback = 'xterm-256color';
const name = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const folders = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo'];
const cacheLimit = 500;
const cache = new Map<string, Promise<boolean>>();

/** The terminal itself where the host knows it, else xterm-256color. Never rejects. */
export async function knownTerm(term: string): Promise<string> {
  if (!name.test(term)) return fallback;
  return (await isKnown(term)) ? term : fallback;
}

/** What is known stays known; what is not is looked for again, since packages get installed. */
async function isKnown(term: string): Promise<boolean> {
  const known = cache.get(term);
  if (known !== undefined) return await known;
  if (cache.size >= cacheLimit) cache.clear();
  const looking = hasEntry(term);
  cache.set(term, looking);
  if (!(await looking)) cache.delete(term);
  return await looking;
}

/** Entries lie under their first letter, or its code in hex (term(5)). */
async function hasEntry(term: string): Promise<boolean> {
  const letters = [term.charAt(0), term.charCodeAt(0).toString(16)];
  const paths = folders.flatMap((folder) => letters.map((letter) => `${folder}/${letter}/${term}`));
  const found = await Promise.all(paths.map(isFile));
  return found.includes(true);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
