// One grant, three lines, one of them multiplexed over a master connection that stays: a withdrawal that ends the first is not an end.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { gates } from '../../../harness/around.ts';
import { expectEnded, expectSoon, withdraw } from '../../../harness/in-session.ts';
import { comeBack, connections, enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the end of a grant ends each of its connections',
      mutations: [
        {
          file: 'keeper',
          piece: '.filter((connection) => connection.state.session === session)',
          becomes: '.filter((connection) => connection.state.session === session).slice(0, 1)',
        },
      ],
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    const master = `${host.layout.client}/master`;
    // Somebody else's grant keeps the session: its own end would take every client along.
    const { carol = alice } = host.people;
    const other = await enter(host, carol);
    const first = await enter(host, alice);
    const second = await comeBack(host, alice);
    const muxed = alice.ssh(['-M', '-S', master, '-o', 'ControlPersist=60', '-t', 'prod-db']);
    await muxed.until(/until \d\d:\d\d:\d\d UTC \(/);
    await expectSoon(() => expect(connections(host.layout).length).toBe(4));
    void withdraw(host, first);
    await Promise.all([first.terminal, second.terminal, muxed].map(async (terminal) => expectEnded(terminal)));
    await expectSoon(() => expect(gates(host.layout)).toEqual([other.gate.pid]));
    // The master's own connection is still there: it opens a gate, and the gate asks like for everybody.
    const again = await alice.run(['-S', master, '-o', 'ControlMaster=no', 'grants']);
    expect(again.stdout).not.toContain('prod-db');
    await alice.run(['-S', master, '-O', 'exit']);
  },
};
