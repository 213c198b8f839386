// A process leaves its cgroup for another, freezes or empties its own, or makes one below it, so that the end does not find it.
import { expect } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { cgroupMount } from '../../../../scripts/sandbox/cgroup.ts';
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodyLeft, fileFor, homeOf, runIn, textOf, withdraw } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

const escape = (mount: string): string => `use File::Find; use Fcntl;
open my $out, '>', shift; select $out; $| = 1;
my @folders; find({ no_chdir => 1, wanted => sub { push @folders, $_ if -d $_ } }, '${mount}');
for my $folder (@folders) {
  for my $file (qw(cgroup.procs cgroup.threads cgroup.subtree_control cgroup.freeze cgroup.kill cgroup.type)) {
    sysopen(my $f, "$folder/$file", O_WRONLY) or next;
    print "open $folder/$file\\n";
    syswrite($f, '0') if $file eq 'cgroup.procs';
  }
  print "made $folder/x\\n" if mkdir "$folder/x";
}
system('unshare', '-UrmC', 'sh', '-c', 'mount -t cgroup2 none /mnt && mkdir /mnt/x && echo 0 > /mnt/x/cgroup.procs && echo 1 > /mnt/x/cgroup.freeze && exec setsid sleep 5001');
print "done\\n";
$SIG{HUP} = $SIG{TERM} = 'IGNORE';
fork or exec 'sleep', '5002';
`;

export const attack: Attack = {
  guards: [
    {
      what: "the tree of cgroups is root's alone",
      remove: async ({ layout }) => {
        const tree = `${cgroupMount()}/${layout.cgroups.keeper}`;
        chmodSync(tree, 0o755);
        chmodSync(`${tree}/cgroup.procs`, 0o666);
        return Promise.resolve();
      },
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    await runIn(host, inside, [`perl ${fileFor(host, 'escape.pl', escape(cgroupMount()))} ~/escaped 2>/dev/null`]);
    expect(textOf(`${homeOf(host)}/escaped`)).toBe('done\n');
    await withdraw(host, inside);
    await expectNobodyLeft(host);
  },
};
