// The session stops its tmux server and much is typed, a command at its end, so that the gate has a pty that takes nothing over its end.
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import type { Attack } from '../../../harness/attack.ts';
import {
  clientOf,
  expectEnded,
  expectNoConnection,
  expectSoon,
  homeOf,
  isStopped,
  runIn,
  startIn,
  textOf,
  withdraw,
} from '../../../harness/in-session.ts';
import { comeBack, enter, cgroupPids, journal, type Inside } from '../../../harness/inside.ts';

const flood = 64 * 1024;
/** More than the gate lets wait for the pty (src/gate/write-queue.ts), so that it reads the person's terminal no more. */
const kept = 256 * 1024;

/** How much the gate has read (proc_pid_io(5)). */
const readBy = (pid: number): number => Number(/^rchar: (\d+)$/m.exec(textOf(`/proc/${String(pid)}/io`))?.[1]);

/** @returns the server's pid. */
async function stop(host: Host, inside: Inside): Promise<number> {
  startIn(host, inside, [
    `echo $TMUX | cut -d, -f2 > ${homeOf(host)}/server`,
    `kill -STOP $(cat ${homeOf(host)}/server)`,
  ]);
  let server = 0;
  await expectSoon(() => {
    server = Number(textOf(`${homeOf(host)}/server`));
    expect(server > 1 && isStopped(server)).toBe(true);
  });
  return server;
}

const typed = (bytes: number): string => `${': '.repeat(bytes / 2)}\r touch ~/typed-late\r`;

/** The server stands still, and everything typed has reached the gate. @returns the server's pid. */
async function stopAndType(host: Host, inside: Inside): Promise<number> {
  const server = await stop(host, inside);
  const before = readBy(inside.gate.pid);
  inside.terminal.type(typed(flood));
  await expectSoon(() => expect(readBy(inside.gate.pid) - before).toBeGreaterThanOrEqual(flood));
  return server;
}

/** The server stands still, and so much is typed that the gate takes no more of it. @returns the server's pid. */
async function stopAndFill(host: Host, inside: Inside): Promise<number> {
  const server = await stop(host, inside);
  const before = readBy(inside.gate.pid);
  inside.terminal.type(typed(4 * kept));
  let last = 0;
  await expectSoon(() => {
    const [seen, now] = [last, readBy(inside.gate.pid) - before];
    last = now;
    expect(now).toBeGreaterThan(kept);
    expect(now).toBe(seen);
  });
  expect(last).toBeLessThan(4 * kept);
  return server;
}

/** The line ends as at any end, and what was typed before it never runs. */
async function expectCleanEnd(host: Host, inside: Inside, words: string): Promise<void> {
  await expectEnded(inside.terminal);
  expect(inside.terminal.text).toContain(words);
  expect((await inside.terminal.modes()).alternateScreen).toBe(false);
  expect(textOf(`/proc/${String(inside.gate.pid)}/cmdline`)).toBe('');
  expect(textOf(`${homeOf(host)}/typed-late`)).toBe('');
}

async function revoked(host: Host): Promise<void> {
  const inside = await enter(host, host.people.alice);
  await stopAndType(host, inside);
  void withdraw(host, inside);
  await expectCleanEnd(host, inside, 'was revoked by');
  expect((await inside.terminal.exit).code).toBe(77);
}

/** @param take the keeper away over the end. */
async function over(host: Host, take: () => void | Promise<void>): Promise<void> {
  const inside = await enter(host, host.people.alice, { window: '15s' });
  const server = await stopAndType(host, inside);
  await take();
  await delay(inside.end - Date.now() + 1000);
  process.kill(server, 'SIGCONT');
  await expectCleanEnd(host, inside, 'has ended');
  expect((await inside.terminal.exit).code).toBe(0);
}

/** The line is lost while nothing of it is read: nobody is left, and what was typed never runs. */
async function lost(host: Host, inside: Inside, lose: () => void): Promise<Inside> {
  const server = await stopAndFill(host, inside);
  const client = clientOf(host, inside);
  lose();
  await expectEnded(inside.terminal);
  await expectNoConnection(host);
  expect(textOf(`/proc/${String(inside.gate.pid)}/cmdline`)).toBe('');
  expect([client > 1, textOf(`/proc/${String(client)}/cmdline`)]).toEqual([true, '']);
  expect(cgroupPids(host.layout, 'c', inside.id)).toEqual([]);
  expect(endOf(host, inside)).toBe('the line was lost');
  process.kill(server, 'SIGCONT');
  const back = await comeBack(host, host.people.alice);
  await runIn(host, back, ['true']);
  expect(textOf(`${homeOf(host)}/typed-late`)).toBe('');
  return back;
}

const endOf = ({ layout }: Host, { id }: Inside): unknown =>
  journal(layout).find(({ event, connection }) => event === 'disconnected' && connection === id)?.['why'];

async function hungUp(host: Host): Promise<void> {
  const first = await enter(host, host.people.alice);
  const second = await lost(host, first, () => process.kill(first.gate.pid, 'SIGHUP'));
  const last = await lost(host, second, () => second.terminal.kill('SIGKILL'));
  await withdraw(host, last);
  await expectEnded(last.terminal);
}

async function idle(host: Host): Promise<void> {
  const inside = await enter(host, host.people.alice, { session: 'prod-idle' });
  const server = await stopAndFill(host, inside);
  await expectCleanEnd(host, inside, 'You were disconnected from prod-idle on prod-box after 10s without a keystroke.');
  expect((await inside.terminal.exit).code).toBe(0);
  await expectNoConnection(host);
  expect(endOf(host, inside)).toBe('idle');
  process.kill(server, 'SIGCONT');
  await runIn(host, await comeBack(host, host.people.alice, 'prod-idle'), ['true']);
  expect(textOf(`${homeOf(host)}/typed-late`)).toBe('');
}

export const attack: Attack = {
  guards: [
    {
      what: 'a write to the pty that is tried again later, not at once',
      mutations: [{ file: 'relay.js', piece: 'if (taken === 0) break;', becomes: '' }],
    },
    {
      what: 'a line that is lost is heard of where nothing of it is read',
      mutations: [{ file: 'relay.js', piece: '.on(signal, lost)', becomes: '.on(signal, () => undefined)' }],
    },
    {
      what: 'keys that nothing takes are no keys for ever: the limit of idle time ends the line',
      mutations: [{ file: 'relay.js', piece: 'if (idle >= end) return events.over();', becomes: '' }],
    },
  ],
  run: async (host) => {
    const { keeper } = host;
    await revoked(host);
    await hungUp(host);
    await idle(host);
    await over(host, () => keeper.kill('SIGSTOP')).finally(() => keeper.kill('SIGCONT'));
    await over(host, async () => {
      keeper.kill('SIGKILL');
      await keeper.exit;
    }).finally(async () => keeper.start());
  },
};
