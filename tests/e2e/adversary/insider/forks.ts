// Processes fork without pause while the session ends: a bomb of some hundred, and chains whose parents are gone before they are seen.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodyLeft, expectSoon, fileFor, ofSession, runIn, withdraw } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

/** 150 sleep and ignore what can be ignored; four chains live a fork long each, in sessions of their own. */
const bomb = `use POSIX;
$SIG{$_} = 'IGNORE' for keys %SIG;
for (1 .. 150) { fork or do { sleep 1 while 1 } }
for (1 .. 4) { fork and next; while (1) { my $child = fork; exit if $child; setsid(); select undef, undef, undef, 0.002 } }
`;

export const attack: Attack = {
  guards: [
    {
      what: 'cgroup.kill of all at once (one sweep of kill -9 over the list of processes is outrun)',
      mutations: [
        {
          file: 'keeper',
          piece: 'session.server.cgroup.end(',
          becomes: '(async () => (await session.server.cgroup.signal("SIGKILL"), []))(',
        },
      ],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    await runIn(host, inside, [`perl ${fileFor(host, 'bomb.pl', bomb)} &`]);
    await expectSoon(() => expect(ofSession(host).length).toBeGreaterThan(150));
    await withdraw(host, inside);
    await expectNobodyLeft(host);
  },
};
