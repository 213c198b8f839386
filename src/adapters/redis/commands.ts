// Sends the store's commands: checks keys and sizes, and turns faults into refusals.
//
// 1. Every part of a key is a name that was checked before. Attack: text that a person wrote splits a key or becomes a pattern (law 9).
// 2. Every fault is the same refusal, REDIS_DOWN, with its cause in the log only; a server that was refused for its age is REDIS_TOO_OLD.
import type { Redis } from 'ioredis';
import { Refused } from '../../core/refusal.ts';
import { bare, runScript } from './connect.ts';
import { whyTooOld } from './too-old.ts';
import { answerLimit, valueLimit, type ScriptName } from './lua.ts';

/** The beginning of every key. Its hash tag keeps all keys in one slot of a Cluster, so that a script may touch several of them. */
export const prefix = '{tmux-gate}:';
/** The stream that tells every host. */
export const events = `${prefix}events`;
const namePart = /^[A-Za-z0-9_.$@-]{1,64}$/;
/** How many keys one script gets. ElastiCache refuses a command with 4,000 arguments. */
const keysAtOnce = 500;

/** Waits for an answer. A connection that timed out is dropped (connect.ts, rule 2). @throws Refused REDIS_DOWN, REDIS_TOO_OLD */
export async function ask<T>(redis: Redis, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = bare(error);
    if (cause.message === 'Command timed out') redis.disconnect(true);
    const old = whyTooOld(redis);
    throw old === undefined ? new Refused('REDIS_DOWN', {}, cause) : new Refused('REDIS_TOO_OLD', {}, old);
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

/**
 * The names in an index (a sorted set) that `isOurs` accepts; any other was planted, and leaves it. A name says only where to look.
 * @throws Refused REDIS_DOWN, also when the index holds more names than a fleet has
 */
export async function membersOf(redis: Redis, index: string, isOurs: (name: string) => boolean): Promise<string[]> {
  const reply = await run(redis, 'members', [index]);
  const names = Array.isArray(reply) ? reply.filter((name) => typeof name === 'string') : [];
  const planted = names.filter((name) => !isOurs(name));
  for (const some of chunks(planted)) await ask(redis, redis.zrem(index, ...some));
  return names.filter(isOurs);
}

/** The keys below a prefix, made of this number of parts (rule 1). */
export function isKeyOf(below: string, parts: number): (name: string) => boolean {
  return (name) => {
    const rest = name.slice(below.length).split(':');
    return name.startsWith(below) && rest.length === parts && rest.every((part) => namePart.test(part));
  };
}

/** What a name leads to; nothing of it is verified. */
interface Entry {
  readonly jws: string;
  readonly reviews?: readonly string[];
}

/**
 * Reads what many names lead to, in pieces. Beyond the longest answer that fits into memory the rest is left out (lua.ts, rule 2).
 * @throws what `read` throws
 */
export async function readInPieces<T extends Entry>(
  names: readonly string[],
  read: (some: readonly string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  let room = answerLimit;
  for (const some of chunks(names))
    for (const entry of await read(some)) {
      room -= [entry.jws, ...(entry.reviews ?? [])].reduce((sum, text) => sum + text.length, 0);
      if (room < 0) return found;
      found.push(entry);
    }
  return found;
}

/** A list in pieces, each short enough for one script. */
export function chunks<T>(list: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / keysAtOnce) }, (_, at) =>
    list.slice(at * keysAtOnce, (at + 1) * keysAtOnce),
  );
}
