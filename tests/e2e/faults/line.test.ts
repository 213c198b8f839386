// The line is cut in mid-session, the person's ssh is dead, or the gate itself is killed: nothing of the connection is left, the rest runs on.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import { answers, expectInOrder } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import {
  comeBack,
  connections,
  endGrants,
  enter,
  cgroupPids,
  isAlive,
  journal,
  testHost,
} from '../../harness/inside.ts';
import { shellPrompt } from '../../harness/visits.ts';

let host: Host;
let alice: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq', people: { carol: ['engineers'] } });
  ({ alice } = host.people);
  const file = `${host.root}/etc/ssh/sshd_config.d/tmux-gate.conf`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('ClientAliveInterval 15', 'ClientAliveInterval 1'));
  await host.sshd.reload();
});
afterAll(async () => host[Symbol.asyncDispose]());
// Not of the connections alone: one may be gone already, and its grant lets the next test in.
afterEach(async () => endGrants(host));

interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Nothing passes any more, and neither end is told. */
  cut(): void;
}

/** A wire between ssh and sshd. */
async function wire(): Promise<Wire> {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(host.sshd.port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from.on('error', () => undefined));
      from.on('data', (bytes: Buffer) => to.write(bytes)).on('end', () => to.end());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => ends.forEach((end) => end.pause().removeAllListeners('data')),
    [Symbol.asyncDispose]: async () => {
      ends.forEach((end) => end.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function expectGone(id: string, gate: number, why: string): Promise<void> {
  const written = (): unknown =>
    journal(host.layout).find(({ event, connection }) => event === 'disconnected' && connection === id)?.['why'];
  await eventually('it is written down', () => written() !== undefined);
  expect(written()).toBe(why);
  await eventually('its gate is gone', () => !isAlive(gate));
  expect(cgroupPids(host.layout, 'c', id)).toEqual([]);
  const known = (): boolean => connections(host.layout).some((one) => one.id === id);
  await eventually('it is forgotten, once its recording is closed', () => !known());
}

test('the wire is cut, then the ssh client hangs: each is noticed, and she comes back to the same session unasked', async () => {
  const first = await enter(host, alice);
  first.terminal.type('MARK=kept; ');
  await answers(first, 'in');
  first.terminal.type('\u0002d');
  await first.terminal.exit;
  await using cable = await wire();
  const alias = `HostKeyAlias=[127.0.0.1]:${String(host.sshd.port)}`;
  const wired = alice.ssh(['-p', String(cable.port), '-o', alias, '-t', 'prod-db']);
  await wired.until(shellPrompt);
  const [over] = connections(host.layout);
  cable.cut();
  wired.type('touch /tmp/typed-after-the-cut\r');
  await expectGone(over?.id ?? '', over?.gate.pid ?? 0, 'the line was lost');
  const second = await comeBack(host, alice);
  process.kill(second.terminal.pid, 'SIGSTOP');
  second.terminal.type('echo "<late>"\r');
  await expectGone(second.id, second.gate.pid, 'the line was lost');
  const third = await comeBack(host, alice);
  third.terminal.type('echo "<$MARK>"\r');
  await third.terminal.until('<kept>');
  expect((await third.terminal.screen()).join('\n')).not.toContain('<late>');
  expect(third.grant).toBe(first.grant);
  await expectInOrder(host);
});

test('law 6: the gate of one connection is killed: its client goes with it, the other person runs on', async () => {
  const hers = await enter(host, alice);
  const his = await enter(host, host.people['carol'] ?? alice);
  process.kill(hers.gate.pid, 'SIGKILL');
  await hers.terminal.exit;
  await expectGone(hers.id, hers.gate.pid, 'the line was lost');
  await answers(his, 'on');
  await answers(await comeBack(host, alice), 'again');
  await expectInOrder(host);
});

test('the tmux server crashes: who was in is told and out, and comes back to a new one without asking', async () => {
  const inside = await enter(host, alice);
  const name = readFileSync(`${host.layout.run}/s/${sessionId()}.json`, 'utf8');
  process.kill((JSON.parse(name) as { pid: number }).pid, 'SIGSEGV');
  expect((await inside.terminal.exit).code).not.toBe(255);
  expect(inside.terminal.text).toContain('tmux-gate: ');
  const again = await comeBack(host, alice);
  await answers(again, 'again');
  expect(again.grant).toBe(inside.grant);
  await expectInOrder(host);
});

function sessionId(): string {
  const [server] = readdirSync(`${host.layout.run}/s`).filter((file) => file.endsWith('.json'));
  return (server ?? '').slice(0, -5);
}
