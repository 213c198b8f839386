// The socket is given away: mode 0777, `server-access -a`, a second socket, so that a login without a grant attaches by itself.
import { expect } from '@jest/globals';
import { readdirSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { asAccount } from '../../../harness/around.ts';
import { runIn } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the mode of the session's folder",
      mutations: [{ file: 'keeper', piece: '(folder, 488);\n  const names', becomes: '(folder, 493);\n  const names' }],
    },
  ],
  run: async (host) => {
    const { mallory, alice } = host.people;
    const carol = await enter(host, host.people['carol'] ?? alice);
    await runIn(host, carol, [
      'sock=${TMUX%%,*}; d=$(dirname $sock)',
      `tmux server-access -a ${mallory.login}; tmux server-access -w ${mallory.login}`,
      'chmod 0777 $sock $d; setfacl -m o::rwx $d 2>/dev/null',
      'tmux -S $d/open -f /dev/null new-session -d',
    ]);
    const folder = `${host.layout.run}/s/${readdirSync(`${host.layout.run}/s`).find((name) => !name.includes('.')) ?? ''}`;
    for (const who of [mallory, alice]) {
      const { stdout, code } = await asAccount(who.login, ['tmux', '-N', '-S', `${folder}/sock`, 'list-sessions']);
      expect({ stdout, failed: code !== 0 }).toEqual({ stdout: '', failed: true });
    }
    expect(readdirSync(folder)).toEqual(['sock']);
  },
};
