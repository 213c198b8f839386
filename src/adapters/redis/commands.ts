// How the store's commands are sent: keys, sizes, answers, faults.
//
// 1. Every part of a key is a name that was checked before: no text that a person wrote makes a key (law 9).
// 2. Whatever goes wrong is one refusal, REDIS_DOWN, with its cause in the log alone.
import type { Redis } from 'ioredis';
import { Refused } from '../../core/refusal.ts';
import { bare, runScript } from './connect.ts';
import { valueLimit, type ScriptName } from './lua.ts';

export const prefix = 'tmux-gate:';
const namePart = /^[A-Za-z0-9_.$@-]{1,64}$/;
const scanCount = 1000;
/** More keys than grants of a fleet: somebody planted them, and a listing that leaves some out would hide what is live. */
const mostKeys = 20_000;

/** Waits for an answer; what goes wrong is one refusal, and a connection that let us wait is dropped (connect, rule 2). */
export async function ask<T>(redis: Redis, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = bare(error);
    if (cause.message === 'Command timed out') redis.disconnect(true);
    throw new Refused('REDIS_DOWN', {}, cause);
  }
}

export function run(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  ...args: (string | number)[]
): Promise<unknown> {
  return ask(redis, runScript(redis, name, keys, ...args));
}

/** Rule 1. @throws Refused INTERNAL: callers check names before they come here. */
export function key(...parts: readonly string[]): string {
  const odd = parts.find((part) => !namePart.test(part));
  if (odd !== undefined) throw new Refused('INTERNAL', {}, new Error('a name that cannot be part of a key'));
  return prefix + parts.join(':');
}

/** What nobody would read is not written. */
export function sized(jws: string): string {
  if (jws.length > valueLimit) throw new Refused('INTERNAL', {}, new Error('a value longer than the board reads'));
  return jws;
}

/** Every key that was there all along, each once (SCAN's own guarantee). */
export async function scanKeys(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await ask(redis, redis.scan(cursor, 'MATCH', pattern, 'COUNT', scanCount));
    for (const name of keys) found.add(name);
    if (found.size > mostKeys) throw new Refused('REDIS_DOWN', {}, new Error(`more than ${mostKeys} keys`));
    cursor = next;
  } while (cursor !== '0');
  return [...found];
}
