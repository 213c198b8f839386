// The other person's environment is read: of their client in /proc, and of the session that they attach to.
import { expect } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { clientOf, homeOf, runIn, textOf } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the client's environment is three variables",
      mutations: [
        {
          file: 'relay.js',
          piece: 'const env = { PATH: "/usr/bin:/bin",',
          becomes: 'const env = { ...process.env, PATH: "/usr/bin:/bin",',
        },
      ],
    },
    {
      what: 'update-environment is empty, and the client sends -E',
      mutations: [
        { file: 'keeper', piece: '"attach-session", "-E",', becomes: '"attach-session",' },
        {
          file: 'relay.js',
          piece: 'const env = { PATH: "/usr/bin:/bin",',
          becomes: 'const env = { SSH_CONNECTION: "1", PATH: "/usr/bin:/bin",',
        },
      ],
      remove: async ({ layout }) => {
        const file = `${layout.etc}/tmux.conf`;
        writeFileSync(file, readFileSync(file, 'utf8').replace('set -g update-environment ""', ''));
        return Promise.resolve();
      },
    },
  ],
  run: async (host) => {
    const carol = await enter(host, host.people['carol'] ?? host.people.alice);
    const alice = await enter(host, host.people.alice);
    await runIn(host, carol, [
      `tr '\\0' '\\n' < /proc/${String(clientOf(host, alice))}/environ | cut -d= -f1 | sort > ~/their-environment`,
      'tmux show-environment > ~/session-environment; tmux show-environment -g >> ~/session-environment',
    ]);
    const session = textOf(`${homeOf(host)}/session-environment`);
    expect(session).not.toMatch(/SSH_|SUDO_|XDG_|DISPLAY|TMUX_GATE/);
    expect(session).not.toContain(host.people.alice.login);
    // PWD is the shell's that joins the cgroup.
    expect(textOf(`${homeOf(host)}/their-environment`)).toBe('LANG\nPATH\nPWD\nTERM\n');
  },
};
