// Starts tmux servers, one for each session, and talks to them (docs/design.md, "One visit"; laws 9 and 10; threats C1, C6, H1 to H7).
//
// 1. Each session has one server, in a cgroup and a folder of its own. The account owns the folder only while the server binds its
//    socket; then root does. Attack: the account replaces the socket by one of a server of its own.
// 2. The environment is exactly what is written here, and the configuration is root's; both exist before tmux starts. Attack:
//    ~/.tmux.conf, TMUX, LD_PRELOAD, an SSH_AUTH_SOCK for everyone.
// 3. A server is known by the pid and start time of a process in its cgroup, never by what tmux says of itself. Attack: the account's own
//    server answers.
// 4. What is told to a server is a courtesy: bounded in time, run as the account in the server's cgroup, its answer ignored. A person's
//    text goes only into an @option that is shown as #{@x}. Attack: anywhere else `#(...)` in it would run (threats H3).
import { chmod, chown, lstat, mkdir, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readGuarded } from '../config/safety.ts';
import { isSessionName } from '../core/ids.ts';
import type { SessionPolicy } from '../core/policy-types.ts';
import { Refused } from '../core/refusal.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Account } from './accounts.ts';
import type { CgroupHandle } from './cgroup-handle.ts';
import { isSame } from './processes.ts';
import { asAccount, program, run } from './tmux-account.ts';

/** A running tmux server. */
export interface Server {
  readonly session: string;
  readonly id: string;
  readonly socket: string;
  readonly cgroup: CgroupHandle;
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
}

/** The paths that sessions need (src/wire/layout.ts). */
export interface Places {
  readonly sessions: string;
  readonly tmuxConf: string;
}

/** How a server is started. */
export interface ServerPlan {
  readonly layout: Places;
  readonly session: string;
  /** Names the folder; an id is never used twice. */
  readonly id: string;
  readonly account: Account;
  readonly cgroup: CgroupHandle;
  /** Whether programs inside may gain rights by sudo's rules (`account`) or never (`none`, the default). */
  readonly privileges?: SessionPolicy['privileges'];
  /** The shell to use instead of the account's own. */
  readonly shell?: string;
}

const startMs = 10_000;
const tellMs = 2_000;
const noteMs = 5_000;
const noteLimit = 200;
const confLimit = 64 * 1024;
const safeId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const serverComm = 'tmux: server';
const path = '/usr/local/bin:/usr/bin:/bin';
const clientEnv = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', TERM: 'screen-256color' };

/** Run as the account: enters its home where that is possible. Exit status 72 (EX_OSFILE): it cannot read the configuration (rule 2). */
const settle = 'cd -- "$HOME" 2>/dev/null || cd /; unset PWD OLDPWD; [ -r "$1" ] || exit 72; shift; exec "$@"';

/** Login shells that forbid logging in. Such an account can still have sessions, with another shell. */
const shut = /\/(?:nologin|false)$/;

/**
 * Starts the server of a session. It has one session of that name, with nobody attached.
 * @throws Refused SESSION_START, after its cgroup has been killed and its folder removed.
 */
export async function startServer(plan: ServerPlan): Promise<Server> {
  try {
    return await start(plan);
  } catch (cause) {
    await plan.cgroup.end();
    await forgetServer(plan.layout, plan.id).catch(() => undefined);
    throw new Refused('SESSION_START', { session: plan.session }, cause);
  }
}

async function start(plan: ServerPlan): Promise<Server> {
  const { layout, session, id, account, cgroup, privileges } = plan;
  if (!isSessionName(session) || !safeId.test(id)) throw new Error('no name of a session');
  await readGuarded(layout.tmuxConf, { maxBytes: confLimit });
  const folder = await makeFolder(layout, id, account);
  const socket = join(folder, 'sock');
  const tmux = [program('tmux'), '-u', '-S', socket, '-f', layout.tmuxConf];
  const session80 = ['new-session', '-d', '-s', session, '-x', '80', '-y', '24'];
  const argv = [program('sh'), '-c', settle, 'sh', layout.tmuxConf, ...tmux, ...session80];
  const { code, signal, said } = await run(
    asAccount(account, cgroup.procsFile, argv, privileges),
    serverEnv(plan),
    startMs,
  );
  if (code !== 0) throw new Error(`tmux: ${signal ?? `exit ${String(code)}`}: ${sanitizeLine(said.trim(), 200)}`);
  await lockFolder(folder, account);
  return { session, id, socket, cgroup, ...(await serverIn(cgroup)) };
}

/** The environment of a server (rule 2). */
function serverEnv({ account, shell }: ServerPlan): Record<string, string> {
  const { name, home } = account;
  const own = shut.test(account.shell) ? '/bin/sh' : account.shell;
  const who = { HOME: home, USER: name, LOGNAME: name, SHELL: shell ?? own };
  return { ...who, PATH: path, LANG: 'C.UTF-8', TERM: 'screen-256color' };
}

/** Makes the folder for the account, to bind the socket in (rule 1). An id is never used twice, so an existing folder is an error. */
async function makeFolder(layout: Places, id: string, account: Account): Promise<string> {
  await mkdir(layout.sessions, { recursive: true, mode: 0o711 });
  const parent = await lstat(layout.sessions);
  if (!parent.isDirectory() || parent.uid !== 0 || (parent.mode & 0o022) !== 0) {
    throw new Error(`${layout.sessions} is not root's alone`);
  }
  await chmod(layout.sessions, 0o711); // whatever the umask made of it
  const folder = join(layout.sessions, id);
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, account.uid, account.gid);
  return folder;
}

