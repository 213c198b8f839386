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
let dave: Person;
let live: readonly Pick<Inside, 'terminal'>[];

beforeAll(async () => {
  set = made.use(
    await sentinelSet(['user tmux-gate on nopass ~* &* +@all'], { here: `${network}.1`, there: `${network}.2` }),
  );
  const redis = { url: `redis://tmux-gate@${primaryName}`, sentinels: set.sentinels };
  ({ near, far } = made.use(await openFleet(redis, ['tgv', 'tgw'], { carol: ['engineers'], dave: ['engineers'] })));
  carol = near.people['carol'] ?? near.people.alice;
  dave = near.people['dave'] ?? near.people.alice;
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

const of = (event: string, { login }: Person): number =>
  journal(near.layout).filter((one) => one.event === event && one['login'] === login).length;
/** How often alice's were ended. */
const ended = (): number => of('disconnected', near.people.alice);

/** Everybody is connected, and what each of them types arrives. One by one: they share a shell. */
async function expectAllLive(): Promise<void> {
  expect(ended()).toBe(0);
  expect(connections(near.layout).filter(({ who }) => who.login === near.people.alice.login)).toHaveLength(most);
  looks += 1;
  for (const [at, { terminal }] of live.entries()) {
    const arrived = terminal.until(`<${looks}-${at + 40}>`);
    terminal.type(`echo "<${looks}-$((${at} + 40))>"\r`);
    await arrived;
  }
}
let looks = 0;

/** Somebody asks at one host, and bob approves at the other. */
async function enters(person: Person): Promise<{ readonly terminal: Terminal; readonly request: string }> {
  const before = of('connected', person);
  const waiting = await requestAccess(person, { window: '30m' });
  expect((await say(far.people.bob, ['approve', waiting.request], near.people.bob)).code).toBe(0);
  await waiting.terminal.until(shellPrompt);
  expect(of('connected', person)).toBe(before + 1);
  return waiting;
}

const asBob = async (...words: readonly string[]): Promise<string> =>
  (await say(far.people.bob, words, near.people.bob)).stdout;
/** What a change says until a replica has it in time, which a busy machine may not. @param change it anew, and tells what was said */
const onMore = async (change: () => Promise<string>): Promise<boolean> =>
  eventually('it stands on more than one server', async () => /It stands on [23] Redis servers/.test(await change()));

async function revoked(): Promise<string> {
  const { terminal, request } = await enters(carol);
  const said = await asBob('revoke', request);
  expect(said).toMatch(/box-near: confirmed\.\s+It stands on (?:[23] Redis servers|one Redis server only)/);
  expect((await terminal.exit).code).toBe(77);
  return said;
}

async function locked(): Promise<string> {
  const said = await asBob('lock', carol.login, '--reason', 'look');
  expect(said).toMatch(/box-far: confirmed\.[^]*box-near: confirmed\./);
  expect(await asBob('unlock', carol.login)).toMatch(/box-far: confirmed\.[^]*box-near: confirmed\./);
  return said;
}

/** Somebody who comes again and again until the signal aborts. @returns what each attempt printed */
async function comesAgain(person: Person, signal: AbortSignal): Promise<readonly string[]> {
  const printed: string[] = [];
  while (!signal.aborted) {
    const terminal = person.ssh(['-t', 'prod-db', '--for 30m --reason INC-1 look']);
    await Promise.race([terminal.exit, terminal.until(/Waiting/).catch(() => undefined)]);
    terminal.kill();
    await terminal.exit;
    printed.push(terminal.text);
  }
  return printed;
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
])(
  'a primary that is $name: nobody is cut off, and the next one gives access',
  async ({ away, back }) => {
    await set.whole();
    const { terminal: over, request: first } = await enters(dave);
    expect(await asBob('revoke', first)).toContain('box-near: confirmed.');
    expect((await over.exit).code).toBe(77);
    const before = [carol, dave].map((person) => of('connected', person));
    const old = await set.primary();
    await away(old);
    // Nobody is let in whom nobody approved, whatever they meet: no answer, the old primary, or the new one, where they may ask.
    const done = new AbortController();
    const outside = [carol, dave].map(async (person) => comesAgain(person, done.signal));
    try {
      await set.failedOver(old);
      for (const host of [near, far]) await reachable(host);
      done.abort();
      const printed = await Promise.all(outside);
      for (const one of printed.flat()) expect(one).not.toMatch(shellPrompt);
      expect(printed.map(({ length }) => length > 0)).toEqual([true, true]);
      expect([carol, dave].map((person) => of('connected', person))).toEqual(before);
      await expectAllLive();
      await onMore(revoked);
      await onMore(locked);
    } finally {
      done.abort();
      await back(old);
    }
    await set.whole();
    await expectAllLive();
  },
  240_000,
);

test.each([
  ['goes on', async () => Promise.resolve()],
  [
    'was started anew before that',
    async () => {
      await far.keeper.stop();
      await far.keeper.start();
    },
  ],
])(
  'a revocation that only the old primary had ends the access, where the host that made it %s',
  async (_, meanwhile) => {
    await set.whole();
    const { terminal, request } = await enters(carol);
    const old = await set.primary();
    const replicas = set.servers.filter((one) => one !== old);
    near.keeper.kill('SIGSTOP');
    for (const one of replicas) one.stop();
    // What is in their sockets already would still be read when they go on.
    for (const type of ['replica', 'normal']) await old.cli('client', 'kill', 'type', type);
    await reachable(far);
    const said = await asBob('revoke', request);
    expect(said).toMatch(/box-near: NOT CONFIRMED[^]*It stands on one Redis server only/);
    await meanwhile();
    await reachable(far);
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
    await expectAllLive();
  },
  180_000,
);
