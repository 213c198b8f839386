// Checks Redis: whoever can write to it can deny service (law 8), and one that forgets data does so as well.
import { isIP } from 'node:net';
import { serverVersion, type ServerVersion } from '../adapters/redis/version.ts';
import { fail, ok, unknown, warn, type Check, type Finding } from './check.ts';
import { NotInspectable } from './not-inspectable.ts';
import type { RedisFacts } from './redis-facts.ts';
import { faultFindings, redisFaults } from './tools.ts';

type Judge = (facts: RedisFacts) => Finding | Promise<readonly Finding[]>;

/** A check of what Redis reported. Where it does not answer, only redis-answers says so; the others are `unknown`. */
function told(id: string, about: string, judge: Judge): Check {
  return {
    id,
    about,
    look: async (scene) => {
      const facts = await scene.redis();
      if (facts.down !== undefined) throw new NotInspectable('Redis does not answer', 'see the check redis-answers');
      const found = await judge(facts);
      return Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding];
    },
  };
}

const answers: Check = {
  id: 'redis-answers',
  about: 'Redis answers: without it nobody gets new access',
  look: async (scene) => {
    const { down, url } = await scene.redis();
    const embedded = (await scene.config()).redis.kind === 'embedded';
    const remedy = embedded
      ? 'the keeper runs it: systemctl status tmux-gate'
      : 'look at the address, the password and the network';
    return [
      down === undefined
        ? ok(url.protocol === 'unix:' ? 'over its socket' : `at ${url.host}`)
        : fail(`Redis does not answer: ${down}`, remedy),
    ];
  },
};

/** A field of INFO. @throws NotInspectable where Redis does not tell it: a managed service may keep it to itself, and that is no fault. */
function fieldOf(info: RedisFacts['info'], name: string): string {
  const is = info.get(name);
  if (is === undefined)
    throw new NotInspectable(
      `Redis does not tell ${name} (INFO)`,
      'look at the settings of the service, or allow +info',
    );
  return is;
}

/** Judges the difference of the clocks of Redis and this host, in milliseconds. */
export function skewFinding(ms: number): Finding {
  const off = Math.abs(ms);
  if (off <= 1_000) return ok(`the clocks differ by ${off} ms`);
  const why = `the clocks of this host and of Redis differ by ${(off / 1000).toFixed(1)} s`;
  const remedy = 'set both hosts to one time source; from 5 s on nobody gets access';
  return off > 5_000 ? fail(why, remedy) : warn(why, remedy);
}

const durable = told('redis-durable', 'Redis keeps its data over a restart (`appendonly yes`)', ({ info }) =>
  fieldOf(info, 'aof_enabled') === '1'
    ? ok('appendonly is on')
    : warn('Redis loses its data at a restart: grants end and requests are lost', 'set "appendonly yes" in redis.conf'),
);

const eviction = told(
  'redis-eviction',
  '`maxmemory-policy noeviction`: Redis does not drop grants and locks when memory is short',
  ({ info }) => {
    const is = fieldOf(info, 'maxmemory_policy');
    return is === 'noeviction'
      ? ok('nothing is dropped')
      : fail(
          `Redis drops keys when memory is short (maxmemory-policy ${is})`,
          'set "maxmemory-policy noeviction" in redis.conf, and CONFIG SET it',
        );
  },
);

const master = told(
  'redis-master',
  'this is the master: a replica may still have grants that were revoked',
  ({ info }) => {
    const is = fieldOf(info, 'role');
    return is === 'master'
      ? ok('master')
      : fail(
          `the policy names a ${is === 'slave' ? 'replica' : `server of role ${is}`}`,
          'name the master in the policy',
        );
  },
);

/**
 * Judges whether a server that may take over has what this one acknowledged.
 * @param wants whether it takes writes only with a replica; undefined where that is not told
 */
export function replicasFinding(count: number, wants: boolean | undefined): Finding {
  if (count === 0)
    return fail('no replica is connected: none can take over', 'look at the replicas, and at INFO replication');
  const is = `${count} replica${count === 1 ? '' : 's'}`;
  if (wants) return ok(`${is}, of which one must have heard of it (min-replicas-to-write)`);
  if (wants === undefined)
    return unknown(
      `${is}; Redis does not tell whether it takes writes without one (min-replicas-to-write)`,
      'look at the settings of the service: writes that only a primary has may be lost with it',
    );
  const why = `a primary that is cut off takes writes that are lost later (${is})`;
  return warn(why, 'set "min-replicas-to-write 1" on each of them');
}

