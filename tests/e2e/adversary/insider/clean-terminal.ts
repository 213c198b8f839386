// The session leaves everything on that a terminal can have on, and half a sequence that would swallow the farewell.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import {
  clientOf,
  expectEnded,
  expectSoon,
  fileFor,
  runIn,
  takeTerminal,
  withdraw,
} from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

const csi = (text: string): string => `\\e[${text}`;
/** Alternate screen, no cursor, every mouse and focus report, insert, origin, reverse, margins, other character set, half a title. */
const mess = [
  ...[
    '?1049h',
    '?25l',
    '?1000h',
    '?1002h',
    '?1003h',
    '?1006h',
    '?1004h',
    '?2004h',
    '?1h',
    '4h',
    '?5h',
    '2;3r',
    '?6h',
    '?7l',
    '?45h',
  ].map(csi),
  ...['31;7;8m', '2J'].map(csi),
  '\\e=\\e(0\\e)0\\016marooned\\e]2;half',
].join('');

export const attack: Attack = {
  guards: [
    {
      what: 'the terminal is put right before the last line',
      mutations: [{ file: 'relay.js', piece: '`${putRight}${', becomes: '`${""}${' }],
    },
  ],
  run: async (host) => {
    const { terminal, ...inside } = await enter(host, host.people.alice);
    const script = fileFor(
      host,
      'mess.pl',
      `use IO::Handle;\n${takeTerminal(clientOf(host, { ...inside, terminal }))}\nprint $tty "${mess}";\n`,
    );
    const before = await terminal.modes();
    await runIn(host, { ...inside, terminal }, ['tmux set -g status off', "tmux bind -n F9 run-shell 'true'"]);
    terminal.type(`perl ${script}; kill -STOP $(echo $TMUX | cut -d, -f2)\r`);
    await expectSoon(() => expect(terminal.text).toContain('marooned'));
    void withdraw(host, { ...inside, terminal });
    await expectEnded(terminal);
    expect(before.mouseTrackingMode).not.toBeUndefined();
    expect(await terminal.modes()).toMatchObject({
      alternateScreen: false,
      applicationCursorKeysMode: false,
      applicationKeypadMode: false,
      bracketedPasteMode: false,
      insertMode: false,
      mouseTrackingMode: 'none',
      originMode: false,
      reverseWraparoundMode: false,
      sendFocusMode: false,
      wraparoundMode: true,
    });
    expect((await terminal.screen()).join(' ')).toContain('was revoked by');
  },
};
