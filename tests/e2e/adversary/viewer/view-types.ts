// Whoever only watches types: keys, a paste, tmux's own keys, with tmux's read-only taken off from inside, and once more after the keeper came anew.
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { homeOf, runIn } from '../../../harness/in-session.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { enter } from '../../../harness/inside.ts';
import { askToLook, personOf, records } from '../../../harness/viewing.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the relay passes no key of who watches',
      mutations: [{ file: 'relay.js', piece: 'if (rule !== "pass") return;', becomes: '' }],
    },
  ],
  run: async (host) => {
    const alice = await enter(host, host.people.alice);
    const carol = await askToLook(host, personOf(host, 'carol'));
    const file = (name: string): string => `${homeOf(host)}/${name}`;
    const writable =
      "for c in $(tmux list-clients -F '#{client_readonly} #{client_tty}' | sed -n 's/^1 //p'); do tmux switch-client -r -c $c; done";
    await runIn(host, alice, [writable]);
    carol.terminal.type('touch ~/typed\r');
    carol.terminal.type('\u001b[200~touch ~/pasted\r\u001b[201~\r');
    carol.terminal.type('\u0002c');
    await host.keeper.stop();
    await host.keeper.start();
    await eventually('the gate is back', () => records(host, 'found-again', carol).length === 1);
    await carol.terminal.until(/\u001b\]2;[^\u0007]*prod-db on prod-box, until/);
    carol.terminal.type('touch ~/again\r');
    carol.terminal.type('\u0003');
    // Out, all that was typed before it has been looked at; let through, it shows in the session.
    const through = alice.terminal.until('touch ~/again').catch(() => undefined);
    await Promise.race([carol.terminal.exit, through]);
    const left = ['typed', 'pasted', 'again'].filter((name) => existsSync(file(name)));
    expect(left).toEqual([]);
    expect(alice.terminal.text).not.toMatch(/touch ~/);
  },
};
