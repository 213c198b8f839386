// A key in the session account's own home opens sshd for it: around the gate, out of the cgroup, after the window.
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';
import { expectNobodyLeft, homeOf, runIn, withdraw } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'DenyUsers for the session account',
      remove: async (host) => withoutSshdLine(`DenyUsers ${host.layout.sessionAccount}`)(host),
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    const options =
      '-F /dev/null -i ~/.ssh/id -o StrictHostKeyChecking=no -o BatchMode=yes -o UserKnownHostsFile=/dev/null';
    await runIn(host, inside, [
      'mkdir -p -m 700 ~/.ssh; rm -f ~/.ssh/*; ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id; cp ~/.ssh/id.pub ~/.ssh/authorized_keys',
      'chmod 600 ~/.ssh/authorized_keys',
      `ssh ${options} -p ${String(host.sshd.port)} 127.0.0.1 'touch ~/around; setsid sleep 6001 >/dev/null 2>&1 </dev/null & true'`,
      'rm -r ~/.ssh',
    ]);
    expect(existsSync(`${homeOf(host)}/around`)).toBe(false);
    await withdraw(host, inside);
    await expectNobodyLeft(host);
  },
};
