// Journal, keys, recordings, state, configuration, sockets and the person's own terminal are opened for reading and for writing.
import { expect } from '@jest/globals';
import { existsSync, readlinkSync } from 'node:fs';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import { must } from '../../../../scripts/sandbox/exec.ts';
import type { Attack, Guard } from '../../../harness/attack.ts';
import { fileFor, homeOf, runIn, textOf } from '../../../harness/in-session.ts';
import { enter, type Inside } from '../../../harness/inside.ts';

const state = ({ root }: Host): string => `${root}/var/lib/tmux-gate`;

/** Modes that a careless chmod would leave. */
const opened = (what: string, folders: (host: Host) => readonly string[]): Guard => ({
  what,
  remove: async (host) => {
    for (const folder of folders(host)) await must('chmod', ['-R', 'a+rwX', folder]);
  },
});

/** Prints only what worked. */
const tries = (
  files: readonly string[],
  folders: readonly string[],
  sockets: readonly string[],
): string => `use IO::Socket::UNIX;
open my $out, '>', shift; select $out;
for my $path (qw(${files.join(' ')})) { print "read $path\\n" if open my $f, '<', $path; print "write $path\\n" if open my $g, '>>', $path }
for my $path (qw(${folders.join(' ')})) { print "list $path\\n" if opendir my $d, $path; print "make $path\\n" if open my $f, '>', "$path/x" }
for my $path (qw(${sockets.join(' ')})) { print "connect $path\\n" if IO::Socket::UNIX->new(Peer => $path) }
print "done\\n";
`;

export const attack: Attack = {
  guards: [
    opened('the mode of the journal', (host) => [`${state(host)}/journal`]),
    opened('the mode of the keys', (host) => [`${state(host)}/keys`]),
    opened('the mode of the recordings', (host) => [`${state(host)}/recordings`]),
    opened("the mode of the connections' state", ({ layout }) => [`${layout.run}/c`]),
    opened("the mode of the keeper's socket", ({ layout }) => [`${layout.run}/keeper.sock`]),
    opened("the mode of the gates' way back", ({ layout }) => [`${layout.run}/rejoin`]),
    opened("the mode of Redis' folder", ({ layout }) => [`${layout.run}/redis`]),
    opened('the mode of the policy', ({ layout }) => [`${layout.etc}/config.yaml`]),
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    const [files, folders, sockets] = guarded(host, inside);
    for (const path of [...files, ...folders, ...sockets])
      expect({ path, there: existsSync(path) }).toEqual({ path, there: true });
    const script = fileFor(host, 'tries.pl', tries(files, folders, sockets));
    await runIn(host, inside, [`perl ${script} ~/tried`]);
    expect(textOf(`${homeOf(host)}/tried`)).toBe('done\n');
  },
};

function guarded(host: Host, { id, recording, gate }: Inside): readonly [string[], string[], string[]] {
  const { run, etc } = host.layout;
  // The policy is root's to read; the terminal that sshd gave is the login's (threats H5).
  const terminal = readlinkSync(`/proc/${String(gate.pid)}/fd/0`);
  const names = ['journal/journal.jsonl', 'keys/host.jwk', 'pins.json', 'refresh.json'];
  const files = [
    ...names.map((name) => `${state(host)}/${name}`),
    recording,
    `${run}/c/${id}.json`,
    `${etc}/config.yaml`,
    terminal,
  ];
  const closed = ['journal', 'recordings', 'keys'].map((name) => `${state(host)}/${name}`);
  return [
    files,
    [...closed, `${run}/c`, `${run}/redis`, `${run}/rejoin`],
    [`${run}/keeper.sock`, `${run}/rejoin/sock`, `${run}/redis/sock`],
  ];
}
