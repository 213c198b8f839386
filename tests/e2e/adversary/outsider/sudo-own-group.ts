// With a group of their own sudo lets anybody be who they are already (sudo(8), -g): the gate is started without root.
import { expect } from '@jest/globals';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath } from '../../../harness/from-outside.ts';
import { must } from '../../../../scripts/sandbox/exec.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the gate's look at its own uid, and the mode of the keeper's socket behind it",
      mutations: [{ file: 'gate', piece: 'isRoot() ? callerOf', becomes: 'true ? callerOf' }],
      remove: async ({ layout }) => {
        await must('chmod', ['666', `${layout.run}/keeper.sock`]);
      },
    },
  ],
  run: async ({ people: { alice }, layout }) => {
    const words = ['sudo', '-n', '-g', layout.gatedGroup, gatePath(layout)];
    const { code, stderr } = await asAccount(alice.login, words, { SSH_ORIGINAL_COMMAND: 'whoami' });
    expect({ code, stderr }).toEqual({ code: 77, stderr: expect.stringContaining('[NOT_BY_SUDO]') });
  },
};
