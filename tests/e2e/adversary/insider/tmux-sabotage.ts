// Every tmux command and option that could end a client or a server is aliased, hooked, rebound or switched off.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { expectEnded, expectNobodyLeft, fileFor, runIn } from '../../../harness/in-session.ts';
import { comeBack, enter } from '../../../harness/inside.ts';

const commands = 'kill-server kill-session detach-client list-clients display-message lock-client set-option';
const hooks = 'client-attached client-detached session-closed session-renamed pane-died after-set-option';

/** @param stay what a hook starts. */
const sabotage = (stay: string): readonly string[] => [
  'tmux new-session -d -s elsewhere',
  'tmux set -g detach-on-destroy off',
  'tmux set -g destroy-unattached off',
  'tmux set -s exit-empty off',
  'tmux set -s exit-unattached off',
  'tmux set -g remain-on-exit on',
  `tmux set -g default-command "trap '' HUP TERM; exec bash"`,
  "tmux set -g lock-command 'sleep 3001'",
  String.raw`tmux set -s 'user-keys[0]' '\003'`,
  'tmux bind -n User0 display-message no',
  'tmux unbind -a -T prefix; tmux set -g prefix None',
  "tmux set -g status-right '#(sleep 3002)'; tmux set -g status-interval 1",
  'tmux server-access -a nobody',
  // An impostor of the granted name (threats H2): whoever comes next lands in it, and is no further than before.
  'tmux rename-session -t =prod-db real; tmux new-session -d -s prod-db',
  ...hooks.split(' ').map((name) => `tmux set-hook -g ${name} "run-shell -b 'sh ${stay}'"`),
  ...commands
    .split(' ')
    .map((name, n) => `tmux set -s 'command-alias[${String(100 + n)}]' ${name}='display-message -p FAKE'`),
  'trap "" HUP TERM; tmux kill-server',
];

export const attack: Attack = {
  guards: [
    {
      what: 'an end that asks tmux for nothing (kill-server instead of cgroup.kill)',
      mutations: [
        {
          file: 'keeper',
          piece: 'session.server.cgroup.end(',
          becomes: '(async () => (await command(session.server, session.account, ["kill-server"]), []))(',
        },
      ],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice, { window: '12s' });
    const stay = fileFor(host, 'stay.sh', 'trap "" HUP TERM\nexec setsid sleep 3003\n');
    await runIn(host, inside, sabotage(stay));
    const again = await comeBack(host, host.people.alice);
    await Promise.all([expectEnded(inside.terminal, 40_000), expectEnded(again.terminal, 40_000)]);
    expect(inside.terminal.text).toContain('has ended');
    await expectNobodyLeft(host);
  },
};
