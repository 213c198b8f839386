// The session locks its client with a lock-command that never returns and heeds no signal; much waits behind it that was typed.
import { expect } from '@jest/globals';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import type { Attack } from '../../../harness/attack.ts';
import {
  expectEnded,
  expectNobodyLeft,
  expectNoConnection,
  expectSoon,
  homeOf,
  ofSession,
  runIn,
  startIn,
  textOf,
  withdraw,
} from '../../../harness/in-session.ts';
import { comeBack, enter, cgroupPids, type Inside } from '../../../harness/inside.ts';
import { connectionByTerm, keeperNeverCuts } from '../../../harness/taken-out.ts';

const locks = (host: Host): readonly string[] => ofSession(host).filter((line) => line.includes('sleep 5001'));

/** tmux's client waits for the lock-command (system(3)) and hears nobody; what is typed stays in the pty. */
async function lockAndType(host: Host, inside: Inside): Promise<void> {
  startIn(host, inside, [
    `tmux set -g lock-command 'trap "" HUP INT QUIT TERM TSTP; while :; do sleep 5001; done'`,
    'tmux lock-client',
  ]);
  await expectSoon(() => expect(locks(host).length).toBeGreaterThan(1));
  expect(cgroupPids(host.layout, 'c', inside.id).length).toBeGreaterThan(2);
  inside.terminal.type('\u0003\u001atouch ~/typed-late\r');
  await inside.terminal.until('touch ~/typed-late');
}

async function expectEndedBy(host: Host, inside: Inside, words: string, code: number): Promise<void> {
  await expectEnded(inside.terminal, 40_000);
  expect(inside.terminal.text).toContain(words);
  expect((await inside.terminal.exit).code).toBe(code);
  await expectNobodyLeft(host);
  expect(textOf(`${homeOf(host)}/typed-late`)).toBe('');
}

/** Whoever comes back finds no lock, and nothing of what was typed. */
async function lost(host: Host, inside: Inside): Promise<Inside> {
  await lockAndType(host, inside);
  inside.terminal.kill('SIGKILL');
  await expectNoConnection(host);
  await expectSoon(() => expect(locks(host)).toEqual([]));
  const back = await comeBack(host, host.people.alice);
  await runIn(host, back, ['true']);
  expect(textOf(`${homeOf(host)}/typed-late`)).toBe('');
  return back;
}

export const attack: Attack = {
  guards: [
    {
      what: "the gate's own cut, and cgroup.kill for what runs beside the client",
      mutations: [...keeperNeverCuts, connectionByTerm],
    },
    { what: 'cgroup.kill for a connection whose line was lost', mutations: [connectionByTerm] },
  ],
  run: async (host) => {
    const { alice } = host.people;
    const back = await lost(host, await enter(host, alice));
    await lockAndType(host, back);
    void withdraw(host, back);
    await expectEndedBy(host, back, 'was revoked by', 77);
    const inside = await enter(host, alice, { window: '15s' });
    await lockAndType(host, inside);
    await expectEndedBy(host, inside, 'has ended', 0);
  },
};
