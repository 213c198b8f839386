// The keeper is gone or hangs: live visits run on, new ones are refused, and the next keeper takes over or ends.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { account } from '../../../scripts/sandbox/accounts.ts';
import { cgroupMount } from '../../../scripts/sandbox/cgroup.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { ofUids } from '../../../scripts/sandbox/processes.ts';
import { gates } from '../../harness/around.ts';
import { answers, expectCode, expectInOrder, killKeeper } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import {
  approve,
  ask,
  comeBack,
  connections,
  enter,
  cgroupPids,
  isAlive,
  journal,
  prompt,
  testHost,
  verb,
  type Inside,
} from '../../harness/inside.ts';
import { seenOf, seenOn } from '../../harness/refused.ts';
import type { Waiting } from '../../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
});

/** The gate writes its title again when a keeper takes it back. */
const title = /\u001b\]2;prod-db on prod-box, until /;

/** A process of root's in a cgroup, to see that the cgroup is killed and not only its usual tenants. */
async function sleeperIn(kind: 'c' | 's', id: string): Promise<number> {
  const folder = `${cgroupMount()}/${host.layout.cgroups.keeper}/${kind}/${id}`;
  mkdirSync(folder, { recursive: true });
  const child = spawn('/bin/sh', ['-c', 'echo $$ > "$0/cgroup.procs"; echo in; exec sleep 600', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  child.unref();
  return child.pid ?? -1;
}

const records = (event: string, key: string, value: unknown): number =>
  journal(host.layout).filter((record) => record.event === event && record[key] === value).length;

test('a visit goes on over kill -9 of the keeper; the next one finds it again, adopts its session and can revoke it', async () => {
  const inside = await enter(host, host.people.alice);
  await killKeeper(host);
  await answers(inside, 'orphan');
  inside.terminal.type('MARK=kept\r');
  await host.keeper.start();
  expect(records('found-again', 'connection', inside.id)).toBe(1);
  await inside.terminal.until(title);
  await answers(inside, 'adopted');
  const second = await comeBack(host, host.people.alice);
  second.terminal.type('echo "<$MARK>"\r');
  await second.terminal.until('<kept>');
  expect(await verb(host.people.bob, ['revoke', inside.request])).toMatchObject({ code: 0 });
  for (const { terminal } of [inside, second]) {
    expect(await terminal.exit).toMatchObject({ code: 77 });
    expect(terminal.text).toContain(`was revoked by ${host.people.bob.login}`);
  }
  expect(connections(host.layout)).toEqual([]);
});

test('law 5: revoked before its gate is back at the restarted keeper: cut all the same, told by whom, the terminal put right', async () => {
  const inside = await enter(host, host.people.alice);
  await killKeeper(host);
  process.kill(inside.gate.pid, 'SIGSTOP');
  await host.keeper.start();
  const revoked = host.cli(['revoke', inside.request]);
  await eventually(
    'it is revoked',
    () =>
      records('grant-ended', 'request', inside.request) === 1 || cgroupPids(host.layout, 'c', inside.id).length === 0,
  );
  process.kill(inside.gate.pid, 'SIGCONT');
  expect(await revoked).toMatchObject({ code: 0 });
  expect(await inside.terminal.exit).toMatchObject({ code: 77 });
  expect(inside.terminal.text).toContain('was revoked by');
});

test('a keeper that is stopped in order leaves visits running; new ones read KEEPER_DOWN until it is back', async () => {
  const inside = await enter(host, host.people.alice);
  await host.keeper.stop();
  await answers(inside, 'stopped');
  expectCode(seenOf(await host.people.bob.run(['whoami'])), 'KEEPER_DOWN', 69);
  expectCode(await seenOn(host.people.alice.ssh(['-t', 'prod-db'])), 'KEEPER_DOWN', 69);
  expect(await host.cli(['grants'])).toMatchObject({ code: 69, stdout: '' });
  await host.keeper.start();
  await inside.terminal.until(title);
  expect(records('found-again', 'connection', inside.id)).toBe(1);
  expect((await host.people.bob.run(['whoami'])).code).toBe(0);
  await verb(host.people.bob, ['revoke', inside.request]);
  await inside.terminal.exit;
});

test('law 4: a visit whose gate died while no keeper ran is ended at the next start, its session kept for its grant', async () => {
  const inside = await enter(host, host.people.alice);
  inside.terminal.type('MARK=still\r');
  await answers(inside, 'marked');
  await killKeeper(host);
  const left = await sleeperIn('c', inside.id);
  process.kill(inside.gate.pid, 'SIGKILL');
  await inside.terminal.exit;
  await host.keeper.start();
  await eventually('its cgroup is killed', () => !isAlive(left));
  expect(cgroupPids(host.layout, 'c', inside.id)).toEqual([]);
  const end = journal(host.layout).find(
    ({ event, connection }) => event === 'disconnected' && connection === inside.id,
  );
  expect(end).toMatchObject({ why: 'at start: its gate was gone' });
  expect(end?.['killed']).toEqual(expect.arrayContaining([expect.objectContaining({ pid: left })]));
  const again = await comeBack(host, host.people.alice);
  again.terminal.type('echo "<$MARK>"\r');
  await again.terminal.until('<still>');
  await verb(host.people.bob, ['revoke', inside.request]);
  await again.terminal.exit;
});

test('laws 4 and 6: what no grant keeps is gone after the next start: a session whose window ended, and strays', async () => {
  const inside = await enter(host, host.people.alice, { window: '10s' });
  await killKeeper(host);
  const strays = [await sleeperIn('c', '0STRAYSTRAY'), await sleeperIn('s', '0STRAYSTRAY')];
  const { uid } = account(host.layout.sessionAccount);
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(ofUids([uid])).not.toEqual([]);
  await host.keeper.start();
  expect(ofUids([uid])).toEqual([]);
  expect(strays.filter(isAlive)).toEqual([]);
  expect(journal(host.layout).filter(({ event }) => event === 'stray-ended')).toHaveLength(2);
  expect(records('session-ended', 'why', 'at start: no grant keeps it')).toBe(1);
});

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a keeper that restarts (%s) throws nobody out who waits: they are let in by the next',
  async (signal) => {
    const waiting = await ask(host, host.people.alice);
    await waiting.terminal.until('Waiting for approval');
    host.keeper.kill(signal);
    await host.keeper.exit;
    await waiting.terminal.until('tmux-gate is restarting');
    await host.keeper.start();
    await waiting.terminal.until(new RegExp(`Waiting for approval of ${waiting.request}`));
    await approve(host.people.bob, waiting.request);
    await waiting.terminal.until(/until \d\d:\d\d:\d\d UTC \(/);
    await waiting.terminal.until(prompt); // what is typed before the session is there reaches nobody
    await answers(waiting, 'in');
    expect(records('requested', 'request', waiting.request)).toBe(1);
    await verb(host.people.bob, ['revoke', waiting.request]);
    expect(await waiting.terminal.exit).toMatchObject({ code: 77 });
  },
);

interface Extending {
  readonly inside: Inside;
  readonly more: Waiting;
}

/** Alice is in, and asks for ten more minutes from a second terminal; the keeper dies meanwhile. */
async function extendAndFall(signal: 'SIGTERM' | 'SIGKILL', window = '5m'): Promise<Extending> {
  const inside = await enter(host, host.people.alice, { window });
  const terminal = host.people.alice.ssh(['extend', '10m', '--reason', 'INC-1 more'], { tty: false });
  const [, request = ''] = await terminal.until(/Waiting for approval of ([0-9A-Z]{6})/);
  host.keeper.kill(signal);
  await host.keeper.exit;
  await terminal.until('tmux-gate is restarting');
  return { inside, more: { terminal, request } };
}

/** Another one starts. */
async function extendOverRestart(signal: 'SIGTERM' | 'SIGKILL'): Promise<Extending> {
  const { inside, more } = await extendAndFall(signal);
  await host.keeper.start();
  await more.terminal.until(`Waiting for approval of ${more.request}`);
  return { inside, more };
}

const endOf = ({ id }: Inside): number => connections(host.layout).find((one) => one.id === id)?.end ?? 0;

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'nor out who waits for more time (%s): what is approved then makes the window longer',
  async (signal) => {
    const { inside, more } = await extendOverRestart(signal);
    await approve(host.people.bob, more.request);
    expect(await more.terminal.exit).toMatchObject({ code: 0 });
    expect(more.terminal.stdout).toContain(`Extended ${inside.request}: prod-db on prod-box until`);
    await eventually('the window is longer', () => endOf(inside) - inside.end === 600_000);
    expect(records('requested', 'request', more.request)).toBe(1);
    await answers(inside, 'longer');
    for (const request of [more.request, inside.request]) await host.cli(['revoke', request]);
    await inside.terminal.exit;
  },
);

test.each<[string, number, (grant: string, request: string) => Promise<unknown>]>([
  ['DENIED', 77, async (_, request) => verb(host.people.bob, ['deny', request, '--reason', 'not now'])],
  ['EXTENSION_LATE', 65, async (grant) => host.cli(['revoke', grant])],
])('who waits for more time over a restart is told when it comes to nothing: %s', async (code, exit, end) => {
  const { inside, more } = await extendOverRestart('SIGKILL');
  await end(inside.grant, more.request);
  expectCode(await seenOn(more.terminal), code, exit);
  expect(records('requested', 'request', more.request)).toBe(1);
  await host.cli(['revoke', inside.request]);
  await inside.terminal.exit;
});

test('the window that was to go on ended while no keeper ran: the request lapses, and all who knew of it are told', async () => {
  const { inside, more } = await extendAndFall('SIGKILL', '20s');
  await inside.terminal.exit;
  await host.keeper.start();
  expectCode(await seenOn(more.terminal), 'EXTENSION_LATE', 65);
  expect(records('lapsed', 'request', more.request)).toBe(1);
  const isLapsed = (notice: unknown): boolean =>
    (notice as { event: string }).event === 'lapsed' && (notice as { request: string }).request === more.request;
  expect((await host.webhook.next(isLapsed)).body).toMatchObject({ why: 'EXTENSION_LATE' });
});

test('who comes back to a keeper hears what was answered meanwhile, and asks for nothing anew', async () => {
  const before = new Set(gates(host.layout));
  const waiting = await ask(host, host.people.alice);
  const mine = gates(host.layout).filter((pid) => !before.has(pid));
  const asked = journal(host.layout).filter(({ event }) => event === 'requested').length;
  for (const pid of mine) process.kill(pid, 'SIGSTOP');
  await host.keeper.stop();
  await host.keeper.start();
  const denied = await eventually('bob can deny', async () => {
    const told = await verb(host.people.bob, ['deny', waiting.request, '--reason', 'not', 'now']);
    return told.code === 0 ? told : undefined;
  });
  expect(denied.code).toBe(0);
  for (const pid of mine) process.kill(pid, 'SIGCONT');
  expect(await waiting.terminal.exit).toMatchObject({ code: 77 });
  expect(waiting.terminal.text).toContain('not now');
  expect(waiting.terminal.text).toContain('[DENIED]');
  expect(journal(host.layout).filter(({ event }) => event === 'requested')).toHaveLength(asked);
});

test('law 2: who comes back is proved anew: one whose login was locked meanwhile is refused', async () => {
  const before = new Set(gates(host.layout));
  const waiting = await ask(host, host.people.alice);
  const mine = gates(host.layout).filter((pid) => !before.has(pid));
  for (const pid of mine) process.kill(pid, 'SIGSTOP');
  await host.keeper.stop();
  await host.keeper.start();
  expect(await host.cli(['lock', host.people.alice.login, '--reason', 'gone'])).toMatchObject({ code: 0 });
  for (const pid of mine) process.kill(pid, 'SIGCONT');
  expect(await waiting.terminal.exit).toMatchObject({ code: 77 });
  expect(waiting.terminal.text).toContain('[LOCKED]');
  await host.cli(['unlock', host.people.alice.login]);
});

test('a keeper that hangs: the gate waits ten seconds for its first word, then refuses', async () => {
  host.keeper.kill('SIGSTOP');
  try {
    expectCode(await seenOn(host.people.alice.ssh(['-t', 'prod-db'])), 'KEEPER_DOWN', 69);
  } finally {
    host.keeper.kill('SIGCONT');
  }
  await expectInOrder(host);
});
