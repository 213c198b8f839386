// A forwarded Unix socket (streamlocal) reaches a service of the host that no login was meant to reach.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { openService } from '../../../harness/from-outside.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'DisableForwarding in the Match block', remove: withoutSshdLine('DisableForwarding yes') }],
  run: async ({ people: { alice }, root }) => {
    await using service = await openService(`${root}/inner.sock`);
    const client = await alice.connect();
    const heard = await new Promise<string>((resolve) => {
      client.openssh_forwardOutStreamLocal(`${root}/inner.sock`, (error, stream) => {
        if (error !== undefined) return resolve(error.message);
        stream.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
      });
    });
    client.end();
    expect(heard).toMatch(/administratively prohibited|open failed/i);
    expect(service.reached()).toBe(0);
  },
};
