// The login signals, traces, reads or robs its own gate, or a colleague's, before it is let in.
import type { Attack } from '../../../harness/attack.ts';
import { waitingGate } from '../../../harness/from-outside.ts';
import { expectUntouchable } from '../../../harness/own-gate.ts';

export const attack: Attack = {
  guards: [
    {
      what: "root as the gate's real and saved uid",
      mutations: [{ file: 'gate', piece: 'process.seteuid?.(uid)', becomes: 'process.setuid?.(uid)' }],
    },
  ],
  run: async (host) => {
    await using terminal = host.people.alice.ssh(['-t', 'prod-db']);
    await expectUntouchable(host, await waitingGate(host, terminal));
  },
};
