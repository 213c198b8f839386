// Output is made to look like lines of the recording: a marker, an input and a resize that never were.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { clientOf, expectEnded, fileFor, runIn, takeTerminal, withdraw } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';
import { recordedText } from '../../../harness/recorded.ts';

const forged = ['[1, "m", "FORGED approval"]', '[1, "i", "FORGED input"]', '[1, "r", "1x1"]'];

export const attack: Attack = {
  guards: [
    {
      what: 'each event is one line of JSON, made by JSON.stringify',
      mutations: [
        {
          file: 'relay.js',
          piece: '= `${JSON.stringify(value)}\n',
          becomes:
            '= `${Array.isArray(value) ? `[${value[0]}, "${value[1]}", "${value[2]}"]` : JSON.stringify(value)}\n',
        },
      ],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    const text = `FORGING"]\\n${forged.join('\\n').replaceAll('"', '\\"')}\\n[1, \\"o\\", \\"`;
    const lines = [
      'use IO::Handle;',
      takeTerminal(clientOf(host, inside)),
      `print $tty "${text.replace('FORGING"', 'FORGING\\"')}";`,
    ];
    await runIn(host, inside, [`perl ${fileFor(host, 'forge.pl', `${lines.join('\n')}\n`)}`]);
    expect(inside.terminal.text).toContain('FORGING');
    await withdraw(host, inside);
    await expectEnded(inside.terminal);
    const rows = (await recordedText(inside.recording)).split('\n');
    expect(rows.filter((row) => /^\[1, /.test(row))).toEqual([]);
    expect(rows.filter((row) => row.includes('FORGING')).length).toBe(1);
  },
};
