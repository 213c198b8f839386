// sudo runs another program, as another account, in a shell, an editor, another folder or root, or the gate's like elsewhere.
import { expect } from '@jest/globals';
import { symlinkSync, writeFileSync } from 'node:fs';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath, openMarks } from '../../../harness/from-outside.ts';
import { sudoRuleBecomes } from '../../../harness/sudo-lines.ts';

const attempts = ({ layout: { lib, serviceAccount, sessionAccount, gatedGroup }, people }: Host, marks: string) => {
  const gate = `${lib}/gate`;
  return [
    ['-s'],
    ['-i'],
    ['-e', '/etc/passwd'],
    ['-D', '/tmp', gate],
    ['-R', '/tmp', gate],
    ['-C', '9', gate],
    ['-T', '1', gate],
    ...[serviceAccount, sessionAccount, people.bob.login, '#0', '#-1'].map((who) => ['-u', who, '/usr/bin/id']),
    ...[serviceAccount, sessionAccount, people.bob.login].map((who) => ['-u', who, gate]),
    ...['root', sessionAccount].map((group) => ['-g', group, gate]),
    ['-u', 'root', '-g', gatedGroup, gate],
    ...[`${lib}/keeper`, `${lib}/node`, `${lib}/../tmux-gate/gate/../keeper`].map((path) => [path]),
    [`${lib}/tmux-gate`, 'unpin', people.alice.login],
    ['/bin/sh'],
    [`${marks}/gate`],
    ['gate'],
  ];
};

export const attack: Attack = {
  guards: [
    {
      what: 'the rule names one program and one account',
      remove: async (host) =>
        sudoRuleBecomes(`(root) NOPASSWD: ${gatePath(host.layout)} ""`, '(ALL:ALL) NOPASSWD: ALL')(host),
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    const { login } = host.people.alice;
    writeFileSync(`${marks.folder}/gate`, '#!/bin/sh\nid\n', { mode: 0o755 });
    symlinkSync(`${host.layout.lib}/keeper`, `${marks.folder}/keeper`);
    const path = { PATH: `${marks.folder}:/usr/bin:/bin` };
    const rights = await asAccount(login, ['sudo', '-n', '-l']);
    const rows = rights.stdout.split('\n').filter((row) => row.trim().startsWith('('));
    expect(rows).toEqual([`    (root) NOPASSWD: ${gatePath(host.layout)} ""`]);
    for (const words of attempts(host, marks.folder)) {
      const { code, stdout } = await asAccount(login, ['sudo', '-n', ...words], path);
      expect({ words, code, stdout }).toEqual({ words, code: 1, stdout: '' });
    }
  },
};
