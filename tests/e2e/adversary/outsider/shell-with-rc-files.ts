// A login whose shell reads `~/.bashrc` before a forced command gets a visit.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { changeAccount } from '../../../harness/from-outside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the keeper's look at the login shell",
      mutations: [{ file: 'keeper', piece: 'if (fault === "shell")', becomes: 'if (false)' }],
    },
  ],
  run: async ({ people }) => {
    const bash = people['erin']!; // nobody else's: the keeper remembers an account for five seconds
    await changeAccount('usermod', ['-s', '/bin/bash', bash.login]);
    const { stdout, stderr } = await bash.run(['whoami']);
    await changeAccount('usermod', ['-s', '/bin/sh', bash.login]);
    expect(stdout).toBe('');
    expect(stderr).toContain('[RC_SHELL]');
  },
};
