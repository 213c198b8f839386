// A person whom the provider knows, and who is in no group of the session's, asks for it.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the session's `who`",
      mutations: [{ file: 'keeper', piece: 'if (group === void 0) return', becomes: 'if (false) return' }],
    },
  ],
  run: async ({ people: { mallory } }) => {
    await using terminal = mallory.ssh(['-t', 'prod-db', '--for 1m --reason INC-1 look']);
    await mallory.signInFrom(terminal);
    await terminal.until(/\[[A-Z_]+\]|Request [0-9A-Z]{6}/);
    expect(terminal.text).toContain('[NOT_ALLOWED]');
  },
};
