// A person who was taken out of the gated group stays inside to the end of the window.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { changeAccount, comesTrue } from '../../../harness/from-outside.ts';
import { connections, enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the keeper's look at sudo's rule every `sign_in.recheck`",
      mutations: [{ file: 'keeper', piece: 'void cutUngated(deps)', becomes: 'void 0' }],
    },
  ],
  run: async (host) => {
    const { layout, people } = host;
    const inside = await enter(host, people.alice);
    await changeAccount('gpasswd', ['-d', people.alice.login, layout.gatedGroup]);
    try {
      expect(await comesTrue(() => connections(layout).length === 0, 25_000)).toBe(true);
      await inside.terminal.exit;
      expect(inside.terminal.text).toContain('may no longer use tmux-gate on this host');
    } finally {
      await host.cli(['revoke', inside.grant]); // which only ran out by itself
      await changeAccount('gpasswd', ['-a', people.alice.login, layout.gatedGroup]);
    }
  },
};
