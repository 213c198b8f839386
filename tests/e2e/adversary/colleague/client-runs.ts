// The server makes the other person's client run programs (`detach-client -E`, lock-command, `-P`, a hook on attach): as whom, and for how long?
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { clientAsRoot, connectionByTerm } from '../../../harness/taken-out.ts';
import {
  clientOf,
  expectEnded,
  expectNoConnection,
  expectSoon,
  fileFor,
  homeOf,
  ofSession,
  runIn,
  startIn,
  textOf,
  withdraw,
} from '../../../harness/in-session.ts';
import { comeBack, connections, enter, isAlive } from '../../../harness/inside.ts';
import { account } from '../../../../scripts/sandbox/accounts.ts';

export const attack: Attack = {
  guards: [
    clientAsRoot,
    {
      what: 'cgroup.kill for the connection (what its client became lives on)',
      mutations: [connectionByTerm],
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    const carol = await enter(host, host.people['carol'] ?? alice);
    const victim = await enter(host, alice);
    const home = homeOf(host);
    const client = clientOf(host, victim);
    const { uid, gid } = account(host.layout.sessionAccount);
    const expectSession = (name: string): void =>
      expect(textOf(`${home}/${name}`).split('\n').slice(0, 2)).toEqual([String(uid), String(gid)]);
    const who = fileFor(
      host,
      'who.sh',
      `id -u > ${home}/$1; id -G >> ${home}/$1; cat /proc/self/loginuid >> ${home}/$1\n`,
    );
    const tty = `$(tmux list-clients -F '#{client_pid} #{client_tty}' | grep '^${String(client)} ' | cut -d' ' -f2)`;
    await runIn(host, carol, [`tmux set -g lock-command 'sh ${who} locked'; tmux lock-client -t "${tty}"`]);
    await expectSoon(() => expect(textOf(`${home}/locked`).split('\n').length).toBeGreaterThan(2));
    expectSession('locked');
    // MSG_DETACHKILL: the client signals its parent, which is the gate (threats L1).
    await runIn(host, carol, [`tmux detach-client -P -t "${tty}"`]);
    await expectEnded(victim.terminal);
    const again = await comeBack(host, alice);
    const tty2 = tty.replace(String(client), String(clientOf(host, again)));
    startIn(host, carol, [
      `tmux set-hook -g client-attached "detach-client -E 'sh ${who} hooked; sleep 1'"`,
      `tmux detach-client -t "${tty2}" -E 'sh ${who} ran; trap "" HUP TERM; while :; do sleep 7001; done'`,
    ]);
    await expectSoon(() => expect(ofSession(host).filter((line) => line.endsWith(' sleep 7001')).length).toBe(1));
    const third = alice.ssh(['-t', 'prod-db']);
    await expectEnded(third);
    for (const name of ['ran', 'hooked']) expectSession(name);
    void withdraw(host, again);
    await expectEnded(again.terminal);
    await expectSoon(() => expect(ofSession(host).filter((line) => line.endsWith(' sleep 7001'))).toEqual([]));
    expect(isAlive(carol.gate.pid)).toBe(true);
    void withdraw(host, carol);
    await expectEnded(carol.terminal);
    await expectNoConnection(host);
    expect(connections(host.layout)).toEqual([]);
  },
};
