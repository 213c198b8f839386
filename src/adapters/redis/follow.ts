// Follows the stream of events through every loss of the connection.
//
// 1. Reading goes on after the last event that was handled, never from "what is new now" ($). Accident: events of the time in between are
//    missed.
// 2. A Redis that lost its last writes (a crash, a failover) may have none after that event. Then everything that it still has is handled
//    again. Events are hints, so one too many only causes one more check.
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis, RedisOptions } from 'ioredis';
import { second } from '../../core/time.ts';
import { bare, commandTimeout, connectRedis, leaveRedis, whenReady } from './connect.ts';
import { refuseTooOld } from './too-old.ts';

/** An event of the stream: a hint, not signed. */
export interface StoreEvent {
  /** The stream's own id, `milliseconds-number`. */
  readonly id: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What is followed, and who is called. */
export interface FollowRun {
  readonly connection: RedisOptions;
  readonly stream: string;
  readonly handler: (event: StoreEvent) => Promise<void> | void;
  readonly signal: AbortSignal;
  readonly onStart?: () => void;
  readonly onProblem?: (error: Error) => void;
}

const blockMs = 5 * second;
const afterError = 250;
const batch = 100;
const fieldLimit = 20;
const textLimit = 1024;
const streamId = /^([0-9]{1,15})-([0-9]{1,15})$/;

/** Reads events and passes them to the handler, one after another. Resolves when the signal aborts. */
export async function followEvents(run: FollowRun): Promise<void> {
  const { signal, stream } = run;
  if (signal.aborted) return;
  const redis = connectRedis({ ...run.connection, commandTimeout: blockMs + commandTimeout });
  refuseTooOld(redis, () => undefined); // the other connection tells it
  signal.addEventListener('abort', () => leaveRedis(redis), { once: true });
  // A function, because the signal may abort during any await, and the compiler would assume that it had not.
  const over = (): boolean => signal.aborted;
  let last: string | undefined;
  let checked = false;
  redis.on('close', () => (checked = false));
  while (!over()) {
    try {
      await whenReady(redis, signal);
      if (!checked) {
        checked = true;
        last = await resume(redis, stream, last, run.onStart);
      }
      for (const event of await read(redis, stream, last ?? '0-0')) {
        last = event.id;
        if (!over()) await handOver(run, event);
      }
    } catch (error) {
      if (over()) return;
      checked = false;
      run.onProblem?.(bare(error));
      await afterFailure(redis, error, signal);
    }
  }
}

/** The id to read on from: by rule 1, or by rule 2 after a loss. */
async function resume(redis: Redis, stream: string, last: string | undefined, started?: () => void): Promise<string> {
  const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  const top = newest?.[0] ?? '0-0';
  if (last !== undefined) return isBefore(top, last) ? '0-0' : last;
  started?.();
  return top;
}

async function read(redis: Redis, stream: string, last: string): Promise<StoreEvent[]> {
  const reply = await redis.xread('COUNT', batch, 'BLOCK', blockMs, 'STREAMS', stream, last);
  const entries = reply?.[0]?.[1] ?? [];
  return entries.map(([id, fields]) => readEvent(id, fields));
}

/** An event that is too large keeps its id and loses its fields, so that it is skipped. */
function readEvent(id: string, flat: readonly string[] | null): StoreEvent {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  const sane = flat !== null && flat.length <= 2 * fieldLimit && flat.every((text) => text.length <= textLimit);
  for (let at = 0; sane && at + 1 < flat.length; at += 2) fields[flat[at] ?? ''] = flat[at + 1] ?? '';
  const { type = '', ...rest } = fields;
  return { id, type, fields: rest };
}

async function handOver(run: FollowRun, event: StoreEvent): Promise<void> {
  try {
    await run.handler(event);
  } catch (error) {
    run.onProblem?.(error instanceof Error ? error : new Error('an event could not be handled'));
  }
}

/** Drops a connection that hangs, and pauses: an error that Redis answers at once must not cause a busy loop. */
async function afterFailure(redis: Redis, error: unknown, signal: AbortSignal): Promise<void> {
  if (error instanceof Error && error.message === 'Command timed out') redis.disconnect(true);
  await delay(afterError, undefined, { signal }).catch(() => undefined);
}

function isBefore(a: string, b: string): boolean {
  const [left, right] = [streamId.exec(a), streamId.exec(b)];
  if (left === null || right === null) return false;
  const [ms, n] = [Number(left[1]) - Number(right[1]), Number(left[2]) - Number(right[2])];
  return ms < 0 || (ms === 0 && n < 0);
}
