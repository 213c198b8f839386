// `ssh -N -L` reaches a port of the host's loopback without the forced command ever starting.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'DisableForwarding in the Match block', remove: withoutSshdLine('DisableForwarding yes') }],
  run: async ({ people: { alice }, sshd }) => {
    const client = await alice.connect();
    const banner = await new Promise<string>((resolve) => {
      client.forwardOut('127.0.0.1', 1, '127.0.0.1', sshd.port, (error, stream) => {
        if (error !== undefined) return resolve(error.message);
        stream.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
      });
    });
    client.end();
    expect(banner).toMatch(/administratively prohibited|open failed/i);
  },
};
