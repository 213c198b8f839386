// `~/.ssh/rc` runs before the gate, as the login.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { openMarks, withHome } from '../../../harness/from-outside.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'ForceCommand, for which sshd skips rc files, and PermitUserRC beside it',
      remove: async (host) => {
        await withoutDirective('ForceCommand')(host);
        await withoutSshdLine('PermitUserRC no')(host);
      },
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    const { alice } = host.people;
    await withHome(host, alice.login, { '.ssh/rc': `touch ${marks.folder}/rc\n` }, async () => alice.run(['whoami']));
    expect(marks.left()).toEqual([]);
  },
};
