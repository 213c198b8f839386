// Looks at the terminals of a cgroup's processes: whether each is raw or in line mode, and whether it echoes (termios(3)).
//
// 1. Node cannot ask a terminal for its modes. Perl can, and a program of its own does (perl-base is on every Debian): asked over pipes, a
//    look takes 0.2 ms, where a new stty takes 2.6 ms. A fork of the large keeper for each key would block its event loop (law 12).
// 2. A terminal is opened without becoming the controlling one and without waiting (O_NOCTTY, O_NONBLOCK), and closed at once.
// 3. Without an answer in time the program is killed and the look has failed; the next one starts another program. More than 1000
//    processes, or 256 terminals, are not looked at. Attack: a session makes looks slow, or hang.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** How a terminal takes input: raw; in line mode with echo, with unread input or none; in line mode without echo. */
export type TtyMode = 'raw' | 'line' | 'unread' | 'hidden';

export interface Tty {
  /** Its number in /dev/pts. */
  readonly tty: number;
  readonly is: TtyMode;
}

/** Looks at terminals. */
export interface TtyLooks {
  /** The terminals that control a process of this cgroup; undefined where they could not be looked at. Never throws. */
  at(cgroup: string): Promise<readonly Tty[] | undefined>;
}

/**
 * For each line, the path of a cgroup, prints the number and a letter of each terminal. It reads cgroup.procs of the cgroup and of those
 * below it (whose number is st_nlink less 2), field 7 of /proc/PID/stat (proc_pid_stat(5)), c_lflag, and FIONREAD of a terminal in line mode, which counts
 * whole lines (ioctl_tty(2)).
 */
const program = `
use strict; use POSIX (); use Fcntl; $| = 1;
my $termios = POSIX::Termios->new;
sub pids {
  my ($dir) = @_; my @found;
  open(my $file, '<', "$dir/cgroup.procs") or return;
  while (<$file>) { push @found, $_ + 0 if $_ > 0 }
  return @found if (stat $dir)[3] <= 2 || !opendir(my $below, $dir);
  return @found, map { pids("$dir/$_") } grep { !/^\\./ && -d "$dir/$_" } readdir $below;
}
sub ttys {
  my %seen;
  for (@_) {
    open(my $file, '<', "/proc/$_/stat") or next;
    my $text = do { local $/; <$file> }; defined $text or next;
    my $device = (split ' ', substr($text, rindex($text, ')') + 1))[4];
    $seen{$device & 0xff | ($device >> 12) & 0xfff00} = 1 if (($device >> 8) & 0xfff) == 136;
  }
  return sort { $a <=> $b } keys %seen;
}
sub mode {
  my ($tty) = @_;
  sysopen(my $file, "/dev/pts/$tty", O_RDONLY | O_NOCTTY | O_NONBLOCK) or return;
  defined $termios->getattr(fileno $file) or return;
  my $flags = $termios->getlflag; my $unread = pack 'i', 1;
  return "$tty:raw" unless $flags & POSIX::ICANON();
  return "$tty:hidden" unless $flags & POSIX::ECHO();
  return "$tty:unread" if !ioctl($file, 0x541B, $unread) || unpack 'i', $unread;
  return "$tty:line";
}
sub look {
  my @pids = pids(@_); my @ttys = @pids > 1000 ? () : ttys(@pids);
  return @pids > 1000 || @ttys > 256 ? '?' : join ' ', '=', map { mode($_) } @ttys;
}
while (my $path = <STDIN>) { chomp $path; print look($path), "\\n" }
`;

interface Running {
  readonly child: ChildProcess;
  /** Who waits for the next lines, in order. */
  readonly waiting: ((line: string | undefined) => void)[];
}

/**
 * Starts the program at the first look, and again after it ended.
 * @param longestMs the time for one look, in milliseconds.
 * @param perl the interpreter.
 */
export function openTtyLooks(longestMs: number, perl = '/usr/bin/perl'): TtyLooks {
  let running: Running | undefined;
  const begin = (): Running => {
    const child = spawn(perl, ['-e', program], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
    const mine: Running = { child, waiting: [] };
    const over = (): void => {
      if (running === mine) running = undefined;
      child.kill('SIGKILL');
      for (const tell of mine.waiting.splice(0)) tell(undefined);
    };
    for (const event of ['error', 'exit']) child.on(event, over);
    for (const stream of [child.stdin, child.stdout]) stream.on('error', over);
    createInterface({ input: child.stdout }).on('line', (line) => mine.waiting.shift()?.(line));
    child.unref();
    for (const pipe of [child.stdin, child.stdout] as unknown as Socket[]) pipe.unref();
    return mine;
  };
  const ask = async ({ child, waiting }: Running, cgroup: string): Promise<string | undefined> => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    waiting.push(resolve);
    const late = setTimeout(() => child.kill('SIGKILL'), longestMs);
    child.stdin?.write(`${cgroup}\n`);
    return promise.finally(() => clearTimeout(late));
  };
  return {
    at: async (cgroup) => {
      try {
        return parse(await ask((running ??= begin()), cgroup));
      } catch {
        return undefined; // no process could be made (rule 3)
      }
    },
  };
}

function parse(line: string | undefined): readonly Tty[] | undefined {
  if (line?.startsWith('=') !== true) return undefined;
  return line
    .split(' ')
    .slice(1)
    .map((word) => word.split(':') as [string, TtyMode])
    .map(([tty, is]) => ({ tty: Number(tty), is }));
}
