// The embedded Redis answers, and what it answers is wrong: emptied, an old copy, read-only, full, its disk failing.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { must } from '../../../scripts/sandbox/exec.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import type { Terminal } from '../../../scripts/sandbox/terminal.ts';
import { answers, expectCode, expectInOrder, expectNobody, smallDisk } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { comeBack, enter, testHost, type Inside } from '../../harness/inside.ts';
import { redis } from '../../harness/store-under-test.ts';
import { seenOn } from '../../harness/refused.ts';
import { signInWhenAsked } from '../../harness/visits.ts';

let host: Host;
let alice: Person;
let carol: Person;
let data: string;

beforeAll(async () => {
  host = await testHost({ ownRedis: true, prefix: 'tgq', people: { carol: ['engineers'] } });
  ({ alice } = host.people);
  carol = host.people['carol'] ?? alice;
  data = `${host.root}/var/lib/tmux-gate/redis`;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => Promise.all([alice, carol].map(async (person) => person[Symbol.asyncDispose]())));

const pid = (): number => Number(readFileSync(`${host.layout.run}/redis.pid`, 'utf8').split(' ')[0]);
const answersPing = async (): Promise<boolean> => (await redis(host.layout, 'ping').catch(() => '')) === 'PONG';

/** Another server takes its place, on what is in the data's folder now. */
async function failOver(): Promise<void> {
  const before = pid();
  process.kill(before, 'SIGKILL');
  await eventually('another redis-server', async () => pid() !== before && (await answersPing()));
  await eventually('the keeper is connected', async () => (await host.cli(['requests'])).code === 0);
}

/** Ended, since the grant is no longer there. */
async function expectWithdrawn({ terminal }: Inside): Promise<void> {
  expect(await terminal.exit).toMatchObject({ code: 77 });
  expect(terminal.text).toContain('Your access to prod-db on prod-box was withdrawn');
  await expectNobody(host);
}

/** Asks for a window, and signs in if that comes first. */
function asks(person: Person): Terminal {
  const terminal = person.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
  void signInWhenAsked(terminal, person);
  return terminal;
}

const expectRefused = async (person: Person): Promise<void> => expectCode(await seenOn(asks(person)), 'REDIS_DOWN', 69);

test('emptied: whoever is in is out, since the grant was withdrawn, and everything can be asked for anew', async () => {
  const inside = await enter(host, alice);
  await redis(host.layout, 'flushall');
  await expectWithdrawn(inside);
  await expectInOrder(host);
});

test('law 5: failed over to an old copy: what was revoked since does not open, what was granted since is withdrawn', async () => {
  const revoked = await enter(host, alice);
  await must('cp', ['-a', data, `${data}.old`]);
  expect((await host.cli(['revoke', revoked.request])).code).toBe(0);
  await revoked.terminal.exit;
  const granted = await enter(host, carol);
  renameSync(data, `${data}.new`);
  renameSync(`${data}.old`, data);
  await failOver();
  await expectWithdrawn(granted);
  const again = asks(alice);
  const [, request] = await again.until(/Request ([0-9A-Z]{6})/);
  expect(request).not.toBe(revoked.request);
  expect((await host.cli(['grants', '--json'])).stdout).not.toContain(revoked.grant);
  again.type('q');
  await again.exit;
  rmSync(`${data}.new`, { recursive: true });
  await expectInOrder(host);
});

test.each([
  ['a replica that cannot be written', ['replicaof', '127.0.0.1', '1'], ['replicaof', 'no', 'one']],
  ['full', ['config', 'set', 'maxmemory', '1'], ['config', 'set', 'maxmemory', '256mb']],
] as const)(
  '%s: requests are refused, a live visit runs on, and a revocation bites and holds',
  async (_, harm, heal) => {
    const inside = await enter(host, carol);
    await redis(host.layout, ...harm);
    await expectRefused(alice);
    await answers(inside, 'on');
    expect((await host.cli(['revoke', inside.request])).code).toBe(0);
    expect(await inside.terminal.exit).toMatchObject({ code: 77 });
    const again = carol.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
    expectCode(await seenOn(again), 'REDIS_DOWN', 69);
    await redis(host.layout, ...heal);
    await expectInOrder(host, carol);
  },
);

test('its disk is full: requests are refused, a live visit runs on, and with room again it works by itself', async () => {
  const inside = await enter(host, alice);
  await using disk = await smallDisk(data, '8m');
  await failOver();
  disk.fill();
  await redis(host.layout, 'eval', `redis.call('set', 'ballast', string.rep('x', 200000))`, '0');
  await eventually(
    'it has noticed',
    async () => /aof_last_write_status:err/.test(await redis(host.layout, 'info')),
    15_000,
  );
  await expectRefused(carol);
  await answers(inside, 'on');
  disk.free();
  await eventually(
    'it writes again',
    async () => /aof_last_write_status:ok/.test(await redis(host.layout, 'info')),
    15_000,
  );
  const again = await comeBack(host, alice);
  await answers(again, 'back');
  await expectInOrder(host);
  await host.keeper.stop();
});
