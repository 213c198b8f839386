// The session stops its tmux server and much is typed, a command at its end, so that the gate has a pty that takes nothing over its end.
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import type { Attack } from '../../../house/attack.ts';
import { expectEnded, expectSoon, homeOf, isStopped, startIn, textOf, withdraw } from '../../../house/in-session.ts';
import { enter, type Inside } from '../../../house/inside.ts';

const flood = 64 * 1024;

/** How much the gate has read (proc_pid_io(5)). */
const readBy = (pid: number): number => Number(/^rchar: (\d+)$/m.exec(textOf(`/proc/${String(pid)}/io`))?.[1]);

/** The server stands still, and everything typed has reached the gate. @returns the server's pid. */
async function stopAndType(host: Host, inside: Inside): Promise<number> {
  startIn(host, inside, [
    `echo $TMUX | cut -d, -f2 > ${homeOf(host)}/server`,
    `kill -STOP $(cat ${homeOf(host)}/server)`,
  ]);
  let server = 0;
  await expectSoon(() => {
    server = Number(textOf(`${homeOf(host)}/server`));
    expect(server > 1 && isStopped(server)).toBe(true);
  });
  const before = readBy(inside.gate.pid);
  inside.terminal.type(`${': '.repeat(flood / 2)}\r touch ~/typed-late\r`);
  await expectSoon(() => expect(readBy(inside.gate.pid) - before).toBeGreaterThanOrEqual(flood));
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
  await expectCleanEnd(host, inside, 'is over');
  expect((await inside.terminal.exit).code).toBe(0);
}

export const attack: Attack = {
  guards: [
    {
      what: 'a write to the pty that is tried again later, not at once',
      mutations: [{ file: 'relay.js', piece: 'if (taken === 0) break;', becomes: '' }],
    },
  ],
  run: async (host) => {
    const { keeper } = host;
    await revoked(host);
    await over(host, () => keeper.kill('SIGSTOP')).finally(() => keeper.kill('SIGCONT'));
    await over(host, async () => {
      keeper.kill('SIGKILL');
      await keeper.exit;
    }).finally(async () => keeper.start());
  },
};
