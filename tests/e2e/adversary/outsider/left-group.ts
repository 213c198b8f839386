// A person who was taken out of the gated group knocks over a connection that stayed open: sudo believes the groups of then.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { changeAccount } from '../../../harness/from-outside.ts';
import { nextOver } from '../../../harness/raw-ssh.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the keeper's own question to sudo's rule",
      mutations: [{ file: 'keeper', piece: 'if (named !== "yes")', becomes: 'if (false)' }],
    },
  ],
  run: async ({ people: { alice }, layout: { gatedGroup } }) => {
    const client = await alice.connect();
    expect((await nextOver(client, 'whoami')).text).toContain(alice.login);
    await changeAccount('gpasswd', ['-d', alice.login, gatedGroup]);
    try {
      expect((await nextOver(client, 'whoami')).text).toContain('[NOT_GATED]');
    } finally {
      await changeAccount('gpasswd', ['-a', alice.login, gatedGroup]);
      client.end();
    }
  },
};
