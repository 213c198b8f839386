// `ssh -N -R` opens a port on the host that leads back to the engineer's machine.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'DisableForwarding in the Match block', remove: withoutSshdLine('DisableForwarding yes') }],
  run: async ({ people: { alice } }) => {
    const client = await alice.connect();
    const answer = await new Promise<string>((resolve) => {
      client.forwardIn('127.0.0.1', 0, (error, port) => resolve(error?.message ?? `port ${String(port)}`));
    });
    client.end();
    expect(answer).toMatch(/unable to bind/i);
  },
};
