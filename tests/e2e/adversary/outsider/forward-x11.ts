// `ssh -X` opens a display on the host that leads to the engineer's screen and keyboard.
import { expect } from '@jest/globals';
import { appendFileSync } from 'node:fs';
import type { ClientChannel } from 'ssh2';
import type { Attack } from '../../../harness/attack.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'DisableForwarding and X11Forwarding in the Match block, each of which is enough',
      remove: async (host) => {
        // Whether the machine has xauth or not.
        appendFileSync(`${host.root}/etc/ssh/sshd_config`, 'XAuthLocation /bin/true\n');
        await withoutSshdLine('DisableForwarding yes')(host);
        await withoutSshdLine('X11Forwarding no')(host);
      },
    },
  ],
  run: async ({ people: { alice } }) => {
    const client = await alice.connect();
    const answer = await new Promise<string>((resolve) => {
      client.exec('whoami', { x11: true }, (error: Error | undefined, channel: ClientChannel) => {
        if (error === undefined) channel.close();
        resolve(error?.message ?? 'a display');
      });
    });
    client.end();
    expect(answer).toMatch(/unable to request X11/i);
  },
};
