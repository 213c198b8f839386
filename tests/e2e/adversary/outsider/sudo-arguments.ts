// The gate is started through sudo with arguments.
import { expect } from '@jest/globals';
import { asAccount } from '../../../house/around.ts';
import type { Attack } from '../../../house/attack.ts';
import { gatePath } from '../../../house/at-the-door.ts';
import { sudoRuleBecomes } from '../../../house/sudo-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'the "" at the end of the rule', remove: sudoRuleBecomes('/gate ""\n', '/gate\n') }],
  run: async ({ people: { alice }, layout }) => {
    for (const word of ['--help', '', '/etc/passwd']) {
      const { stderr } = await asAccount(alice.login, ['sudo', '-n', gatePath(layout), word]);
      expect(stderr).toContain('password is required');
    }
  },
};
