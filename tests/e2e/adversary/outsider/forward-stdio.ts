// `ssh -W` makes the host a stepping stone: its stdin and stdout become a connection to a service behind it.
import { expect } from '@jest/globals';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../harness/attack.ts';
import { openService } from '../../../harness/from-outside.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'DisableForwarding in the Match block', remove: withoutSshdLine('DisableForwarding yes') }],
  run: async ({ people: { alice } }) => {
    await using service = await openService();
    const args = ['-W', `127.0.0.1:${String(service.port)}`, ...alice.sshArgs()];
    const { stdout, stderr } = await outcome('ssh', args, { timeoutMs: 10_000 });
    expect(stdout).toBe('');
    expect(stderr).toMatch(/administratively prohibited/);
    expect(service.reached()).toBe(0);
  },
};
