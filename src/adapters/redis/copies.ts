// On how many servers a write stands. A primary answers before its replicas have the write, so one that takes over may lack it
// (redis.io/docs, "WAIT", which makes that unlikely, not impossible).
//
// 1. WAIT is about what its own connection wrote. After a loss of the connection it would count servers that lack the write, so nothing is
//    told then.
import type { Redis } from 'ioredis';

/** How long one replica may take to say that it has the write, in milliseconds. */
const waitMs = 500;

/**
 * Writes, and waits for one replica to have it.
 * @returns the number of servers that have it, with the primary; undefined when it cannot be told
 * @throws what `write` throws
 */
export async function copied(redis: Redis, write: () => Promise<unknown>): Promise<number | undefined> {
  const { stream } = redis;
  await write();
  if (redis.stream !== stream) return undefined; // rule 1
  const replicas = await redis.wait(1, waitMs).catch(() => undefined); // a user who may not run it
  return redis.stream === stream && replicas !== undefined ? 1 + replicas : undefined;
}
