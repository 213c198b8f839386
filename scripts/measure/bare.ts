// What the gate is compared with: the same sshd, settings, kind of login and tmux.conf, but a forced command that attaches to a tmux
// server of the login's own.
import { chownSync, readFileSync } from 'node:fs';
import { account } from '../sandbox/accounts.ts';
import { Daemon } from '../sandbox/daemon.ts';
import { must } from '../sandbox/exec.ts';
import { makeFolder, writeExact } from '../sandbox/files.ts';
import type { Host } from '../sandbox/host.ts';
import { freePort } from '../sandbox/sockets.ts';
import { replaceIn } from '../sandbox/substitute.ts';
import { joining } from '../sandbox/cgroup.ts';
import { Client } from './client.ts';

export const peer = 'peer';

export interface Bare extends AsyncDisposable {
  attach(): Client;
  /** Of its sshd. */
  readonly pid: number;
}

/** What its forced command is: a command line for the login's shell that ends in the given one, which attaches. */
export type Wrapping = (attach: string, folder: string) => string;

const plain: Wrapping = (attach) => `exec ${attach}`;

/** The same name as in the gate's policy, so that the first frame looks the same. */
const session = 'prod-db';

async function startTmux(host: Host, socket: string): Promise<void> {
  const { layout } = host;
  const { uid, gid, name } = account(`${layout.prefix}-${peer}`);
  chownSync(socket.slice(0, socket.lastIndexOf('/')), uid, gid);
  const [shell, ...join] = joining(layout.cgroups.sandbox);
  const become = ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--init-groups', '--no-new-privs'];
  const tmux = ['tmux', '-u', '-S', socket, '-f', `${layout.etc}/tmux.conf`, 'new-session', '-d', '-s', session];
  // bash, as the session account has.
  const env = { HOME: '/', USER: name, LOGNAME: name, SHELL: '/bin/bash', TERM: 'screen-256color' };
  await must(shell, [...join, ...become, ...tmux, '-x', '80', '-y', '24'], { env });
}

async function startSshd(
  { layout, sshd }: Host,
  folder: string,
  command: string,
): Promise<{ port: number; daemon: Daemon }> {
  const port = await freePort();
  const own = replaceIn(readFileSync(`${layout.root}/etc/ssh/sshd_config`, 'utf8'), {
    [`Port ${sshd.port}`]: `Port ${port}`,
    [`${layout.root}/run/sshd.pid`]: `${folder}/sshd.pid`,
    [`${layout.root}/etc/ssh/sshd_config.d/*.conf`]: `${folder}/sshd.conf`,
  });
  const block = replaceIn(readFileSync(`${layout.root}/etc/ssh/sshd_config.d/tmux-gate.conf`, 'utf8'), {
    [`exec /usr/bin/sudo -n ${layout.lib}/gate`]: command,
  });
  writeExact(`${folder}/sshd_config`, own, 0o600);
  writeExact(`${folder}/sshd.conf`, block, 0o644);
  const daemon = new Daemon('bare sshd', layout.cgroups.sandbox, [
    '/usr/sbin/sshd',
    '-D',
    '-e',
    '-f',
    `${folder}/sshd_config`,
  ]);
  const listening = new Promise<void>((resolve) => {
    daemon.child.stderr?.on('data', (text: Buffer) => {
      if (text.includes('Server listening')) resolve();
    });
  });
  await daemon.readyWhen(listening);
  return { port, daemon };
}

const socketOf = ({ layout }: Host): string => `${layout.root}/bare/tmux/sock`;

/** Starts it on a host with a person called `peer`. Closing the host removes it too. */
export async function startBare(host: Host): Promise<Bare> {
  const folder = `${host.layout.root}/bare`;
  makeFolder(folder, 0o755);
  makeFolder(`${folder}/tmux`, 0o700);
  await startTmux(host, socketOf(host));
  return startBeside(host, folder, plain);
}

/** Starts another sshd beside it, whose forced command puts something around the attach. @param name of its folder */
export async function startWrapped(host: Host, name: string, wrapping: Wrapping): Promise<Bare> {
  const folder = `${host.layout.root}/bare/${name}`;
  const { uid, gid } = account(`${host.layout.prefix}-${peer}`);
  makeFolder(folder, 0o755);
  makeFolder(`${folder}/kept`, 0o700);
  chownSync(`${folder}/kept`, uid, gid);
  return startBeside(host, folder, wrapping);
}

async function startBeside(host: Host, folder: string, wrapping: Wrapping): Promise<Bare> {
  const { sshd } = host;
  const command = wrapping(`tmux -u -S ${socketOf(host)} attach-session -E -t =${session}`, folder);
  const { port, daemon } = await startSshd(host, folder, command);
  writeExact(`${folder}/known_hosts`, `[127.0.0.1]:${port} ${sshd.hostKey}\n`, 0o600);
  const person = host.people[peer];
  if (person === undefined) throw new Error('the host has no peer');
  const args = person.sshArgs(['-p', String(port), '-o', `UserKnownHostsFile=${folder}/known_hosts`]);
  return {
    attach: () => new Client(args),
    pid: daemon.child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
    },
  };
}
