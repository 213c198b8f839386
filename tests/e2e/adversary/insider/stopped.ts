// Server, client and all else of the session are stopped (SIGSTOP) before the end: nothing of them answers or takes a signal.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { connectionByTerm, keeperNeverCuts } from '../../../harness/taken-out.ts';
import {
  expectEnded,
  expectNobodyLeft,
  expectSoon,
  isStopped,
  startIn,
  uidOf,
  withdraw,
} from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';
import { ofUids } from '../../../../scripts/sandbox/processes.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the gate's own cut (a relay that ends with its client)",
      mutations: [...keeperNeverCuts, connectionByTerm],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    startIn(host, inside, ['sleep 3010 & sleep 3011 & sleep 0.2; kill -STOP -1']);
    await expectSoon(() => {
      const there = ofUids([uidOf(host)]);
      // kill(2): -1 leaves out the one who sends it; the keeper continues the client.
      expect(there.filter(isStopped).length).toBeGreaterThan(2);
    });
    void withdraw(host, inside);
    await expectEnded(inside.terminal);
    expect(inside.terminal.text).toContain('was revoked by');
    await expectNobodyLeft(host);
  },
};
