// A process of one login becomes a colleague's uid (su, a stolen password) and knocks as them.
import { expect } from '@jest/globals';
import { account } from '../../../../scripts/sandbox/accounts.ts';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath } from '../../../harness/from-outside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the comparison with the loginuid that PAM set',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (hello2.loginuid !== void 0 && hello2.loginuid !== hello2.uid) {',
          becomes: 'if (false) {',
        },
      ],
    },
  ],
  run: async ({ people: { alice, mallory }, layout }) => {
    const step = `exec setpriv --reuid ${alice.login} --regid ${alice.login} --init-groups`;
    const line = `echo ${String(account(mallory.login).uid)} > /proc/self/loginuid; ${step} sudo -n ${gatePath(layout)}`;
    const { stdout, stderr } = await outcome('sh', ['-c', line], { env: { SSH_ORIGINAL_COMMAND: 'whoami' } });
    expect(stdout).toBe('');
    expect(stderr).toContain('[LOGIN_MISMATCH]');
  },
};
