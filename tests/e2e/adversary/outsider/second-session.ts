// While one session of a connection waits or is inside, a second one is opened on the same connection (ControlMaster).
import { expect } from '@jest/globals';
import type { Client } from 'ssh2';
import type { Attack } from '../../../harness/attack.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

const opens = async (client: Client, command: string): Promise<string> =>
  new Promise((resolve) => {
    client.exec(command, { pty: true }, (error) => resolve(error?.message ?? 'open'));
  });

export const attack: Attack = {
  guards: [{ what: 'MaxSessions in the Match block', remove: withoutSshdLine('MaxSessions 1') }],
  run: async ({ people: { alice } }) => {
    const client = await alice.connect();
    try {
      expect(await opens(client, 'prod-db')).toBe('open');
      expect(await opens(client, 'whoami')).toMatch(/open failed/i);
    } finally {
      client.destroy();
    }
  },
};
