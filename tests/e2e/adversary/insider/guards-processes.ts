// Gate, keeper and Redis are signalled, traced, read and robbed of descriptors from inside the session.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { attack as tries, isGate } from '../../../house/around.ts';
import { fileFor, homeOf, runIn, textOf } from '../../../house/in-session.ts';
import { enter } from '../../../house/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the gate becomes the service account, which is not the session's",
      mutations: [{ file: 'relay.js', piece: '.service.uid, go', becomes: '.account.uid, go' }],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    const tried = async (pid: number): Promise<string> => {
      const script = fileFor(host, 'touch.pl', tries(pid).join('\n'));
      await runIn(host, inside, [
        `perl ${script} > ~/touched; perl -e '$p = shift; print "mem" if open(F, "+<", "/proc/$p/mem") && sysseek(F, 0, 0) && 0' ${String(pid)}`,
      ]);
      return textOf(`${homeOf(host)}/touched`);
    };
    expect(await tried(host.keeper.pid ?? 0)).toBe('done');
    expect(await tried(inside.gate.pid)).toBe('done');
    expect(isGate(host.layout, inside.gate.pid)).toBe(true);
  },
};
