// Hooks, options, bindings and environment that one person leaves in the server fire when the next person comes.
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodyLeft, homeOf, runIn, withdraw } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the session ends with its last grant',
      mutations: [{ file: 'keeper', piece: 'return endAtExpiry(', becomes: 'return void (' }],
    },
    {
      what: "the config is root's, and the account's own is not read",
      mutations: [{ file: 'keeper', piece: ', "-f", layout.tmuxConf]', becomes: ']' }],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    await runIn(host, inside, [
      'rm -f ~/fired*',
      `tmux set-hook -g client-attached 'run-shell "touch ~/fired-hook"'`,
      `echo 'run-shell "touch ~/fired-config"' | tee ~/.tmux.conf > /dev/null; mkdir -p ~/.config/tmux; cp ~/.tmux.conf ~/.config/tmux/tmux.conf`,
      'tmux set-environment -g PLANTED here',
    ]);
    await withdraw(host, inside);
    await expectNobodyLeft(host).catch(() => undefined); // the marks below say whether it mattered
    const next = await enter(host, host.people.alice);
    await runIn(host, next, ['rm -rf ~/.tmux.conf ~/.config/tmux; touch ~/fired-"$PLANTED"']);
    expect(['hook', 'config', 'here'].filter((name) => existsSync(`${homeOf(host)}/fired-${name}`))).toEqual([]);
  },
};
