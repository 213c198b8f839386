// TERM climbs out of the terminfo folders to a file of the login's, or is none that the host knows.
import { expect } from '@jest/globals';
import { copyFileSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { openMarks } from '../../../harness/from-outside.ts';
import { approve } from '../../../harness/inside.ts';
import { sudoRuleBecomes } from '../../../harness/sudo-lines.ts';
import { requestAccess } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the allow-list of terminal names, and sudo's own look at TERM before it",
      mutations: [{ file: 'keeper', piece: 'if (!name.test(term)) return fallback;', becomes: '' }],
      remove: async (host) => {
        await sudoRuleBecomes(' LC_CTYPE TERM"', ' LC_CTYPE"')(host);
        await sudoRuleBecomes('env_keep = "LANG', 'env_keep = "TERM LANG')(host);
      },
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    // One that tmux could draw on: an entry that it could not would be refused for that.
    copyFileSync('/lib/terminfo/x/xterm', `${marks.folder}/x`);
    const { terminal, request } = await requestAccess(host.people.alice, {
      terminal: { term: `../../..${marks.folder}/x` },
    });
    await approve(host.people.bob, request);
    const [seen] = await terminal.until(/dba@\w+:~\$ |\[ATTACH_FAILED\]/);
    expect(seen).toMatch(/\$ $/);
    terminal.type("tmux display -p 'seen: as #{client_termname}'\r");
    await terminal.until(/as [\w./-]+/);
    expect(terminal.text).toContain('as xterm-256color');
  },
};
