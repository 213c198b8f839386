// The login stops its own sshd while the session writes, so that the gate waits in a write past its end.
import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { account } from '../../../../scripts/sandbox/accounts.ts';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { comesTrue } from '../../../harness/from-outside.ts';
import { enter, isAlive } from '../../../harness/inside.ts';

/** The half of sshd that serves the login runs as the login, above its gate; another connection of the login may still be ending. */
function sshdOf(login: string, gate: number): number {
  const { uid } = account(login);
  for (let pid = gate; pid > 1;) {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    if (/^Name:\tsshd/m.test(status) && status.includes(`\nUid:\t${String(uid)}\t`)) return pid;
    pid = Number(/^PPid:\t(\d+)/m.exec(status)?.[1]);
  }
  throw new Error('no sshd of that login');
}

export const attack: Attack = {
  guards: [
    {
      what: "writes that never block, and the keeper's SIGKILL behind them",
      mutations: [
        { file: 'relay.js', piece: '  neverBlock(out);\n', becomes: '' },
        {
          file: 'keeper',
          piece: 'if (await isSame(pid, startTime)) await killSame(pid, startTime, "SIGKILL");',
          becomes: '',
        },
      ],
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    const inside = await enter(host, alice);
    const sshd = String(sshdOf(alice.login, inside.gate.pid));
    inside.terminal.type('yes filling\r');
    await inside.terminal.until(/filling[^]*filling[^]*filling/);
    expect((await asAccount(alice.login, ['kill', '-STOP', sshd])).code).toBe(0);
    try {
      await host.cli(['revoke', inside.grant]);
      expect(await comesTrue(() => !isAlive(inside.gate.pid), 15_000)).toBe(true);
    } finally {
      await asAccount(alice.login, ['kill', '-CONT', sshd]);
    }
    await inside.terminal.exit;
  },
};
