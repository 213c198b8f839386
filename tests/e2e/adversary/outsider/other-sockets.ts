// A login reaches Redis, the gates' way back to the keeper, or the tmux server of a colleague's session.
import { expect } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { must } from '../../../../scripts/sandbox/exec.ts';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import { asAccount, perlAs } from '../../../harness/around.ts';
import type { Attack, Guard } from '../../../harness/attack.ts';
import { enter } from '../../../harness/inside.ts';

const opened = (what: string, name: string): Guard => ({
  what,
  remove: async ({ layout }) => {
    await must('chmod', ['-R', 'a+rwX', `${layout.run}/${name}`]);
  },
});

const sockets = ({ layout: { run } }: Host): readonly string[] => [
  `${run}/redis/sock`,
  `${run}/rejoin/sock`,
  ...readdirSync(`${run}/s`).map((id) => `${run}/s/${id}/sock`),
];

export const attack: Attack = {
  guards: [
    opened("the mode of Redis' folder", 'redis'),
    opened("the mode of the gates' way back", 'rejoin'),
    {
      what: "the mode of a session's folder, and the mode that tmux gives its socket behind it",
      mutations: [
        {
          file: 'keeper',
          piece: 'await lockFolder(folder, account2);\n',
          becomes: 'await lockFolder(folder, account2); await chmod3(folder, 493); await chmod3(socket, 511);\n',
        },
      ],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    const paths = sockets(host);
    expect(paths.filter((path) => existsSync(path))).toHaveLength(3);
    for (const who of [host.people.alice.login, host.people.mallory.login]) {
      const { stdout } = await perlAs(who, [
        'use IO::Socket::UNIX;',
        ...paths.map((path) => `print "${path} " if IO::Socket::UNIX->new(Peer => "${path}");`),
        'print "done";',
      ]);
      expect({ who, stdout }).toEqual({ who, stdout: 'done' });
      const typed = await asAccount(who, ['tmux', '-S', paths[2] ?? '', 'send-keys', '-t', '=prod-db:', 'x']);
      expect(typed.code).not.toBe(0);
    }
    expect(inside.terminal.text).not.toContain('$ x');
  },
};
