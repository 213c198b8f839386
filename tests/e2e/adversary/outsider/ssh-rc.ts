// `~/.ssh/rc` runs before the gate, as the login.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { openMarks, withHome } from '../../../house/at-the-door.ts';
import { withoutDirective } from '../../../house/sshd-edits.ts';
import { withoutSshdLine } from '../../../house/sshd-lines.ts';

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
