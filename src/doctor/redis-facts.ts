// Reads what Redis reports about itself, once, over one connection and only by PING, TIME, INFO and ACL LIST.
import { bare, connectRedis, leaveRedis, redisOptions } from '../adapters/redis/connect.ts';
import { parseInfo } from '../adapters/redis/version.ts';
import { isReplicated } from '../adapters/redis/place.ts';
import type { Config } from '../core/policy-types.ts';
import type { Layout } from '../wire/layout.ts';
import { NotInspectable } from './not-inspectable.ts';

/** What Redis reports about itself. */
export interface RedisFacts {
  readonly url: URL;
  /** Why it does not answer; undefined when it does. */
  readonly down?: string;
  /** The clock of Redis minus ours in milliseconds, with half of the round trip taken off. */
  readonly skewMs: number;
  /** The fields of INFO, by name; none where we may not read it (managed services, and users without +info). */
  readonly info: ReadonlyMap<string, string>;
  /** The lines of ACL LIST; undefined where we may not read it. */
  readonly acl: readonly string[] | undefined;
  readonly password: boolean;
  /** Whether Sentinels or a Cluster may put a replica in its place. */
  readonly replicated: boolean;
}

const answerMs = 5_000;
type Ask = (name: string, ...words: readonly string[]) => Promise<unknown>;

/** Connects and reads. An unreachable Redis is no error: see `down`. @throws NotInspectable when its password cannot be read. */
export async function readRedis({ redis: policy }: Config, { redisRun }: Layout): Promise<RedisFacts> {
  const address = policy.kind === 'embedded' ? { url: `unix:${encodeURI(`${redisRun}/sock`)}` } : policy;
  const password = policy.kind === 'url' && policy.passwordFile !== undefined;
  const known = { url: new URL(address.url), password, replicated: isReplicated(address) };
  const options = await redisOptions(address).catch((error: unknown) => {
    throw new NotInspectable(`the password of Redis cannot be read (${bare(error).message})`);
  });
  let problem = `it does not answer within ${answerMs / 1000} s`;
  const ready = Promise.withResolvers<undefined>();
  const redis = connectRedis(options, {
    onReady: () => ready.resolve(undefined),
    onProblem: (error) => {
      problem = error.message;
      ready.reject(error);
    },
  });
  const timer = setTimeout(() => ready.reject(new Error(problem)), answerMs);
  try {
    await ready.promise;
    return { ...known, ...(await factsOf(async (name, ...words) => redis.call(name, ...words))) };
  } catch (error) {
    return { ...known, down: bare(error).message, skewMs: 0, info: new Map(), acl: undefined };
  } finally {
    clearTimeout(timer);
    leaveRedis(redis);
  }
}

async function factsOf(ask: Ask): Promise<Pick<RedisFacts, 'skewMs' | 'info' | 'acl'>> {
  await ask('PING');
  const before = Date.now();
  const [seconds = '0', micros = '0'] = (await ask('TIME')) as string[];
  const middle = (before + Date.now()) / 2;
  const info = await ask('INFO').then(
    (text) => parseInfo(String(text)),
    () => parseInfo(''),
  );
  const acl = await ask('ACL', 'LIST').then(
    (list) => list as string[],
    () => undefined,
  );
  return { skewMs: Math.round(Number(seconds) * 1000 + Number(micros) / 1000 - middle), info, acl };
}
