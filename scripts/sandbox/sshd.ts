// A real sshd on a loopback port, with sshd_config.example as it ships (names and paths replaced) in front of the
// settings that Debian's own sshd_config has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Daemon } from './daemon.ts';
import { must } from './exec.ts';
import { makeFolder, writeExact } from './files.ts';
import { type Layout, repo } from './layout.ts';
import { holdPrivsep } from './privsep.ts';
import { freePort } from './sockets.ts';
import { replaceIn } from './substitute.ts';

export interface Sshd {
  readonly port: number;
  /** The host's public key, as in known_hosts: "ssh-ed25519 AAAA…". */
  readonly hostKey: string;
  readonly daemon: Daemon;
  /** Reads the configuration anew, for every connection from now on (sshd(8), SIGHUP). */
  reload(): Promise<void>;
}

const unheardMs = 2_000;

const own = (layout: Layout, port: number): string => `Port ${port}
ListenAddress 127.0.0.1
HostKey ${layout.root}/etc/ssh/host_ed25519
PidFile ${layout.root}/run/sshd.pid
Include ${layout.root}/etc/ssh/sshd_config.d/*.conf
# What Debian's sshd_config says.
UsePAM yes
KbdInteractiveAuthentication no
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
`;

/** sshd_config.example for this sandbox. @throws when a name that is to be replaced is not in it any more. */
export function exampleFor(layout: Layout): string {
  return replaceIn(readFileSync(join(repo, 'sshd_config.example'), 'utf8'), {
    'Match Group tmux-gate\n': `Match Group ${layout.gatedGroup}\n`,
    'DenyUsers dba\n': `DenyUsers ${layout.sessionAccount}\n`,
    '/usr/lib/tmux-gate/gate': `${layout.lib}/gate`,
    '/etc/ssh/tmux-gate-keys/': `${layout.keys}/`,
  });
}

/** A new Ed25519 key pair; the public half in the form of authorized_keys. */
export async function makeKey(path: string, comment: string): Promise<string> {
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

/** sshd says so on standard error once it listens; it says nothing on standard output. */
function listening(daemon: Daemon): Promise<void> {
  return new Promise((resolve) => {
    daemon.child.stderr?.on('data', (text: Buffer) => {
      if (text.includes('Server listening')) resolve();
    });
  });
}

async function start(layout: Layout): Promise<{ port: number; daemon: Daemon }> {
  const config = `${layout.root}/etc/ssh/sshd_config`;
  const port = await freePort();
  writeExact(config, own(layout, port), 0o600);
  await must('/usr/sbin/sshd', ['-t', '-f', config]);
  const daemon = new Daemon('sshd', layout.cgroups.sandbox, '/usr/sbin/sshd', ['-D', '-e', '-f', config]);
  await daemon.readyWhen(listening(daemon));
  return { port, daemon };
}

/** Starts sshd. @throws with what sshd said, when it does not come up. */
export async function startSshd(layout: Layout): Promise<Sshd> {
  holdPrivsep(layout.prefix);
  makeFolder(`${layout.root}/etc/ssh/sshd_config.d`, 0o755);
  writeExact(`${layout.root}/etc/ssh/sshd_config.d/tmux-gate.conf`, exampleFor(layout), 0o644);
  const publicKey = await makeKey(`${layout.root}/etc/ssh/host_ed25519`, 'sandbox host');
  const hostKey = publicKey.split(' ').slice(0, 2).join(' ');
  // The port was free a moment ago; once in a while another process is quicker.
  const running = await start(layout).catch(() => start(layout));
  const { daemon } = running;
  // An sshd that has only just started again ignores SIGHUP for a moment (sshd.c, sighup_restart), so it is told until it hears.
  const reload = async (): Promise<void> => {
    const again = listening(daemon).then(() => true);
    do daemon.kill('SIGHUP');
    while (!(await Promise.race([again, delay(unheardMs, false)])));
  };
  return { ...running, hostKey, reload };
}
