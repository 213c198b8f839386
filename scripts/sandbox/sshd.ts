// A real sshd on a loopback port. Its configuration is sshd_config.example (with names and paths replaced) before the settings of
// Debian's own sshd_config.
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
  /** Makes sshd read its configuration again, for new connections (sshd(8), SIGHUP), and waits until it has. */
  reload(): Promise<void>;
}

const unheardMs = 2_000;

const own = (layout: Layout, port: number): string => `Port ${port}
ListenAddress 127.0.0.1
HostKey ${layout.root}/etc/ssh/host_ed25519
PidFile ${layout.root}/run/sshd.pid
# Many come at once here (docs/scale.md).
MaxStartups 500
Include ${layout.root}/etc/ssh/sshd_config.d/*.conf
# What Debian's sshd_config says.
UsePAM yes
KbdInteractiveAuthentication no
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
`;

/** sshd_config.example for this sandbox. @throws Error when a name to be replaced is not in it */
export function exampleFor(layout: Layout): string {
  return replaceIn(readFileSync(join(repo, 'sshd_config.example'), 'utf8'), {
    'Match Group tmux-gate\n': `Match Group ${layout.gatedGroup}\n`,
    'DenyUsers dba\n': `DenyUsers ${layout.sessionAccount}\n`,
    '/usr/lib/tmux-gate/gate': `${layout.lib}/gate`,
    '/etc/ssh/tmux-gate-keys/': `${layout.keys}/`,
  });
}

/** Makes an Ed25519 key pair at this path. @returns the public key, as in authorized_keys */
export async function makeKey(path: string, comment: string): Promise<string> {
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

/** Waits until sshd says on standard error that it listens. */
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
  const daemon = new Daemon('sshd', layout.cgroups.sandbox, ['/usr/sbin/sshd', '-D', '-e', '-f', config]);
  await daemon.readyWhen(listening(daemon));
  return { port, daemon };
}

/** Starts sshd and waits until it listens. @throws Error with sshd's output when it does not */
export async function startSshd(layout: Layout): Promise<Sshd> {
  holdPrivsep(layout.prefix);
  makeFolder(`${layout.root}/etc/ssh/sshd_config.d`, 0o755);
  writeExact(`${layout.root}/etc/ssh/sshd_config.d/tmux-gate.conf`, exampleFor(layout), 0o644);
  const publicKey = await makeKey(`${layout.root}/etc/ssh/host_ed25519`, 'sandbox host');
  const hostKey = publicKey.split(' ').slice(0, 2).join(' ');
  // Another process may have taken the port meanwhile, so there is a second try.
  const running = await start(layout).catch(() => start(layout));
  const { daemon } = running;
  // An sshd that has just restarted ignores SIGHUP for a moment (sshd.c, sighup_restart), so the signal is repeated.
  const reload = async (): Promise<void> => {
    const again = listening(daemon).then(() => true);
    do daemon.kill('SIGHUP');
    while (!(await Promise.race([again, delay(unheardMs, false)])));
  };
  return { ...running, hostKey, reload };
}
