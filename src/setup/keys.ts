// Reads the public keys that somebody names for a login: a file, the text of a key, or what GitHub has of an account.
//
// 1. Nothing is fetched that was not asked for by `github:NAME`, and that only by https from github.com, without following a redirect.
import { readFile } from 'node:fs/promises';
import { badKey, keysNotFetched } from '../core/messages/setup-faults.ts';
import { publicKeysIn, type PublicKey } from '../core/setup-rules/public-keys.ts';
import { SetupFault } from './fault.ts';
import { ask } from './tools.ts';

const github = /^github:([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))$/;
const fetchMs = 10_000;
const largest = 64 * 1024;

/** The keys that some words name. @throws SetupFault when one names none, or something else than public keys */
export async function keysFrom(words: readonly string[]): Promise<readonly PublicKey[]> {
  const keys: PublicKey[] = [];
  for (const word of words) {
    const found = publicKeysIn(await textOf(word));
    if (typeof found === 'string') throw new SetupFault(badKey(word, found));
    keys.push(...found);
  }
  return [...new Map(keys.map((key) => [key.line.split(' ')[1], key])).values()];
}

async function textOf(word: string): Promise<string> {
  const [, name] = github.exec(word) ?? [];
  if (name !== undefined) return fetched(name);
  // The text of a key has a space; a path of one with a space can be written ./a b.
  if (/^(?:ssh-|ecdsa-|sk-)\S+ /.test(word)) return word;
  return readFile(word, 'utf8').catch(() => {
    throw new SetupFault(badKey(word, 'unread'));
  });
}

/** Rule 1. */
async function fetched(name: string): Promise<string> {
  try {
    const signal = AbortSignal.timeout(fetchMs);
    const answer = await fetch(`https://github.com/${name}.keys`, { redirect: 'error', signal });
    const text = answer.ok ? await answer.text() : '';
    return text.slice(0, largest);
  } catch {
    throw new SetupFault(keysNotFetched(name));
  }
}

/** The fingerprint of a key, as ssh-keygen(1) prints it. @throws SetupFault when ssh-keygen does not know the key */
export async function fingerprintOf({ line }: PublicKey): Promise<string> {
  const { code, out } = await ask('ssh-keygen', ['-lf', '-'], `${line}\n`);
  if (code !== 0) throw new SetupFault(badKey(line.slice(0, 40), 'malformed'));
  return out.split(' ')[1] ?? '';
}
