// Sessions as real servers (docs/design.md, "One visit", laws 9 and 10; threats C1, C6, H1 to H7).
//
// 1. One session, one server, in a fence and a folder of its own. The folder is the account's only while the server binds its
//    socket; then it is root's. Attack: the account replaces its socket by one of a server of its own making.
// 2. The environment is exactly what is written here, the config is root's, and both are there before tmux starts.
//    Attack: ~/.tmux.conf, TMUX, LD_PRELOAD, an SSH_AUTH_SOCK for everyone.
// 3. A server is known by the pid and start time that we read from its fence, never by what tmux says of itself.
// 4. What is told to a server is a courtesy: bounded, as the account, in the server's fence, its answer ignored. A person's
//    text goes only into an @option that is shown as #{@x}; anywhere else `#(...)` in it would run (threats H3).
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

export interface Server {
  readonly session: string;
  readonly id: string;
  readonly socket: string;
  readonly fence: CgroupHandle;
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
}

/** The part of the layout (src/wire/layout.ts) that sessions need. */
export interface Places {
  readonly sessions: string;
  readonly tmuxConf: string;
}

export interface ServerPlan {
  readonly layout: Places;
  readonly session: string;
  /** Names the folder; never used before. */
  readonly id: string;
  readonly account: Account;
  readonly fence: CgroupHandle;
  /** Whether what runs inside may gain rights by sudo's rules; `none` unless it is said. */
  readonly privileges?: SessionPolicy['privileges'];
  /** In the place of the account's own. */
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

/** Run as the account: into its home where that can be entered; 72 (EX_OSFILE) when it cannot read the config (rule 2). */
const settle = 'cd -- "$HOME" 2>/dev/null || cd /; unset PWD OLDPWD; [ -r "$1" ] || exit 72; shift; exec "$@"';

/** Shells that no one can work in: an account that is kept from logging in still has sessions. */
const shut = /\/(?:nologin|false)$/;

/**
 * Starts a session's server; it has one session of that name and nobody attached.
 * @throws Refused SESSION_START after its fence has ended and its folder is gone.
 */
export async function startServer(plan: ServerPlan): Promise<Server> {
  try {
    return await start(plan);
  } catch (cause) {
    await plan.fence.end();
    await forgetServer(plan.layout, plan.id).catch(() => undefined);
    throw new Refused('SESSION_START', { session: plan.session }, cause);
  }
}

async function start(plan: ServerPlan): Promise<Server> {
  const { layout, session, id, account, fence: cgroup, privileges } = plan;
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
  return { session, id, socket, fence: cgroup, ...(await serverIn(cgroup)) };
}

/** Rule 2. */
function serverEnv({ account, shell }: ServerPlan): Record<string, string> {
  const { name, home } = account;
  const own = shut.test(account.shell) ? '/bin/sh' : account.shell;
  const who = { HOME: home, USER: name, LOGNAME: name, SHELL: shell ?? own };
  return { ...who, PATH: path, LANG: 'C.UTF-8', TERM: 'screen-256color' };
}

/** Rule 1, the first half. An id is never used twice, so an existing folder is an error. */
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

/** Rule 1, the second half; chmod also takes the write bit from whatever ACL the account set meanwhile (acl(5), mask). */
async function lockFolder(folder: string, account: Account): Promise<void> {
  await chown(folder, 0, account.gid);
  await chmod(folder, 0o750);
  const names = await readdir(folder);
  const socket = await lstat(join(folder, 'sock'));
  if (names.length !== 1 || !socket.isSocket() || socket.uid !== account.uid) {
    throw new Error(`${folder} holds more than the socket of its server`);
  }
}

/** Rule 3. What a pane runs started later, whatever it calls itself. */
async function serverIn(cgroup: CgroupHandle): Promise<Pick<Server, 'pid' | 'startTime'>> {
  const candidates = (await cgroup.processes()).filter(({ comm }) => comm === serverComm);
  const first = candidates.sort((a, b) => a.startTime - b.startTime)[0];
  if (first === undefined) throw new Error('no tmux server in the fence');
  return { pid: first.pid, startTime: first.startTime };
}

/**
 * Removes what is left of an ended server: its socket and its folder. Nothing is followed and nothing below is opened,
 * since a folder that was never locked is the account's to fill. Idempotent.
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
 * The client's argument vector: attaches to exactly this session, starts no server, takes no environment along (H2, H6).
 * @throws Error on a name that is no session name.
 */
export function attachArgv(target: {
  readonly socket: string;
  readonly session: string;
  readonly utf8: boolean;
  /** Looks on: others' windows do not shrink to this one's. The relay is what keeps the keys away (threats C3). */
  readonly view?: boolean;
}): string[] {
  if (!isSessionName(target.session)) throw new Error('no name of a session');
  const tmux = [program('tmux'), ...(target.utf8 ? ['-u'] : []), '-N', '-S', target.socket];
  const courtesy = target.view === true ? ['-f', 'read-only,ignore-size'] : [];
  return [...tmux, 'attach-session', '-E', ...courtesy, '-t', `=${target.session}`];
}

/** Rule 3: the recorded process still lives, in its fence. Reads /proc alone. */
export async function isAlive(server: Pick<Server, 'pid' | 'startTime' | 'fence'>): Promise<boolean> {
  return (await isSame(server.pid, server.startTime)) && (await server.fence.holds(server.pid));
}

export type Listener = Pick<Server, 'socket' | 'fence'>;

/**
 * `end`: when the window ends, in seconds since 1970 UTC, for the status line's countdown. `held`: the logins whose keys are held.
 * '' for none.
 */
export type Told = 'end' | 'held';

const options: Readonly<Record<Told, string>> = { end: '@tmux_gate_end', held: '@tmux_gate_held' };

/** Rule 4. Never rejects. */
export async function tell(server: Listener, account: Account, option: Told, value: number | string): Promise<void> {
  const text = typeof value === 'number' ? String(Math.trunc(value)) : sanitizeLine(value, noteLimit);
  await command(server, account, setOption(options[option], text));
}

/**
 * Rule 4: shows one line of at most 200 characters for five seconds to one client. Never rejects.
 * @param terminal the pty of that client: unasked, tmux shows a message to a single client, whichever it likes best.
 * @returns whether there was such a client; that the server says so is no proof.
 */
export async function message(server: Listener, account: Account, text: string, terminal: string): Promise<boolean> {
  // display-message with a client that is not there takes another; refresh-client fails, and nothing after it is done.
  const there = ['refresh-client', '-S', '-t', terminal, ';'];
  const show = ['display-message', '-c', terminal, '-d', String(noteMs), '#{@tmux_gate_note}'];
  return command(server, account, [
    ...there,
    ...setOption('@tmux_gate_note', sanitizeLine(text, noteLimit)),
    ';',
    ...show,
  ]);
}

/** An argument that ends in ";" would end the command (tmux(1), COMMAND PARSING AND EXECUTION). */
function setOption(name: string, value: string): string[] {
  return ['set-option', '-g', '--', name, value.replace(/;$/, '\\;')];
}

async function command(server: Listener, account: Account, words: readonly string[]): Promise<boolean> {
  try {
    const argv = [program('tmux'), '-N', '-S', server.socket, ...words];
    const { code } = await run(asAccount(account, server.fence.procsFile, argv), clientEnv, tellMs);
    return code === 0;
  } catch {
    // A courtesy that failed changes nothing: the gate itself rings and counts down.
    return false;
  }
}
