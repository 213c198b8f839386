// Attempts with shells, commands and file transfer: each must reach the gate and nothing else (laws 1 and 9; docs/threats.md, C4 and H4).
import { setTimeout as delay } from 'node:timers/promises';
import { Channel, requestChannel, string, uint32 } from '../../adapters/ssh/channel.ts';
import type { Line } from '../../adapters/ssh/line.ts';
import {
  conversationIn,
  ended,
  judge,
  open,
  refusalIn,
  refused,
  session,
  shown,
  unknown,
  type Attempt,
  type Saw,
} from './attempt.ts';

const word = 'tmux-gate-probe';
/** A sum that only a shell works out, so that its result is never an echo of what was sent. */
const sum = `${word}-$((6*7))`;
const summed = new RegExp(`${word}-42`);
const forceCommand = 'ForceCommand exec sudo -n /usr/lib/tmux-gate/gate, in the Match block';
const itself = `${forceCommand}; nothing before it in the login's shell`;
const idSays = /\buid=\d/;
const quietMs = 1_000;
const momentMs = 100;

const pty = Buffer.concat([string('xterm'), uint32(80), uint32(24), uint32(0), uint32(0), string('\0')]);

/** Tries a shell without a terminal. */
async function shellWithout(channel: Channel): Promise<Saw> {
  if (!(await channel.request('shell'))) return refused('sshd starts no shell');
  channel.write(`echo ${sum}\n`);
  return judge(channel, summed);
}

/**
 * Tries a shell on a terminal, where the gate's conversation is expected. When other output stops, a sum is sent, which a shell answers.
 * A slow gate may also answer after that.
 */
async function shellWith(channel: Channel): Promise<Saw> {
  if (!(await channel.request('pty-req', pty))) return refused('sshd gives no terminal');
  if (!(await channel.request('shell'))) return refused('sshd starts no shell');
  let before: string | undefined;
  for (;;) {
    const code = refusalIn(channel.heard);
    const talk = conversationIn(channel.heard);
    if (code !== undefined) return refused(`the gate says ${code}`);
    if (talk !== undefined) return leave(channel, talk);
    if (before !== undefined && summed.test(channel.heard)) return open(`a shell answers: ${before}`);
    if (channel.over) return ended(channel);
    if (await channel.more(quietAfter(channel, before))) continue;
    if (before !== undefined) return unknown(`unexpected output: ${before}`);
    before = shown(channel.heard);
    channel.write(`echo ${sum}\r`);
  }
}

/** How long to wait for more: milliseconds. Undefined: until the attempt's own limit, for the first output. */
function quietAfter({ heard }: Channel, asked: string | undefined): number | undefined {
  if (asked !== undefined) return 5 * quietMs;
  return heard === '' ? undefined : quietMs;
}

/** Ends the gate's conversation by Ctrl-C, where that does nothing else. */
async function leave(channel: Channel, { where, cancel }: { where: string; cancel: boolean }): Promise<Saw> {
  if (cancel) channel.write('\u0003');
  while (cancel && !channel.over && refusalIn(channel.heard) === undefined) await channel.more();
  return refused(`the gate ${where}`);
}

/** Asks for a command. @param ran matches what the command would print */
async function exec(channel: Channel, command: string, ran: RegExp): Promise<Saw> {
  if (!(await channel.request('exec', string(command)))) return refused('sshd runs no command');
  return judge(channel, ran);
}

/** SSH_FXP_INIT of version 3, and how SSH_FXP_VERSION begins (draft-ietf-secsh-filexfer-02, section 4). */
const sftpInit = Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]);
const sftpVersion = /^\0\0[^]{2}\x02/;
/** SSH_FXP_OPENDIR of the root, and how SSH_FXP_STATUS with any code but "ok" begins: the gate refuses in sftp (gate/sftp.ts). */
const sftpOpen = Buffer.concat([Buffer.from([0, 0, 0, 10, 11, 0, 0, 0, 7]), string('/')]);
const sftpRefusal = /^\0{3}\x05\x02[^]{4}\0\0[^]{2}\x65\0{3}\x07\0{3}(?!\0)/;

async function sftp(channel: Channel): Promise<Saw> {
  if (!(await channel.request('subsystem', string('sftp')))) return refused('sshd knows no such subsystem');
  channel.write(sftpInit);
  const saw = await judge(channel, sftpVersion);
  if (saw.verdict === 'OPEN') return sftpRefused(channel, saw);
  // sshd drops what a subsystem writes to standard error (session.c, session_set_fds), so the gate's refusal is not seen.
  const silent = saw.verdict === 'unknown' && channel.heard === '' && channel.over;
  return silent ? refused(`ended without an sftp answer (exit ${channel.exit ?? 'unknown'})`) : saw;
}

/** Judges something that speaks sftp: refused only if it refuses to open a folder in the gate's words. */
async function sftpRefused(channel: Channel, saw: Saw): Promise<Saw> {
  channel.write(sftpOpen);
  while (refusalIn(channel.heard) === undefined && !channel.over && (await channel.more(5 * quietMs)));
  const code = sftpRefusal.test(channel.heard) ? refusalIn(channel.heard) : undefined;
  return code === undefined ? saw : refused(`the gate says ${code}, in sftp`);
}

/** Tries a second command on the same connection. sshd may need a moment to see that the first session is over (MaxSessions 1). */
async function again(line: Line): Promise<Saw> {
  const first = await session(line);
  await exec(first, 'id', idSays);
  while (!first.over) await first.more();
  for (let left = 20; left > 0; left--) {
    const second = await requestChannel(line, 'session', Buffer.alloc(0));
    if (second instanceof Channel) return exec(second, 'id', idSays);
    await delay(momentMs);
  }
  return refused('sshd opens no second session');
}

const means = {
  shell: 'Whoever holds the key has a shell as the login, without an approval.',
  command: 'Whoever holds the key runs commands as the login, without an approval.',
  files: 'Whoever holds the key reads and writes files as the login.',
} as const;

function attempt(
  id: string,
  tried: string,
  what: keyof typeof means,
  run: (channel: Channel) => Promise<Saw>,
): Attempt {
  return {
    id,
    tried,
    means: means[what],
    remedy: itself,
    run: async (call) => run(await session(await call.dial())),
  };
}

export const commandAttempts: readonly Attempt[] = [
  attempt('shell', 'a shell without a terminal', 'shell', shellWithout),
  attempt('shell-pty', 'a shell on a terminal', 'shell', shellWith),
  attempt('exec', 'a command: id', 'command', async (channel) => exec(channel, 'id', idSays)),
  attempt('exec-meta', 'a command with ; $( ) and |', 'command', async (channel) =>
    exec(channel, `x; echo ${sum} $(echo ${sum}) | cat; echo ${sum}`, summed),
  ),
  attempt('exec-line', 'a command of two lines', 'command', async (channel) =>
    exec(channel, `whoami\necho ${sum}`, summed),
  ),
  attempt('sftp', 'the subsystem sftp', 'files', sftp),
  // It sends a zero byte when it is ready to receive (scp.c, sink).
  attempt('scp', 'scp -t', 'files', async (channel) => exec(channel, 'scp -t .', /^\0/)),
  // It begins with its version in four bytes (rsync, setup_protocol).
  attempt('rsync', 'rsync --server', 'files', async (channel) =>
    exec(channel, 'rsync --server --sender -e.Lsf . .', /^[\x1b-\x2f]\0\0\0/),
  ),
  {
    id: 'exec-again',
    tried: 'a second command after the first',
    means: means.command,
    remedy: itself,
    run: async (call) => again(await call.dial()),
  },
];
