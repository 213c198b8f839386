// A login that owns its home, and so what PAM and sshd read there, gets a visit.
import { expect } from '@jest/globals';
import { chownSync } from 'node:fs';
import { account } from '../../../../scripts/sandbox/accounts.ts';
import type { Attack } from '../../../harness/attack.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the keeper's look at the home",
      mutations: [{ file: 'keeper', piece: 'if (fault === "home")', becomes: 'if (false)' }],
    },
  ],
  run: async ({ people: { alice }, layout }) => {
    const home = `${layout.home}/${alice.login}`;
    const { uid, gid } = account(alice.login);
    chownSync(home, uid, gid);
    const { stdout, stderr } = await alice.run(['whoami']);
    chownSync(home, 0, 0);
    expect(stdout).toBe('');
    expect(stderr).toContain('[INSECURE_HOME]');
  },
};
