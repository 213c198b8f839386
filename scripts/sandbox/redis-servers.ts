// Redis servers outside the hosts that copy one another: a primary with replicas and Sentinels, or a Cluster. Tests kill and stop them.
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { accepts, freePort } from './sockets.ts';
import { ended } from './ended.ts';
import { eventually } from './eventually.ts';

/** One server. A server that was killed starts again with the data that it had. */
export interface Server {
  readonly address: string;
  readonly port: number;
  start(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  stop(): void;
  goOn(): void;
  /** Takes its network away, or gives it back, if it has one of its own. */
  cut(off: boolean): void;
  /** Runs redis-cli as an administrator. @throws Error when the server does not answer, or ends the connection */
  cli(...words: readonly string[]): Promise<string>;
  /**
   * Whether it takes writes; undefined when it does not say. A Sentinel that gives a server another role ends all connections to it
   * (redis.io/docs, "High availability with Redis Sentinel"), also that of who asks just then.
   */
  role(): Promise<'master' | 'slave' | undefined>;
}

/** The addresses of a network of two: that of this host, and that of a server with a network of its own. */
export interface Link {
  readonly here: string;
  readonly there: string;
}

interface ServerOptions {
  /** Lines of its configuration. */
  readonly settings: readonly string[];
  readonly sentinel?: boolean;
  /** 127.0.0.1 without it. */
  readonly link?: Link;
  /** Whether it has a network of its own, at the other end of the link. */
  readonly alone?: boolean;
}

/** A server whose files are in `folder`. */
async function serverIn(folder: string, options: ServerOptions): Promise<Server> {
  const { settings, sentinel = false, link, alone = false } = options;
  const port = await freePort();
  const address = (alone ? link?.there : link?.here) ?? '127.0.0.1';
  const words = sentinel ? ['--sentinel'] : [];
  const own = join(folder, String(port));
  const lines = [
    `port ${String(port)}`,
    `bind ${alone ? '0.0.0.0' : address}`,
    'protected-mode no',
    `dir ${folder}`,
    ...settings,
  ];
  if (!sentinel) lines.push(`appenddirname aof-${String(port)}`, `dbfilename ${String(port)}.rdb`);
  writeFileSync(`${own}.conf`, `${lines.join('\n')}\n`);
  let child: ChildProcess | undefined;
  const cli = async (...command: readonly string[]): Promise<string> => {
    const access = ['--user', 'admin', '--pass', password, '--no-auth-warning'];
    const at = ['-h', address, '-p', String(port), ...(sentinel ? [] : access)];
    const { stdout } = await promisify(execFile)('redis-cli', [...at, ...command]);
    return stdout.trim();
  };
  return {
    address,
    port,
    start: async () => {
      const command = ['redis-server', `${own}.conf`, ...words];
      child =
        alone && link !== undefined
          ? await inOwnNetwork(command, link)
          : spawn('redis-server', command.slice(1), { stdio: 'ignore' });
      await eventually('redis-server accepts', async () => accepts({ host: address, port }));
    },
    kill: async () => {
      if (child === undefined) return;
      child.kill('SIGKILL');
      await ended(child);
      child = undefined;
    },
    stop: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
    cut: (off) => {
      const inside = inNetworkOf(String(child?.pid ?? 0));
      inside('link', 'set', 'there', off ? 'down' : 'up');
      if (!off) inside('route', 'replace', `${link?.here ?? ''}/32`, 'dev', 'there', 'src', address);
    },
    cli,
    role: async () => {
      const said = await cli('role').catch(() => '');
      return said.startsWith('master') ? 'master' : said.startsWith('slave') ? 'slave' : undefined;
    },
  };
}

/** Starts a command in a network of its own, joined to this host's by a link. The link goes when the last process in it ends. */
async function inOwnNetwork(command: readonly string[], { here, there }: Link): Promise<ChildProcess> {
  const wait = ['-n', 'sh', '-c', 'read -r _ && exec "$@" </dev/null', 'sh'];
  const child = spawn('unshare', [...wait, ...command], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = String(child.pid ?? 0);
  const ours = readlinkSync('/proc/self/ns/net');
  await eventually('it has a network of its own', () => readlinkSync(`/proc/${pid}/ns/net`) !== ours);
  const name = `tg${pid}`;
  const inside = inNetworkOf(pid);
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'there', 'netns', pid);
  ip('link', 'set', name, 'up');
  ip('route', 'replace', `${there}/32`, 'dev', name, 'src', here);
  inside('address', 'add', `${there}/32`, 'dev', 'there');
  for (const each of ['lo', 'there']) inside('link', 'set', each, 'up');
  inside('route', 'add', `${here}/32`, 'dev', 'there', 'src', there);
  child.stdin.end('\n');
  return child;
}

const inNetworkOf =
  (pid: string) =>
  (...words: readonly string[]): void =>
    void execFileSync('nsenter', ['-t', pid, '-n', 'ip', ...words]);
const ip = (...words: readonly string[]): void => void execFileSync('ip', words);

const password = 'the-servers-own';
/** Each server knows the administrator, as whom the others copy it, and whoever the test adds. */
const usersOf = (users: readonly string[]): readonly string[] => [`user admin on >${password} ~* &* +@all`, ...users];
const base = ['save ""', 'appendonly yes', 'masteruser admin', `masterauth ${password}`, 'repl-diskless-sync-delay 0'];

/** One primary, two replicas and three Sentinels. */
export interface SentinelSet extends AsyncDisposable {
  /** The `sentinels` of a policy. */
  readonly sentinels: readonly string[];
  readonly servers: readonly Server[];
  readonly watching: readonly Server[];
  /** The server that the Sentinels name now. */
  primary(): Promise<Server>;
  /** Waits until the first of the Sentinels names another server. */
  named(instead: Server): Promise<Server>;
  /** Waits until all Sentinels name another server, and that one has taken over. */
  failedOver(from: Server): Promise<Server>;
  /** Waits until two replicas follow the primary. */
  whole(): Promise<void>;
}

/** The name that the Sentinels give the primary. */
export const primaryName = 'tmux-gate';

/**
 * Starts a set.
 * @param users lines of an ACL for the servers, beside the administrator
 * @param link the first primary has a network of its own, of which the others are cut off when it is
 */
export async function sentinelSet(users: readonly string[] = [], link?: Link): Promise<SentinelSet> {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-set-'));
  const here = link === undefined ? {} : { link };
  if (link !== undefined) ip('address', 'replace', `${link.here}/32`, 'dev', 'lo');
  const first = await serverIn(folder, { settings: [...usersOf(users), ...base], ...here, alone: link !== undefined });
  const servers = [first];
  while (servers.length < 3) {
    const follows = `replicaof ${first.address} ${String(first.port)}`;
    servers.push(await serverIn(folder, { settings: [...usersOf(users), ...base, follows], ...here }));
  }
  for (const server of servers) await server.start();
  const watching: Server[] = [];
  while (watching.length < 3)
    watching.push(await serverIn(folder, { settings: watch(first), sentinel: true, ...here }));
  for (const server of watching) await server.start();
  const namedBy = async (one: Server): Promise<Server> => {
    const said = await one.cli('sentinel', 'get-master-addr-by-name', primaryName);
    const found = servers.find(({ port }) => port === Number(said.split('\n')[1]));
    if (found === undefined) throw new Error(`the Sentinels name nobody: ${said}`);
    return found;
  };
  const primary = async (): Promise<Server> => namedBy(watching[0] ?? first);
  const set: SentinelSet = {
    sentinels: watching.map(({ address, port }) => `${address}:${String(port)}`),
    servers,
    watching,
    primary,
    named: async (instead) =>
      eventually('a Sentinel names another server', async () =>
        (await Promise.all(watching.map(namedBy))).find((one) => one !== instead),
      ),
    failedOver: async (from) =>
      eventually('another server takes over', async () => {
        const [now = from, ...others] = await Promise.all(watching.map(namedBy));
        // Each of them tells the hosts, which leave their connection then.
        const agreed = now !== from && others.every((other) => other === now);
        return agreed && (await now.role()) === 'master' ? now : undefined;
      }),
    whole: async () => {
      await eventually('two replicas follow', async () => {
        const info = await (await primary()).cli('info', 'replication').catch(() => '');
        return (info.match(/state=online/g) ?? []).length === 2;
      });
      await eventually('the Sentinels know both', async () => {
        const said = await Promise.all(watching.map(async (one) => one.cli('sentinel', 'master', primaryName)));
        return said.every((text) => /\nnum-slaves\n2\n/.test(text) && /\nnum-other-sentinels\n2\n/.test(text));
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of [...watching, ...servers]) await server.kill();
      if (link !== undefined) ip('address', 'del', `${link.here}/32`, 'dev', 'lo');
      rmSync(folder, { recursive: true });
    },
  };
  await set.whole();
  return set;
}

/** The settings of a Sentinel (sentinel.conf). */
const watch = ({ address, port }: Server): readonly string[] => [
  `sentinel monitor ${primaryName} ${address} ${String(port)} 2`,
  `sentinel auth-user ${primaryName} admin`,
  `sentinel auth-pass ${primaryName} ${password}`,
  `sentinel down-after-milliseconds ${primaryName} 4000`,
  `sentinel failover-timeout ${primaryName} 5000`,
];

/** Three primaries with a replica each. */
export interface Cluster extends AsyncDisposable {
  readonly servers: readonly Server[];
  /** The server that has a slot now, by what a server that runs says. */
  owner(slot: number): Promise<Server>;
  /** Waits until each server knows all, and each replica follows. */
  whole(): Promise<void>;
}

/** Starts a Cluster. @param users lines of an ACL, beside the administrator */
export async function cluster(users: readonly string[] = []): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const servers: Server[] = [];
  while (servers.length < 6) {
    const bus = String(await freePort());
    const settings = ['cluster-enabled yes', 'cluster-node-timeout 2000', 'cluster-require-full-coverage no'];
    const own = [`cluster-port ${bus}`, `cluster-config-file nodes-${bus}.conf`];
    servers.push(await serverIn(folder, { settings: [...usersOf(users), ...base, ...settings, ...own] }));
  }
  for (const server of servers) await server.start();
  const addresses = servers.map(({ port }) => `127.0.0.1:${String(port)}`);
  await servers[0]?.cli('--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes');
  const isWhole = async (server: Server): Promise<boolean> =>
    /cluster_state:ok[^]*cluster_known_nodes:6/.test(await server.cli('cluster', 'info')) &&
    !/fail|handshake/.test(await server.cli('cluster', 'nodes')) &&
    /connected_slaves:1|master_link_status:up/.test(await server.cli('info', 'replication'));
  const whole = async (): Promise<void> => {
    await eventually('the Cluster is whole', async () => (await Promise.all(servers.map(isWhole))).every(Boolean));
  };
  await whole();
  return {
    servers,
    whole,
    owner: async (slot) => {
      for (const server of servers) {
        const said = await server.cli('cluster', 'shards').catch(() => undefined);
        const found = said === undefined ? undefined : ownerIn(said, slot, servers);
        if (found !== undefined) return found;
      }
      throw new Error('no server has the slot');
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) await server.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Reads CLUSTER SHARDS as redis-cli prints it: `slots` with the first and last of each range; then each server with its port, role and health. */
function ownerIn(said: string, slot: number, servers: readonly Server[]): Server | undefined {
  for (const shard of said.split(/^slots\n/m).slice(1)) {
    const [ranges = ''] = shard.split('nodes\n');
    if (![...ranges.matchAll(/^(\d+)\n(\d+)\n/gm)].some(([, from, to]) => Number(from) <= slot && slot <= Number(to)))
      continue;
    for (const node of shard.split(/^id\n/m).slice(1)) {
      const port = Number(/^port\n(\d+)/m.exec(node)?.[1]);
      if (/^role\nmaster\n/m.test(node) && /^health\nonline/m.test(node))
        return servers.find((one) => one.port === port);
    }
  }
  return undefined;
}
