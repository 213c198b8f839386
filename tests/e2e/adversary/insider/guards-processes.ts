// Gate, keeper and Redis are signalled, traced, read and robbed of descriptors from inside the session.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { attack as tries, isGate } from '../../../harness/around.ts';
import { expectSoon, fileFor, homeOf, startIn, textOf } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the gate becomes the service account, which is not the session's",
      mutations: [{ file: 'relay.js', piece: '.service.uid, go', becomes: '.account.uid, go' }],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    for (const [name, pid] of Object.entries({ keeper: host.keeper.pid ?? 0, gate: inside.gate.pid })) {
      const script = fileFor(host, `touch-${name}.pl`, tries(pid).join('\n'));
      startIn(host, inside, [`setsid perl ${script} > ~/touched-${name}`]);
      await expectSoon(() => expect(textOf(`${homeOf(host)}/touched-${name}`)).toBe('done'));
    }
    expect(isGate(host.layout, inside.gate.pid)).toBe(true);
  },
};
