// Every way to outlive a session (setsid, double fork, nohup, ignored signals, SIGSTOP, tmux jobs, servers of its own) is tried at once.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodyLeft, expectSoon, ofSession, runIn, withdraw } from '../../../harness/in-session.ts';
import { enter, journal } from '../../../harness/inside.ts';

/** Each sleeps for a time of its own, by which it is known (threats C7). */
const survivors = {
  2001: 'nohup sleep 2001 >/dev/null 2>&1 &',
  2002: 'setsid sleep 2002 &',
  2003: '(setsid sh -c "sleep 2003 & exit" &)',
  2004: `sh -c "trap '' HUP TERM; sleep 2004; sleep 2004" &`,
  2005: 'sleep 2005 & sleep 0.2; kill -STOP $!',
  2006: "tmux run-shell -b 'setsid sleep 2006'",
  2007: 'tmux -S ~/second -f /dev/null new-session -d sleep 2007',
  2008: `perl -e '$SIG{$_} = "IGNORE" for keys %SIG; fork and exit; fork and exit; $0 = "sleep 2008"; sleep 1 while 1' &`,
  2009: 'sleep 2009 & disown -h',
  2010: "tmux pipe-pane 'sleep 2010'",
  2011: "tmux set -g status-left '#(setsid sleep 2011)'; tmux refresh-client -S",
  2012: 'tmux display-popup -E "trap : HUP; setsid sleep 2012" &',
  2013: "tmux new-window -d 'tmux -S ~/nested -f /dev/null new-session sleep 2013'",
} as const;

export const attack: Attack = {
  guards: [
    {
      what: "cgroup.kill for the session (HUP, TERM and a kill of the server's own children are not enough)",
      mutations: [
        {
          file: 'keeper',
          piece: 'session.server.cgroup.end(',
          becomes: '(async () => (process.kill(session.server.pid, "SIGKILL"), []))(',
        },
      ],
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    await runIn(host, inside, Object.values(survivors));
    const names = (): unknown => [
      ...new Set(ofSession(host).flatMap((line) => /\bsleep (20\d\d)$/.exec(line)?.[1] ?? [])),
    ];
    await expectSoon(() => expect(names()).toEqual(expect.arrayContaining(Object.keys(survivors))));
    const sleepers = ofSession(host).filter((line) => /^\d+ sleep 20\d\d$/.test(line));
    const pids = sleepers.map((line) => Number(line.split(' ')[0]));
    await withdraw(host, inside);
    await expectNobodyLeft(host);
    // Law 6 wants it written down, too: each by pid and name.
    await expectSoon(() => expect(listedAtEnd(host.layout)).toEqual(expect.arrayContaining(pids)));
  },
};

function listedAtEnd(layout: Parameters<typeof journal>[0]): readonly number[] {
  const records = journal(layout).filter(({ event }) => event === 'session-ended' || event === 'disconnected');
  const listed = records.flatMap((record) => [record['ended'], record['killed']].flat()) as readonly { pid: number }[];
  return listed.filter(Boolean).map(({ pid }) => pid);
}
