// After the one session of a connection has ended, the next one on it runs a command of the engineer's.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { nextOver } from '../../../harness/raw-ssh.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [{ what: 'ForceCommand, which sshd applies to each session', remove: withoutDirective('ForceCommand') }],
  run: async ({ people: { alice } }) => {
    const client = await alice.connect();
    await nextOver(client, 'whoami');
    const { text } = await nextOver(client, 'id; exec id');
    client.end();
    expect(text).not.toContain('uid=');
    expect(text).toContain('[NOT_A_VERB]');
  },
};
