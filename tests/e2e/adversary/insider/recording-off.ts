// The recording is switched off: pipe-pane, hooks, other clients detached, another window, the server stopped and woken, a moved folder.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { expectEnded, startIn, withdraw } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';
import { recordedText } from '../../../harness/recorded.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the relay's own recorder",
      mutations: [{ file: 'relay.js', piece: 'running.recorder.output(bytes);', becomes: '' }],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    startIn(host, inside, [
      'tmux pipe-pane; tmux detach-client -a; tmux set-hook -gu client-attached',
      `rm -f ${inside.recording}; mv ${inside.recording} ${inside.recording}.x; : > ${inside.recording}`,
      'tmux set -g history-limit 0; tmux clear-history; unset HISTFILE',
      '(sleep 0.2; kill -CONT $(echo $TMUX | cut -d, -f2)) & kill -STOP $(echo $TMUX | cut -d, -f2)',
      "tmux new-window 'PS1=another-window: sh'",
    ]);
    await inside.terminal.until('another-window:');
    inside.terminal.type("echo 'seen'-in-another-window\r");
    await inside.terminal.until('seen-in-another-window');
    await withdraw(host, inside);
    await expectEnded(inside.terminal);
    const events = (await recordedText(inside.recording))
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line) as [number, string, string]);
    const seen = events
      .filter(([, code]) => code === 'o')
      .map(([, , data]) => data)
      .join('');
    expect(seen).toContain('seen-in-another-window');
  },
};
