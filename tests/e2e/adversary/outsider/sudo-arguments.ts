// The gate is started through sudo with arguments.
import { expect } from '@jest/globals';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath } from '../../../harness/from-outside.ts';
import { sudoRuleBecomes } from '../../../harness/sudo-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'the "" at the end of the rule', remove: sudoRuleBecomes('/gate ""\n', '/gate\n') }],
  run: async ({ people: { alice }, layout }) => {
    for (const word of ['--help', '', '/etc/passwd']) {
      const { stderr } = await asAccount(alice.login, ['sudo', '-n', gatePath(layout), word]);
      expect(stderr).toContain('password is required');
    }
  },
};
