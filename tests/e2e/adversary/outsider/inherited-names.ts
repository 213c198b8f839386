// A session is asked for by a name that every object has (`constructor`, `toString`).
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the look for the policy's own names alone",
      mutations: [
        { file: 'keeper', piece: 'return Object.hasOwn(config2.sessions, name2) ? ', becomes: 'return true ? ' },
      ],
    },
  ],
  run: async ({ people: { alice } }) => {
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
      await using terminal = alice.ssh(['-t', name]);
      await terminal.until(/user_code=|\[[A-Z_]+\]/);
      expect(terminal.text).toContain('[UNKNOWN_SESSION]');
    }
  },
};