/**
 * Whether `min-replicas-to-write` is set. INFO has a field for it only then; a managed service has none whatever it does, and nobody can
 * set it there. Such a service shows no file of settings (ElastiCache: `config_file:-`); a server without one shows an empty name.
 */
function wantsReplica(info: RedisFacts['info']): boolean | undefined {
  if (info.has('min_slaves_good_slaves')) return true;
  return /^(?:\/.*)?$/.test(info.get('config_file') ?? '-') ? false : undefined;
}

const replicas = told(
  'redis-replicas',
  'with Sentinels or a Cluster: a replica can take over, and a primary without one takes no writes (`min-replicas-to-write 1`)',
  ({ info, replicated }) =>
    replicated
      ? replicasFinding(Number(fieldOf(info, 'connected_slaves')), wantsReplica(info))
      : ok('one server, by the policy'),
);

/** The finding for a server that is too old. */
export function tooOld({ name, version: is, least }: ServerVersion): Finding {
  const why = `${name} ${is === '' ? 'of an unknown version' : is} is too old: no grant can be made`;
  return fail(why, `install ${name} ${least} or later`);
}

const version = told(
  'redis-version',
  'the server that answers is Redis 7.0 or Valkey 7.2, or later, and has no known fault (CVE-2025-49844)',
  async ({ info, url }) => {
    const server = serverVersion(info);
    if (server.version === '') fieldOf(info, 'redis_version');
    if (!server.serves) return [tooOld(server)];
    if (server.name === 'Valkey') return [ok(`Valkey ${server.version}`)];
    const is = server.version;
    if (url.protocol === 'unix:') return [ok(`Redis ${is}; see tool-redis`)];
    const open = await faultFindings('Redis', is, redisFaults);
    return open.length > 0 ? open : [ok(`Redis ${is}`)];
  },
);

/** Judges how many connections are open, of how many that Redis takes: each keeper holds two, and none is left for the next one at the limit. */
export function clientsFinding(open: number, most: number): Finding {
  const is = `${open} of at most ${most} connections are open (maxclients)`;
  const remedy = 'raise maxclients: two for each host, and as many again while all of them come back';
  if (open >= most * 0.8) return warn(is, remedy);
  return Number.isNaN(open + most) ? unknown(is) : ok(is);
}

const clients = told(
  'redis-clients',
  'Redis takes more connections (`maxclients`): each keeper holds two',
  ({ info }) => clientsFinding(Number(fieldOf(info, 'connected_clients')), Number(fieldOf(info, 'maxclients'))),
);

const isLocal = (url: URL): boolean => {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return (
    url.protocol === 'unix:' || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  );
};

/** Whether Redis needs a password. Whoever reaches an open one can withdraw and hide grants, and fill it. */
export function aclFinding({ url, acl, password }: Pick<RedisFacts, 'url' | 'acl' | 'password'>): Finding {
  if (url.protocol === 'unix:') return ok('a socket; files-redis checks its owner and mode');
  const open = acl?.some((user) => /^user default on\b.*\bnopass\b/.test(user)) ?? !password;
  const remedy = 'switch the user default off, give tmux-gate a user of its own with a password_file';
  if (open) return (isLocal(url) ? warn : fail)('Redis asks for no password', remedy);
  const wide = acl?.some((user) => /^user default on\b/.test(user)) ?? false;
  return wide ? warn('tmux-gate shares Redis with the user default', remedy) : ok('a password is needed');
}

const acl = told('redis-acl', 'nobody reaches Redis without a password', aclFinding);

const tls: Check = {
  id: 'redis-tls',
  about: 'a Redis on another host is reached by TLS (`rediss:`): password, names and reasons are encrypted on the way',
  look: async (scene) => {
    const { redis } = await scene.config();
    const url = redis.kind === 'url' ? new URL(redis.url) : undefined;
    if (url === undefined || isLocal(url)) return [ok('it is on this host')];
    return [
      url.protocol === 'rediss:'
        ? ok('by TLS')
        : fail(`${url.host} is reached without TLS`, 'write rediss: in the policy, with TLS on at the server'),
    ];
  },
};

export const redisChecks: readonly Check[] = [
  answers,
  told('redis-clock', "Redis' clock and this host's differ by less than a second", ({ skewMs }) => skewFinding(skewMs)),
  durable,
  eviction,
  master,
  replicas,
  version,
  clients,
  acl,
  tls,
];
