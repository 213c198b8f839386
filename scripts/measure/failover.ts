// Measures a Redis that fails over under many live connections, on two hosts of its own (docs/store.md; threat H9): a primary with two
// replicas and three Sentinels, which is cut off, stopped and killed.
import { openFleet, type Fleet } from '../sandbox/fleet.ts';
import type { Host } from '../sandbox/host.ts';
import type { Person } from '../sandbox/person.ts';
import { eventually } from '../sandbox/eventually.ts';
import { primaryName, sentinelSet, type SentinelSet, type Server } from '../sandbox/redis-servers.ts';
import { Client } from './client.ts';
import { connectionsOf, firstFrame, letIn, letInOnce } from './inside.ts';
import type { Figures } from './report.ts';

export interface FailoverRounds {
  /** Connections that are live meanwhile. */
  readonly failoverLive: number;
  /** Revocations that are lost with the old primary. */
  readonly failoverRevocations: number;
}

type Act = (server: Server) => unknown;

/** How a primary goes away, and comes back. */
const faults: readonly { readonly away: Act; readonly back: Act }[] = [
  { away: (server) => server.cut(true), back: (server) => server.cut(false) },
  { away: (server) => server.stop(), back: (server) => server.goOn() },
  { away: async (server) => server.kill(), back: async (server) => server.start() },
];

/** What is measured on. */
interface Scene extends Fleet {
  readonly set: SentinelSet;
  readonly carol: Person;
}

export async function measureFailover({ failoverLive, failoverRevocations }: FailoverRounds): Promise<Figures> {
  await using made = new AsyncDisposableStack();
  const link = { here: '10.213.8.1', there: '10.213.8.2' };
  const set = made.use(await sentinelSet(['user tmux-gate on nopass ~* &* +@all'], link));
  const redis = { url: `redis://tmux-gate@${primaryName}`, sentinels: set.sentinels };
  const people = { carol: ['engineers'] };
  const fleet = made.use(await openFleet({ redis, prefixes: ['benchn', 'benchf'], people }));
  const scene: Scene = { ...fleet, set, carol: fleet.near.people['carol'] ?? fleet.near.people.alice };
  const live = await crowd(fleet.near, failoverLive);
  let opened = 0;
  for (const fault of faults) opened += await failOver(scene, fault);
  const seconds: number[] = [];
  while (seconds.length < failoverRevocations) seconds.push(await loseRevocation(scene));
  // One by one: they share a shell, and what several type at once becomes one line.
  let lost = 0;
  for (const [at, client] of live.entries()) if (!(await answers(client, at))) lost += 1;
  return {
    failover_lost: lost,
    failover_opened: opened,
    failover_revoke_s: Math.max(...seconds),
  };
}

/** So many connections under one grant. */
async function crowd(host: Host, count: number): Promise<readonly Client[]> {
  const { alice } = host.people;
  await letInOnce(host, alice);
  const all: Client[] = [];
  while (all.length < count) {
    const client = new Client(alice.sshArgs(['-t', 'prod-db']));
    await client.until(firstFrame('prod-db'));
    all.push(client);
  }
  return all;
}

/** Whether what is typed into a connection arrives. Everybody sees it, since they share the session. */
async function answers(client: Client, at: number): Promise<boolean> {
  const asked = client.until(new RegExp(`<${at + 1}>`), 60_000);
  client.type(`echo "<$((${at} + 1))>"\r`);
  return asked.then(
    () => true,
    () => false,
  );
}

/** The primary goes away; somebody without a grant tries to come in meanwhile. @returns how many of theirs are attached after it */
async function failOver({ set, near, far, carol }: Scene, { away, back }: (typeof faults)[number]): Promise<number> {
  const old = await set.primary();
  await away(old);
  const outside = carol.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 bench']);
  try {
    await set.failedOver(old);
    for (const host of [near, far]) await reachable(host);
    return connectionsOf(near, carol.login);
  } finally {
    outside.kill();
    await back(old);
    await set.whole();
  }
}

const reachable = async (host: Host): Promise<unknown> =>
  eventually('the keeper is connected', async () => (await host.cli(['requests'])).code === 0);

/**
 * A revocation that only the old primary had. Neither keeper runs until a Sentinel names another one.
 * @returns seconds from when both go on until it is in force
 * @throws Error where the new primary does not have the grant: nothing was lost
 */
async function loseRevocation({ set, near, far, carol }: Scene): Promise<number> {
  const { terminal, request } = await letIn(near, carol);
  const out = terminal.exit.then(() => performance.now());
  const old = await set.primary();
  const replicas = set.servers.filter((one) => one !== old);
  const goOn = (): void => {
    for (const one of replicas) one.goOn();
    for (const host of [near, far]) host.keeper.kill('SIGCONT');
  };
  near.keeper.kill('SIGSTOP');
  try {
    for (const one of replicas) one.stop();
    // What is in their sockets already would still be read when they go on.
    for (const type of ['replica', 'normal']) await old.cli('client', 'kill', 'type', type);
    await reachable(far);
    await far.cli(['revoke', request]);
    far.keeper.kill('SIGSTOP');
    await old.kill();
    for (const one of replicas) one.goOn();
    const grants = await grantsOf(await set.named(old));
    if (!grants.includes(`:${carol.login}:`)) throw new Error(`the revocation of ${request} was not lost: ${grants}`);
    const began = performance.now();
    goOn();
    const seconds = ((await out) - began) / 1000;
    await set.failedOver(old);
    return seconds;
  } finally {
    goOn();
    await old.start();
    await set.whole();
  }
}

/** The keys of its grants. */
const grantsOf = async (server: Server): Promise<string> => {
  const keys = (await server.cli('zrange', '{tmux-gate}:grants', '0', '-1')).split('\n');
  const there = await Promise.all(keys.map(async (key) => ((await server.cli('exists', key)) === '1' ? [key] : [])));
  return there.flat().join('\n');
};
