// A login becomes the session account by su.
import { expect } from '@jest/globals';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { changeAccount } from '../../../harness/from-outside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'no password on the session account',
      remove: async ({ layout }) => changeAccount('passwd', ['-q', '-d', layout.sessionAccount]),
    },
  ],
  run: async ({ people: { alice }, layout: { sessionAccount } }) => {
    const { stdout, code } = await asAccount(alice.login, ['su', '-s', '/bin/sh', '-c', 'id', sessionAccount]);
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
  },
};
