// The login signals, traces, reads or robs its own gate, or a colleague's, while it is inside.
import type { Attack } from '../../../harness/attack.ts';
import { enter } from '../../../harness/inside.ts';
import { expectUntouchable } from '../../../harness/own-gate.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the service account as the gate's uid",
      mutations: [
        {
          file: 'relay.js',
          piece: 'becomeForGood(go2.service.uid, go2.service.gid)',
          becomes: 'becomeForGood(Number(process.env.SUDO_UID), Number(process.env.SUDO_GID))',
        },
      ],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    await expectUntouchable(host, inside.gate.pid);
    inside.terminal.type('echo "$((6*7))-unharmed"\r');
    await inside.terminal.until('42-unharmed');
  },
};
