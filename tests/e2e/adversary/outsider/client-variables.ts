// Variables that the engineer's client sends (SendEnv, SetEnv) reach the gate, which runs as root.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { environmentOf, waitingGate } from '../../../harness/from-outside.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';
import { sudoRuleBecomes } from '../../../harness/sudo-lines.ts';

const sent = ['LC_TIME=C', 'LC_X=planted', 'NODE_OPTIONS=--title=planted', 'LD_PRELOAD=/planted.so', 'TZ=Asia/Tokyo'];

export const attack: Attack = {
  guards: [
    {
      what: "AcceptEnv of five names, and sudo's env_check behind it",
      remove: async (host) => {
        await withoutSshdLine('AcceptEnv LANG LC_ALL LC_CTYPE NO_COLOR TMUX_GATE_PLAIN')(host);
        await sudoRuleBecomes('LC_CTYPE TERM"', 'LC_CTYPE TERM LC_*"')(host);
      },
    },
  ],
  run: async (host) => {
    const options = ['-o', `SetEnv=${sent.map((pair) => `"${pair}"`).join(' ')}`];
    await using terminal = host.people.alice.ssh([...options, '-t', 'prod-db']);
    const pid = await waitingGate(host, terminal);
    const names = environmentOf(pid).map((pair) => pair.split('=')[0]);
    expect(names.filter((name) => sent.some((pair) => pair.startsWith(`${String(name)}=`)))).toEqual([]);
  },
};
