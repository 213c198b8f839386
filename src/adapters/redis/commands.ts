// Sends the store's commands: checks keys and sizes, and turns faults into refusals.
//
// 1. Every part of a key is a name that was checked before. Attack: text that a person wrote splits a key or becomes a pattern (law 9).
// 2. Every fault is the same refusal, REDIS_DOWN, with its cause in the log only.
import type { Redis } from 'ioredis';
import { Refused } from '../../core/refusal.ts';
import { bare, runScript } from './connect.ts';
import { valueLimit, type ScriptName } from './lua.ts';

/** The beginning of every key. */
export const prefix = 'tmux-gate:';
const namePart = /^[A-Za-z0-9_.$@-]{1,64}$/;
const scanCount = 1000;
/** More keys than a whole fleet has grants: somebody planted them. Leaving some out of a listing would hide live grants, so it fails. */
const mostKeys = 20_000;

/** Waits for an answer. A connection that timed out is dropped (connect.ts, rule 2). @throws Refused REDIS_DOWN */
export async function ask<T>(redis: Redis, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = bare(error);
    if (cause.message === 'Command timed out') redis.disconnect(true);
    throw new Refused('REDIS_DOWN', {}, cause);
  }
}

/** Runs one of our scripts (lua.ts). @throws Refused REDIS_DOWN */
export function run(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  ...args: (string | number)[]
): Promise<unknown> {
  return ask(redis, runScript(redis, name, keys, ...args));
}

/** A key of our prefix, made of these parts (rule 1). @throws Refused INTERNAL when a part is malformed: callers check names before. */
export function key(...parts: readonly string[]): string {
  const odd = parts.find((part) => !namePart.test(part));
  if (odd !== undefined) throw new Refused('INTERNAL', {}, new Error('a name that cannot be part of a key'));
  return prefix + parts.join(':');
}

/** The value, when it is not longer than what readers accept. @throws Refused INTERNAL when it is longer. */
export function sized(jws: string): string {
  if (jws.length > valueLimit) throw new Refused('INTERNAL', {}, new Error('a value longer than the store reads'));
  return jws;
}

/** The keys that match a pattern. A key that exists during the whole scan is among them, each once (SCAN). @throws Refused REDIS_DOWN */
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
