// After the one session of a connection has ended, the next one on it runs a command, a subsystem or a shell of the engineer's.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { execOver } from '../../../house/raw-ssh.ts';
import { withoutSshdLine } from '../../../house/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'ForceCommand, which sshd applies to each session', remove: withoutSshdLine('ForceCommand') }],
  run: async ({ people: { alice } }) => {
    const client = await alice.connect();
    await execOver(client, 'whoami');
    const { text } = await execOver(client, 'id; exec id');
    const shell = await new Promise<string>((resolve, reject) => {
      client.shell(false, (error, channel) => {
        if (error !== undefined) return reject(error);
        let heard = '';
        const hear = (bytes: Buffer): void => void (heard += bytes.toString());
        channel.on('data', hear).on('close', () => resolve(heard));
        channel.stderr.on('data', hear);
        channel.end('id\n');
      });
    });
    client.end();
    expect(text).toContain('[NOT_A_VERB]');
    expect(text + shell).not.toContain('uid=');
  },
};