/** Makes the folder root's again (rule 1). chmod also removes the write bit of an ACL that the account set meanwhile (acl(5), mask). */
async function lockFolder(folder: string, account: Account): Promise<void> {
  await chown(folder, 0, account.gid);
  await chmod(folder, 0o750);
  const names = await readdir(folder);
  const socket = await lstat(join(folder, 'sock'));
  if (names.length !== 1 || !socket.isSocket() || socket.uid !== account.uid) {
    throw new Error(`${folder} holds more than the socket of its server`);
  }
}

/** The process of the server (rule 3): the oldest of that name. What runs in a pane started later, whatever its name is. */
async function serverIn(cgroup: CgroupHandle): Promise<Pick<Server, 'pid' | 'startTime'>> {
  const candidates = (await cgroup.processes()).filter(({ comm }) => comm === serverComm);
  const first = candidates.sort((a, b) => a.startTime - b.startTime)[0];
  if (first === undefined) throw new Error('no tmux server in the cgroup');
  return { pid: first.pid, startTime: first.startTime };
}

/**
 * Removes the socket and the folder of an ended server; if they are gone, that is success. No link is followed and no folder below is
 * opened, because a folder that was never made root's may hold whatever the account put there.
 */
export async function forgetServer(layout: Places, id: string): Promise<void> {
  if (!safeId.test(id)) throw new Error('no id of a session');
  const folder = join(layout.sessions, id);
  for (const name of await readdir(folder).catch(() => [])) {
    await unlink(join(folder, name)).catch(() => rmdir(join(folder, name)).catch(() => undefined));
  }
  await rmdir(folder).catch(unlessGone);
}

function unlessGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/**
 * The argument vector of a client: it attaches to exactly this session, starts no server, and brings no environment along (threats H2,
 * H6).
 * @throws Error when the name is not a session name.
 */
export function attachArgv(target: {
  readonly socket: string;
  readonly session: string;
  readonly utf8: boolean;
  /** View-only: the windows of others do not shrink to this terminal. The relay, not tmux, withholds the input (threats C3). */
  readonly view?: boolean;
}): string[] {
  if (!isSessionName(target.session)) throw new Error('no name of a session');
  const tmux = [program('tmux'), ...(target.utf8 ? ['-u'] : []), '-N', '-S', target.socket];
  const courtesy = target.view === true ? ['-f', 'read-only,ignore-size'] : [];
  return [...tmux, 'attach-session', '-E', ...courtesy, '-t', `=${target.session}`];
}

/** Whether the server's process still runs, in its cgroup (rule 3). Reads only /proc. */
export async function isAlive(server: Pick<Server, 'pid' | 'startTime' | 'cgroup'>): Promise<boolean> {
  return (await isSame(server.pid, server.startTime)) && (await server.cgroup.holds(server.pid));
}

/** What is needed to talk to a server. */
export type Listener = Pick<Server, 'socket' | 'cgroup'>;

/**
 * What a server is told for its status line. `end`: when the access ends, in seconds since the epoch. `held`: the logins whose input is
 * held. An empty text removes it.
 */
export type Told = 'end' | 'held';

const options: Readonly<Record<Told, string>> = { end: '@tmux_gate_end', held: '@tmux_gate_held' };

/** Sets an option for the status line (rule 4). Never rejects. */
export async function tell(server: Listener, account: Account, option: Told, value: number | string): Promise<void> {
  const text = typeof value === 'number' ? String(Math.trunc(value)) : sanitizeLine(value, noteLimit);
  await command(server, account, setOption(options[option], text));
}

/**
 * Shows one line of at most 200 characters for five seconds to one client (rule 4). Never rejects.
 * @param terminal the pty of that client; without one, tmux chooses a client by itself.
 * @returns whether the server said that there is such a client, which is no proof.
 */
export async function message(server: Listener, account: Account, text: string, terminal: string): Promise<boolean> {
  // display-message falls back to another client when the named one is gone. refresh-client fails then, and ends the command list.
  const there = ['refresh-client', '-S', '-t', terminal, ';'];
  const show = ['display-message', '-c', terminal, '-d', String(noteMs), '#{@tmux_gate_note}'];
  return command(server, account, [
    ...there,
    ...setOption('@tmux_gate_note', sanitizeLine(text, noteLimit)),
    ';',
    ...show,
  ]);
}

/** Sets an option. A final ";" is escaped, because it would end the command (tmux(1), COMMAND PARSING AND EXECUTION). */
function setOption(name: string, value: string): string[] {
  return ['set-option', '-g', '--', name, value.replace(/;$/, '\\;')];
}

async function command(server: Listener, account: Account, words: readonly string[]): Promise<boolean> {
  try {
    const argv = [program('tmux'), '-N', '-S', server.socket, ...words];
    const { code } = await run(asAccount(account, server.cgroup.procsFile, argv), clientEnv, tellMs);
    return code === 0;
  } catch {
    // A courtesy that failed changes nothing: the gate counts down and rings the bell by itself.
    return false;
  }
}
