// Fuzzes the store: whatever somebody writes into Redis, the keeper neither crashes nor accepts it (law 8).
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { createHash } from 'node:crypto';
import { account } from '../sandbox/accounts.ts';
import { openKeys, type Keys, type Kind } from '../../src/adapters/keys.ts';
import { openFuzzHost, type FuzzHost } from './fuzz-host.ts';
import { edit, edited, json, mutated, wild, type Edit } from './mutation.ts';
import { grant, hello, request, review, signIn } from './samples.ts';
import { bench, must, type Bench, type Target } from './target.ts';

type Slot = 'grant' | 'request' | 'sign-in' | 'index' | 'requests' | 'events' | 'wild';

/** A value to write into Redis. */
interface Plant {
  readonly slot: Slot;
  readonly kind: Kind;
  readonly edits: readonly Edit[];
  readonly text: string;
  readonly type: 'string' | 'hash' | 'list' | 'zset' | 'stream';
  readonly ttl: number | undefined;
  readonly name: string;
}

const kinds = ['grant', 'request', 'review', 'sign-in'] as const;
const events = [
  'requested',
  'reviewed',
  'granted',
  'revoked',
  'locked',
  'confirmed',
  'tombstone',
  'settled',
  'extended',
];
const plant: fc.Arbitrary<Plant> = fc
  .record({
    slot: fc.constantFrom<Slot[]>(
      'grant',
      'grant',
      'request',
      'request',
      'sign-in',
      'index',
      'requests',
      'events',
      'wild',
    ),
    kind: fc.constantFrom(...kinds),
    edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
    text: fc.oneof(
      mutated(['K7QF2M', 'AZPT0Y3FCS', '001 x', 'pending', 'approved', '1e30']),
      json.map(String),
      wild(40),
    ),
    type: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'string' as const,
          'hash' as const,
          'list' as const,
          'zset' as const,
          'stream' as const,
        ),
      },
    ),
    ttl: fc.oneof(
      fc.integer({ min: 2_000, max: 3_600_000 }),
      fc.constantFrom(undefined, 1, 9e15 - Date.now(), 8.64e15 - Date.now()),
    ),
    name: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('alice', 'K7QF2M', 'AZPT0Y3FCS') },
      { weight: 1, arbitrary: wild(20) },
    ),
  })
  .map(({ type, slot, ...rest }) => ({ ...rest, slot, type: type ?? usual[slot] }));

const usual: Readonly<Record<Slot, Plant['type']>> = {
  ...{
    grant: 'string',
    request: 'hash',
    'sign-in': 'string',
    index: 'zset',
    requests: 'zset',
    events: 'stream',
    wild: 'string',
  },
};

const prefix = '{tmux-gate}:';

interface Setting {
  readonly redis: Redis;
  readonly fuzzHost: FuzzHost;
  readonly login: string;
  readonly tokens: ReadonlyMap<Kind, string>;
}

const hostName = 'prod-box';

async function tokensOf(keys: Keys): Promise<ReadonlyMap<Kind, string>> {
  const now = Date.now();
  const payloads = {
    ...{ grant: grant('AZPT0Y3FCS', hostName, now), request: request('K7QF2M', hostName, now) },
    ...{ review: review('K7QF2M', hostName, now), 'sign-in': signIn(hostName, now) },
  };
  return new Map(await Promise.all(kinds.map(async (kind) => [kind, await keys.sign(kind, payloads[kind])] as const)));
}

function keyOf({ slot, name }: Plant, login: string): string {
  const print = createHash('sha256').update('').digest('base64url');
  switch (slot) {
    case 'grant':
      return `${prefix}grant:${hostName}:prod-db:${name === 'alice' ? login : name}:AZPT0Y3FCS`;
    case 'request':
      return `${prefix}request:${name}`;
    case 'sign-in':
      return `${prefix}sign-in:${hostName}:${login}:${print}`;
    case 'index':
      return `${prefix}grants:${hostName}`;
    case 'requests':
      return `${prefix}requests`;
    case 'events':
      return `${prefix}events`;
    case 'wild':
      return `${prefix}${name}`;
  }
}

