// `#(...)` in a reason comes to the session by whatever the keeper tells it, and runs there as a command.
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { expectSoon, homeOf, runIn } from '../../../harness/in-session.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { approve, enter } from '../../../harness/inside.ts';
import { requestAccess } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'text goes only into an @option, and none of it is what a person wrote',
      mutations: [
        {
          file: 'keeper',
          piece: 'const text = `${who.login}: ${said}`',
          becomes: 'const text = `${connection.state.reason}: ${said}`',
        },
        {
          file: 'keeper',
          piece: '["display-message", "-c", terminal, "-d", String(noteMs), "#{@tmux_gate_note}"]',
          becomes: '["set-option", "-g", "status-left", "#{E:@tmux_gate_note}"]',
        },
      ],
    },
  ],
  run: async (host) => {
    const alice = await enter(host, host.people.alice, { window: '30m' }); // no reminder of her own is due
    const marker = `${homeOf(host)}/injected`;
    const { carol = host.people.alice } = host.people;
    const { terminal, request } = await requestAccess(carol, { reason: `INC-1 #(touch ${marker})`, window: '1m' });
    await approve(host.people.bob, request);
    // Within seconds the session is told that a minute is left: each of them that is in it, also who came a moment ago.
    const told = /carol: (1m|\d\ds) left/;
    for (const one of [terminal, alice.terminal])
      await eventually('they are told, or it has run', () => told.test(one.text) || existsSync(marker));
    // A job of the session's own in the same line has run by then; so would the other have.
    await runIn(host, alice, ["rm -f ~/own; tmux set -g status-right '#(touch ~/own)'"]);
    await expectSoon(() => expect(existsSync(`${homeOf(host)}/own`)).toBe(true));
    expect(existsSync(marker)).toBe(false);
  },
};
