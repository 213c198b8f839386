// `ssh -A` leaves a socket on the host that signs with the engineer's keys for whoever can open it.
import { expect } from '@jest/globals';
import { readdirSync, statSync } from 'node:fs';
import { account } from '../../../../scripts/sandbox/accounts.ts';
import { plainEnv } from '../../../../scripts/sandbox/exec.ts';
import { Terminal } from '../../../../scripts/sandbox/terminal.ts';
import type { Attack } from '../../../harness/attack.ts';
import { waitingGate } from '../../../harness/from-outside.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

/** sshd makes them in /tmp/ssh-XXXXXXXXXX (session.c, auth_input_request_forwarding). */
function agentFolders(uid: number): readonly string[] {
  const names = readdirSync('/tmp').filter((name) => name.startsWith('ssh-'));
  return names.filter((name) => statSync(`/tmp/${name}`, { throwIfNoEntry: false })?.uid === uid);
}

export const attack: Attack = {
  guards: [
    {
      what: 'DisableForwarding and AllowAgentForwarding in the Match block, each of which is enough',
      remove: async (host) => {
        await withoutSshdLine('DisableForwarding yes')(host);
        await withoutSshdLine('AllowAgentForwarding no')(host);
      },
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    const line = ['ssh', '-A', '-o', 'IdentityAgent=SSH_AUTH_SOCK', ...alice.sshArgs(['-t', 'prod-db'])];
    await using terminal = new Terminal('ssh-agent', line, { env: plainEnv });
    await waitingGate(host, terminal);
    expect(agentFolders(account(alice.login).uid)).toEqual([]);
  },
};