/** Writes a value, unless Redis refuses it. @returns its key, to be removed afterwards */
async function put({ redis, tokens, login }: Setting, one: Plant): Promise<string> {
  const key = keyOf(one, login);
  const genuine = tokens.get(one.kind) ?? '';
  const changed = edited(genuine, one.edits);
  // An edit may change nothing; the value must differ from what the host signed.
  const token = changed === genuine ? genuine.slice(1) : changed;
  const grantKey = keyOf({ ...one, slot: 'grant' }, login);
  const work = {
    string: async () => redis.set(key, token),
    hash: async () =>
      redis.hset(key, { jws: token, state: 'pending', [`review:${one.name}`]: `001 ${token}`, [one.text]: one.text }),
    list: async () => redis.rpush(key, token, one.text),
    zset: async () => redis.zadd(key, Date.now() + 60_000, one.name, 1, one.text, Date.now() + 60_000, grantKey),
    stream: async () =>
      redis.xadd(
        key,
        '*',
        'type',
        events[one.text.length % events.length] ?? '',
        'id',
        one.name,
        'host',
        hostName,
        'grant',
        one.text,
        one.text,
        token,
      ),
  };
  await work[one.type]().catch(() => undefined);
  if (one.ttl !== undefined && one.slot !== 'events') await redis.pexpire(key, one.ttl).catch(() => undefined);
  if (one.slot === 'request') await redis.zadd(`${prefix}requests`, Date.now(), one.name).catch(() => undefined);
  if (one.slot === 'grant')
    for (const index of ['grants', `grants:${hostName}`])
      await redis.zadd(`${prefix}${index}`, Date.now() + 60_000, key).catch(() => undefined);
  return key;
}

/** Asks the keeper as root and as a login, and checks that it shows none of the values and lets nobody in. */
async function look({ fuzzHost, login }: Setting): Promise<void> {
  // A value of a wrong type may make Redis and so the keeper refuse: whoever can write to Redis can deny service (law 8).
  for (const verb of ['grants', 'requests', 'connections'])
    must(['', '[]'].includes((await fuzzHost.ask(`${verb} --json`)).join('')), `a planted value is among the ${verb}`);
  await fuzzHost.ask('history');
  const uid = account(login).uid;
  const heard = await fuzzHost.say(fuzzHost.host.keeper.socket, [`${hello('visit', uid, login, 'requests --json')}\n`]);
  must(!heard.includes('"t":"go"'), 'somebody was let in');
  await fuzzHost.checkAlive();
}

async function open(): Promise<Bench> {
  const fuzzHost = await openFuzzHost();
  const { root, run } = fuzzHost.host.layout;
  const keys = await openKeys({ folder: `${root}/var/lib/tmux-gate/keys`, host: hostName, peers: {} });
  const redis = new Redis({ path: `${run}/redis/sock` });
  const setting = { redis, fuzzHost, login: fuzzHost.host.people.alice.login, tokens: await tokensOf(keys) };
  const feed = async (plants: readonly Plant[]): Promise<void> => {
    const keys = await Promise.all(plants.map(async (one) => put(setting, one)));
    await look(setting).finally(async () => redis.del(...keys, `${prefix}requests`, `${prefix}grants:${hostName}`));
  };
  const close = async (): Promise<void> => {
    redis.disconnect();
    await fuzzHost[Symbol.asyncDispose]();
  };
  const inputs = fc.array(plant, { minLength: 1, maxLength: 12 });
  const sizeOf = (plants: readonly Plant[]): number => plants.length;
  return bench({ inputs, feed, sizeOf, limitMs: 20_000, memory: fuzzHost.memory, finish: fuzzHost.checkEnd, close });
}

export const storeTarget: Target = { name: 'redis', host: true, share: 4, open };
