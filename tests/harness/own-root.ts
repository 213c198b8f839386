// A root file system of its own for a test that changes accounts, sudo and sshd: this host's with an overlay (in memory) on top, in
// namespaces that end with it. Nothing reaches this host's /etc, /home, /run and /var. The network is shared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, outcome, type Outcome } from '../../scripts/sandbox/exec.ts';

/** Its /run is new, so no systemd is there; its /proc shows its own processes alone. */
const make = `set -eu
mount -t tmpfs tmpfs "$1" && cd "$1" && mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" root
# A copy: others on this host change /etc meanwhile.
mount -t tmpfs tmpfs root/etc && chmod 755 root/etc
cp -a /etc/. root/etc/ 2>/dev/null || true
# Uids that no other host of the tests has: such a host kills whatever runs as one of its own when it is removed.
sed -i -E '/^(UID|GID)_(MIN|MAX)/d' root/etc/login.defs
printf 'UID_MIN 40000\nUID_MAX 49999\nGID_MIN 40000\nGID_MAX 49999\n' >> root/etc/login.defs
rm -rf root/etc/*.lock root/etc/sudoers.d/*-tmux-gate* root/etc/*.[0-9]* root/etc/*+
mount -t proc proc root/proc
mount --rbind /dev root/dev
mount -t tmpfs tmpfs root/run && chmod 755 root/run
mkdir -p root/run/sshd
echo ready
exec sleep infinity
`;

export interface OwnRoot extends AsyncDisposable {
  /** Where it is, seen from this host. */
  readonly root: string;
  /** The words that run a program in it. */
  command(...words: readonly string[]): readonly [string, ...string[]];
  /** Runs a program in it, to its end. */
  run(...words: readonly string[]): Promise<Outcome>;
  /** Runs a program in it that must succeed. @returns what it printed */
  must(...words: readonly string[]): Promise<string>;
  /** Each name below /etc and /home with type, mode, owner and content, as text that can be compared. */
  state(): Promise<string>;
}

/** Makes one. @param programs a folder that is there as /usr/lib/tmux-gate */
export async function ownRoot(programs?: string): Promise<OwnRoot> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-root-'));
  const words = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
    'sh',
    '-c',
    make,
    'sh',
    folder,
  ];
  // No stream of the test runner's: one that a failed test leaves behind would keep the runner waiting.
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const pid = (await must('pgrep', ['-P', String(child.pid)])).trim();
  const inside = join(folder, 'root');
  const root = `/proc/${pid}/root${inside}`;
  const command: OwnRoot['command'] = (...given) => [
    ...(['nsenter', '-t', pid, '-m', '-p', '--'] as const),
    ...['chroot', inside, 'env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...given],
  ];
  const run: OwnRoot['run'] = async (...given) => {
    const [program, ...args] = command(...given);
    return outcome(program, args, { timeoutMs: 180_000 });
  };
  const mustRun: OwnRoot['must'] = async (...given) => {
    const [program, ...args] = command(...given);
    return must(program, args);
  };
  keepSystemAccounts(join(root, 'etc'));
  if (programs !== undefined) {
    await mustRun('mkdir', '-p', '/usr/lib/tmux-gate');
    await must('nsenter', ['-t', pid, '-m', '--', 'mount', '--bind', programs, `${inside}/usr/lib/tmux-gate`]);
  }
  return {
    ...{ root, command, run, must: mustRun },
    state: async () => mustRun('sh', '-c', look),
    [Symbol.asyncDispose]: async () => {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      const ended = hasEnded ? undefined : once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const look = `cd / && find etc home -printf '%p %y %m %U %G %l\\n' | sort && find etc home -type f -print0 | sort -z | xargs -0 sha256sum`;

/** Keeps the accounts that the system came with: those of other tests on this host come and go. */
function keepSystemAccounts(etc: string): void {
  const rows = (name: string): string[][] =>
    readFileSync(join(etc, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'));
  const system = ([, , id]: readonly string[]): boolean => Number(id) < 1000 || id === '65534';
  const alone = (row: readonly string[]): string[] => row.with(3, '');
  const [accounts, groups] = [rows('passwd').filter(system), rows('group').filter(system).map(alone)];
  const of = (known: readonly string[][], name: string): string[][] =>
    rows(name).filter(([first]) => known.some(([one]) => one === first));
  const files = {
    passwd: accounts,
    group: groups,
    shadow: of(accounts, 'shadow'),
    gshadow: of(groups, 'gshadow').map(alone),
  };
  for (const [name, kept] of Object.entries({ ...files, subuid: [], subgid: [] }))
    for (const file of [name, `${name}-`])
      writeFileSync(join(etc, file), kept.map((row) => `${row.join(':')}\n`).join(''));
}
