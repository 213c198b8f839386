// The session's socket is moved away, removed and bound anew from inside, so that the next person lands in another server.
import { expect } from '@jest/globals';
import { readdirSync, statSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { runIn } from '../../../harness/in-session.ts';
import { comeBack, enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the folder is root's once the server is up",
      mutations: [
        {
          file: 'keeper',
          piece: 'async function lockFolder(',
          becomes: 'async function lockFolder() {\n}\nasync function neverLocked(',
        },
      ],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    const sessions = `${host.layout.run}/s`;
    const id = readdirSync(sessions).find((name) => !name.includes('.')) ?? '';
    const folder = `${sessions}/${id}`;
    const before = statSync(`${folder}/sock`).ino;
    await runIn(host, inside, [
      'sock=${TMUX%%,*}; d=$(dirname $sock); cd ~',
      'tmux set -g @real yes',
      'touch $d/x; ln -s /etc/passwd $d/y; mkdir $d/z; chmod 777 $d; mv $sock $d/old; ln -f $sock $d/link; rm -f $sock',
      `mv $d ${sessions}/away; mkdir ${sessions}/mine`,
      'env -u TMUX tmux -S $sock -f /dev/null new-session -d -s prod-db',
      'env -u TMUX tmux -S $d/second -f /dev/null new-session -d -s prod-db',
    ]);
    expect(readdirSync(folder)).toEqual(['sock']);
    expect(statSync(`${folder}/sock`).ino).toBe(before);
    expect(readdirSync(sessions).sort()).toEqual([id, `${id}.json`]);
    const again = await comeBack(host, host.people.alice);
    await runIn(host, again, ['echo "real: $(tmux show -gv @real)"']);
    expect(again.terminal.text).toContain('real: yes');
  },
};
