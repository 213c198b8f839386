// A Redis that fails over under two hosts: a primary with two replicas and three Sentinels, and 50 live connections (docs/store.md; threat
// H9). The primary has a network of its own, so that it can be cut off.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { openFleet, say } from '../harness/fleet.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { comeBack, connections, journal, type Inside } from '../harness/inside.ts';
import { primaryName, sentinelSet, type SentinelSet, type Server } from '../../scripts/sandbox/redis-servers.ts';
import { requestAccess, shellPrompt } from '../harness/visits.ts';

const most = 50;
/** Of this run of the tests (tests/harness/inside.ts): another one on this machine would take the address away when it ends. */
const network = `10.213.${String((process.env['TMUX_GATE_PLACE'] ?? 't').charCodeAt(0))}`;
let set: SentinelSet;
const made = new AsyncDisposableStack();
let near: Host;
let far: Host;
let carol: Person;
let live: readonly Pick<Inside, 'terminal'>[];

beforeAll(async () => {
  set = made.use(
    await sentinelSet(['user tmux-gate on nopass ~* &* +@all'], { here: `${network}.1`, there: `${network}.2` }),
  );
  const redis = { url: `redis://tmux-gate@${primaryName}`, sentinels: set.sentinels };
  ({ near, far } = made.use(await openFleet(redis, ['tgv', 'tgw'], { carol: ['engineers'] })));
  carol = near.people['carol'] ?? near.people.alice;
  live = await crowd();
}, 300_000);
afterAll(async () => made.disposeAsync(), 60_000);

/** One approved connection, and as many more under the same grant. */
async function crowd(): Promise<readonly Pick<Inside, 'terminal'>[]> {
  const { alice, bob } = near.people;
  const { terminal, request } = await requestAccess(alice, { window: '1h' });
  expect((await say(bob, ['approve', request])).code).toBe(0);
  await terminal.until(shellPrompt);
  const all: Pick<Inside, 'terminal'>[] = [{ terminal }];
  while (all.length < most) all.push(await comeBack(near, alice));
  return all;
}

const reachable = async (host: Host): Promise<void> => {
  await eventually('the keeper is connected', async () => (await host.cli(['requests'])).code === 0, 60_000);
};

const ended = (): number => journal(near.layout).filter(({ event }) => event === 'disconnected').length;

/** Everybody is connected, and what they type arrives. */
async function expectAllLive(before: number): Promise<void> {
  expect(ended()).toBe(before);
  expect(connections(near.layout)).toHaveLength(most);
  const [first] = live;
  first?.terminal.type('echo still-$((40 + 2))\r');
  await first?.terminal.until('still-42');
}

/** Carol asks at one host, and bob approves at the other. */
async function carolEnters(): Promise<{ readonly terminal: Terminal; readonly request: string }> {
  const waiting = await requestAccess(carol, { window: '30m' });
  expect((await say(far.people.bob, ['approve', waiting.request], near.people.bob)).code).toBe(0);
  await waiting.terminal.until(shellPrompt);
  return waiting;
}

test('the primary that can be cut off is the first one', async () => {
  expect(await set.primary()).toBe(set.servers[0]);
});

test.each([
  {
    name: 'cut off',
    away: (server: Server) => Promise.resolve(server.cut(true)),
    back: (server: Server) => Promise.resolve(server.cut(false)),
  },
  {
    name: 'stopped',
    away: (server: Server) => Promise.resolve(server.stop()),
    back: (server: Server) => Promise.resolve(server.goOn()),
  },
  {
    name: 'killed',
    away: async (server: Server) => server.kill(),
    back: async (server: Server) => server.start(),
  },
])('a primary that is $name: nobody is cut off, and the next one gives access', async ({ away, back }) => {
  await set.whole();
  const before = ended();
  const old = await set.primary();
  await away(old);
  // Nobody is let in whom nobody approved, whatever they meet: no answer, the old primary, or the new one, where they may ask.
  const outside = carol.ssh(['-t', 'prod-db', '--for 30m --reason INC-1 look']);
  try {
    await set.failedOver(old);
    outside.kill();
    for (const host of [near, far]) await reachable(host);
    await expectAllLive(before);
    const { terminal, request } = await carolEnters();
    const revoked = await say(far.people.bob, ['revoke', request], near.people.bob);
    expect(revoked.stdout).toMatch(/box-near: confirmed\.\s+It stands on (?:[23] Redis servers|one Redis server only)/);
    expect((await terminal.exit).code).toBe(77);
  } finally {
    await back(old);
  }
  await set.whole();
  await expectAllLive(before + 1);
});

test('a revocation that only the old primary had is said again to the new one, and ends the access', async () => {
  await set.whole();
  const before = ended();
  const { terminal, request } = await carolEnters();
  const old = await set.primary();
  const replicas = set.servers.filter((one) => one !== old);
  near.keeper.kill('SIGSTOP');
  for (const one of replicas) one.stop();
  // What is in their sockets already would still be read when they go on.
  for (const type of ['replica', 'normal']) await old.cli('client', 'kill', 'type', type);
  await reachable(far);
  const revoked = await say(far.people.bob, ['revoke', request], near.people.bob);
  expect(revoked.stdout).toMatch(/box-near: NOT CONFIRMED[^]*It stands on one Redis server only/);
  far.keeper.kill('SIGSTOP');
  await old.kill();
  for (const one of replicas) one.goOn();
  const now = await set.failedOver(old);
  const grants = await now.cli('zrange', '{tmux-gate}:grants', '0', '-1');
  expect(grants).toContain(`:${carol.login}:`); // it was lost
  far.keeper.kill('SIGCONT');
  near.keeper.kill('SIGCONT');
  expect((await terminal.exit).code).toBe(77);
  await eventually('it is in the store no more', async () => {
    const left = await now.cli('zrange', '{tmux-gate}:grants', '0', '-1');
    return !left.includes(`:${carol.login}:`);
  });
  await old.start();
  await set.whole();
  await expectAllLive(before + 1);
});
