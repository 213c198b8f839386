// The session's server is stopped and a program of the session takes its listening socket: a hostile server on the real path.
import { expect } from '@jest/globals';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import type { Attack } from '../../../harness/attack.ts';
import { clientAsRoot } from '../../../harness/taken-out.ts';
import {
  expectEnded,
  expectNobodyLeft,
  expectSoon,
  fileFor,
  homeOf,
  runIn,
  textOf,
  uidOf,
} from '../../../harness/in-session.ts';
import { ask, approve, connections, endGrants, enter } from '../../../harness/inside.ts';

/** What runs as whoever it is made to run as; it says who that was. */
const evil = (host: Host): string => `#!/bin/sh
id -u > ${homeOf(host)}/c1/uid.$$
touch ${pwned(host)}-script
`;

/** Outside of everything that a sandbox cleans up for the session account: only root could make it. */
const pwned = ({ root }: Host): string => `${root}/etc/pwned`;

/**
 * A server of tmux's protocol 8 (tmux-protocol.h; imsg_init(3)) on the listening descriptor of the real one, which is stopped.
 * ~/c1/mode says how it answers; what its clients ask for is written down.
 */
const fake = (host: Host): string => `use strict; use IO::Handle; use Fcntl;
my ($server, $home, $evil) = (@ARGV);
sub frame { my ($type, $body) = @_; pack('VvvVV', $type, 16 + length $body, 0, 8, $$) . $body }
my ($path) = split /,/, $ENV{TMUX};
open(my $unix, '<', '/proc/net/unix'); my %listening;
while (<$unix>) { my @f = split; $listening{$f[6]} = 1 if ($f[7] // '') eq $path && hex($f[3]) & 0x10000 }
my ($n) = map { m{/(\\d+)$} } grep { (readlink($_) // '') =~ /socket:\\[(\\d+)\\]/ && $listening{$1} } glob("/proc/$server/fd/*");
my $handle = syscall(434, $server + 0, 0);
my $fd = syscall(438, $handle, $n + 0, 0);
open(my $listen, '+<&=', $fd) or die;
fcntl($listen, F_SETFL, fcntl($listen, F_GETFL, 0) & ~O_NONBLOCK);
kill STOP => $server;
open(my $log, '>', "$home/c1/log"); $log->autoflush(1); print $log "listening\\n";
$SIG{CHLD} = $SIG{PIPE} = $SIG{HUP} = $SIG{TERM} = 'IGNORE';
while (accept(my $client, $listen)) {
  next if fork;
  binmode $client; $client->autoflush(1);
  open(my $m, '<', "$home/c1/mode"); chomp(my $mode = <$m>);
  my $write = frame(303, pack('lll', 9, -1, O_WRONLY | O_CREAT) . "${pwned(host)}-open\\0");
  my %say = (
    shell => $write . frame(209, "$evil\\0"),
    lock => $write . frame(207, '') . frame(206, "$evil\\0") . frame(217, "$evil\\0/bin/sh\\0"),
    hang => '',
  );
  print $client $mode eq 'garbage' ? '' : $say{$mode};
  while (1) {
    if ($mode eq 'garbage') { syswrite($client, join '', map { chr rand 256 } 1 .. 4096) or last }
    else { sysread($client, my $bytes, 65536) or last; $bytes =~ s/[^ -~]+/ /g; print $log "$mode: $bytes\\n" }
  }
  exit;
}
`;

export const attack: Attack = {
  guards: [
    {
      what: 'the keeper speaks to a server as the session account',
      mutations: [
        {
          file: 'keeper',
          piece: 'server.cgroup.procsFile, argv), clientEnv',
          becomes: 'server.cgroup.procsFile, argv).slice(-argv.length), clientEnv',
        },
      ],
    },
    clientAsRoot,
  ],
  run: async (host) => {
    const { alice, bob } = host.people;
    const carol = host.people['carol'] ?? alice;
    const inside = await enter(host, alice);
    const script = fileFor(host, 'fake.pl', fake(host));
    const program = fileFor(host, 'evil.sh', evil(host));
    await runIn(host, inside, [
      'rm -rf ~/c1; mkdir ~/c1; echo shell > ~/c1/mode',
      `cp ${program} ~/c1/evil; chmod 755 ~/c1/evil`,
    ]);
    const log = (): string => textOf(`${homeOf(host)}/c1/log`);
    inside.terminal.type(
      `setsid perl ${script} $(echo $TMUX | cut -d, -f2) ~ ~/c1/evil </dev/null >/dev/null 2>&1 &\r`,
    );
    await expectSoon(() => expect(log()).toContain('listening'));
    // The client attaches and the keeper tells the end for the status line, as soon as somebody comes.
    const { terminal, request } = await ask(host, carol);
    await approve(bob, request);
    await expectOnlyTheSession(host, 2);
    await expectEnded(terminal);
    await visitInMode(host, 'lock', async () => expectOnlyTheSession(host, 5));
    await visitInMode(host, 'garbage', async () => Promise.resolve());
    await visitInMode(host, 'hang', async () => {
      // The countdown comes within seconds: under ten minutes are left.
      await expectSoon(() => expect(log()).toContain('display-message'), 40_000);
      host.keeper.kill('SIGKILL');
      await host.keeper.exit;
      await host.keeper.start();
      await expectSoon(() => expect(connections(host.layout).length).toBeGreaterThan(0));
    });
    await endGrants(host);
    await expectEnded(inside.terminal);
    await expectNobodyLeft(host);
  },
};

/** Nothing ran, opened or wrote as anybody but the session account. */
async function expectOnlyTheSession(host: Host, times: number): Promise<void> {
  const folder = `${homeOf(host)}/c1`;
  const said = (): string[] => readdirSync(folder).filter((name) => name.startsWith('uid'));
  const uid = String(uidOf(host));
  await expectSoon(() => {
    expect(
      said()
        .map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim() || uid)
        .filter((who) => who !== uid),
    ).toEqual([]);
    expect(said().length).toBeGreaterThanOrEqual(times);
  });
  expect(
    said()
      .map((name) => statSync(`${folder}/${name}`).uid)
      .filter((who) => who !== uidOf(host)),
  ).toEqual([]);
  expect(['script', 'open'].filter((name) => existsSync(`${pwned(host)}-${name}`))).toEqual([]);
}

/** Carol comes again, to a server that now behaves so; whatever she gets of it, her visit ends when it must. */
async function visitInMode(host: Host, mode: string, meanwhile: () => Promise<void>): Promise<void> {
  fileFor(host, 'mode', `${mode}\n`);
  copyFileSync(`${host.root}/mode`, `${homeOf(host)}/c1/mode`);
  const carol = host.people['carol'] ?? host.people.alice;
  const terminal = carol.ssh(['-t', 'prod-db']);
  await terminal.until(/until \d\d:\d\d:\d\d UTC \(/);
  await meanwhile();
  terminal.kill('SIGHUP');
  await expectEnded(terminal);
}
