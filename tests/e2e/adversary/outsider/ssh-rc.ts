// `~/.ssh/rc` runs before the gate, as the login.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { openMarks, plantInHome } from '../../../house/at-the-door.ts';
import { withoutSshdLine } from '../../../house/sshd-lines.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'ForceCommand, for which sshd skips rc files, and PermitUserRC beside it',
      remove: async (host) => {
        await withoutSshdLine('ForceCommand')(host);
        await withoutSshdLine('PermitUserRC no')(host);
      },
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    using planted = plantInHome(host, host.people.alice.login, { '.ssh/rc': `touch ${marks.folder}/rc\n` });
    void planted;
    await host.people.alice.run(['whoami']);
    expect(marks.left()).toEqual([]);
  },
};
