// TERM climbs out of the terminfo folders to a file of the login's, or is none that the host knows.
import { expect } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { Attack } from '../../../house/attack.ts';
import { openMarks } from '../../../house/at-the-door.ts';
import { approve } from '../../../house/inside.ts';
import { knock } from '../../../house/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the allow-list of terminal names',
      mutations: [{ file: 'keeper', piece: 'if (!name.test(term)) return fallback;', becomes: '' }],
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    writeFileSync(`${marks.folder}/x`, '');
    const { terminal, request } = await knock(host.people.alice, { terminal: { term: `../../..${marks.folder}/x` } });
    await approve(host.people.bob, request);
    await terminal.until(/\$ |\[[A-Z_]+\]/);
    terminal.type("tmux display -p 'as #{client_termname}'\r");
    await terminal.until(/as xterm-256color|\[[A-Z_]+\]/);
    expect(terminal.text).toContain('as xterm-256color');
  },
};
