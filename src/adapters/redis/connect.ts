// Connects to Redis so that commands fail soon and are never repeated by the library (threat M16).
//
// 1. No command is queued while Redis is away, and none is sent again when it is back. Attack or accident: a grant that was refused
//    minutes ago appears.
// 2. A command that times out drops its connection, because the replies behind it would be late as well.
// 3. Errors lose the details that ioredis attaches. Accident: the command of a failed AUTH holds the password, and is logged (law 11).
// 4. A server that became a replica in a failover, has no replica left that takes its writes, or no longer has our keys, is left at once,
//    because only the primary's data count (threat H9).
// 5. A connection ends for good only when we leave it. Accident: a Sentinel tells of a failover while the library is about to connect, which it
//    takes for the end, and this host has no store until somebody restarts its keeper.
import { Redis, type RedisOptions } from 'ioredis';
import { second } from '../../core/time.ts';
import { scripts, scriptText, type ScriptName } from './lua.ts';
import { pauseBefore } from './pause.ts';
import { placeOf } from './place.ts';
import type { RedisAddress } from '../../core/policy-types.ts';

/** Called when the connection changes. */
export interface Listeners {
  /** Commands can be sent: at first, and again after each loss. */
  readonly onReady?: () => void;
  readonly onLost?: () => void;
  /** An error for the log. */
  readonly onProblem?: (error: Error) => void;
}

/** The longest that a command may take, in milliseconds. */
export const commandTimeout = 2 * second;
/** How long a server that was left may take to close its side; one that hangs never does. */
const farewellMs = 250;

/** The options of a connection. @throws Error when one of the files cannot be read, or the URL has another scheme. */
export async function redisOptions(address: RedisAddress): Promise<RedisOptions> {
  return { ...behaviour, ...(await placeOf(address)) };
}

const behaviour: RedisOptions = {
  commandTimeout,
  connectTimeout: commandTimeout,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  sentinelCommandTimeout: commandTimeout,
  disconnectTimeout: farewellMs,
  retryStrategy: pauseBefore,
  sentinelRetryStrategy: pauseBefore,
  reconnectOnError: (error) => /^(?:READONLY|NOREPLICAS|MOVED|CLUSTERDOWN) /.test(error.message), // rule 4
  protocol: 2,
  disableClientInfo: true,
  lazyConnect: true,
};

/** The connections that were left. */
const left = new WeakSet<Redis>();

/** Ends a connection for good. */
export function leaveRedis(redis: Redis): void {
  left.add(redis);
  redis.disconnect();
}

/** Connects, and reconnects after each loss until `leaveRedis` is called. */
export function connectRedis(options: RedisOptions, listeners: Listeners = {}): Redis {
  const redis = new Redis({ ...options, replyMapping: 'legacy' });
  let ready = false;
  redis.on('error', (error: Error) => listeners.onProblem?.(bare(error)));
  redis.on('ready', () => {
    ready = true;
    listeners.onReady?.();
  });
  redis.on('close', () => {
    if (ready) listeners.onLost?.();
    ready = false;
  });
  for (const name of Object.keys(scripts) as ScriptName[]) redis.defineCommand(name, { lua: scriptText(name) });
  const connect = (): void => {
    if (!left.has(redis)) redis.connect().catch(() => undefined); // the 'error' event reports it, and the library tries again
  };
  redis.on('end', () => setTimeout(connect, pauseBefore(1)).unref()); // rule 5
  connect();
  return redis;
}

/** An error that keeps only its message (rule 3). */
export function bare(error: unknown): Error {
  return new Error(Error.isError(error) ? error.message : 'redis failed');
}

/** Resolves once commands can be sent. Rejects when the signal aborts or the connection was closed for good. */
export function whenReady(redis: Redis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      redis.off('ready', ready).off('end', ended);
      signal.removeEventListener('abort', aborted);
      done();
    };
    const ready = (): void => settle(resolve);
    const ended = (): void => settle(() => reject(new Error('the connection to redis was closed')));
    const aborted = (): void => settle(() => reject(signal.reason as Error));
    redis.on('ready', ready).on('end', ended);
    signal.addEventListener('abort', aborted);
    if (redis.status === 'ready') ready();
    else if (redis.status === 'end') ended();
    else if (signal.aborted) aborted();
  });
}

type Script = (count: number, ...parts: readonly (string | number)[]) => Promise<unknown>;

/** Runs one of our scripts by its name. */
export function runScript(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  ...args: readonly (string | number)[]
): Promise<unknown> {
  const script = (redis as unknown as Record<ScriptName, Script>)[name];
  return script.call(redis, keys.length, ...keys, ...args);
}
