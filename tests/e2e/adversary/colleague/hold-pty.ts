// A process in the session holds the pty of a person whose grant has ended while another's keeps the session: it goes on writing and reading.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { keeperNeverCuts } from '../../../harness/taken-out.ts';
import {
  clientOf,
  expectEnded,
  expectSoon,
  farewell,
  fileFor,
  homeOf,
  runIn,
  startIn,
  takeTerminal,
  textOf,
  withdraw,
} from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

/** Pushes into it what would run in a shell behind it (TIOCSTI), writes to it and reads from it as long as it can. */
const holder = (pid: number, said: string): string => `use strict; use IO::Handle; use Fcntl; use POSIX;
${takeTerminal(pid)}
$SIG{$_} = 'IGNORE' for qw(HUP TERM PIPE INT TTIN TTOU);
fork and exit; setsid();
open(my $log, '>', '${said}'); $log->autoflush(1); print $log "holding\\n";
fcntl($tty, F_SETFL, O_NONBLOCK);
for (1 .. 1200) {
  ioctl($tty, 0x5412, my $push = 'x');
  print $log "read: $_\\n" if sysread($tty, $_, 4096);
  syswrite($tty, "held-by-carol\\r\\n") or print $log "cut\\n";
  select undef, undef, undef, 0.05;
}
`;

export const attack: Attack = {
  guards: [
    {
      what: "the gate's own cut (a relay that lives as long as its pty is held)",
      mutations: [
        ...keeperNeverCuts,
        {
          file: 'relay.js',
          piece: 'pty.onExit((exitCode, signal) =>',
          becomes: '(() => void 0)((exitCode, signal) =>',
        },
      ],
    },
  ],
  run: async (host) => {
    const carol = await enter(host, host.people['carol'] ?? host.people.alice);
    const alice = await enter(host, host.people.alice);
    const log = `${homeOf(host)}/held`;
    const push = fileFor(host, 'push.pl', 'ioctl(STDIN, 0x5412, $_) for split //, "pushed-\\$((6*7))-\\$(id -un)\\r";');
    await runIn(host, carol, [
      `perl ${fileFor(host, 'hold.pl', holder(clientOf(host, alice), log))}`,
      `perl ${push} < /dev/tty; read -t 1 line`,
    ]);
    await expectSoon(() => expect(alice.terminal.text).toContain('held-by-carol'));
    expect(textOf(log)).toContain('holding');
    void withdraw(host, alice);
    await expectEnded(alice.terminal);
    expect(alice.terminal.text).toMatch(farewell);
    await expectSoon(() => expect(textOf(log)).toContain('cut'));
    expect(carol.terminal.text).not.toContain(`pushed-42-${host.people.alice.login}`);
    startIn(host, carol, ["pkill -KILL -f hold.pl; echo 'carol-goes'-on"]);
    await carol.terminal.until('carol-goes-on');
  },
};
