// The gate's program. sshd's forced command starts it, through one sudo rule without arguments.
//
// Until the keeper says "go" it loads only node: built-ins besides its own code, takes no arguments, reads no configuration, and runs with
// the caller's effective uid. `tests/architecture/gate-closure.test.ts` checks what it loads.
import { hostname } from 'node:os';
import { layoutOf } from '../wire/layout.ts';
import type { Go } from '../wire/messages.ts';
import { plainnessOf } from '../wire/plain.ts';
import { refusalLines } from '../wire/screen-text.ts';
import { converse } from './conversation.ts';
import type { Visit } from './greet.ts';
import { dial, type Channel } from './channel.ts';
import { lateDashboard } from './late-dashboard.ts';
import { lateLineEditor } from './late-line-editor.ts';
import { ownRefusal, type GateRefusalCode } from './own-refusal.ts';
import { isRoot, lowerTo, regainRoot, resetInherited } from './privilege.ts';
import { pictureViewOn } from './picture-view.ts';
import { refuseAlone, screenOn, type Screen } from './screen.ts';
import { keyboardOn } from './terminal.ts';
import { sizeOf } from '../wire/terminal-size.ts';
import { callerOf, isUtf8, claimsOf, type Caller } from './client-claims.ts';
import { inOneLine } from '../core/messages/gate.ts';

const host = hostname();
const layout = layoutOf(import.meta.dirname);

/** One visit, from the forced command to its end. @returns the exit code */
async function visit(): Promise<number> {
  const tty = process.stdin.isTTY && process.stdout.isTTY;
  const { plain, colour } = plainnessOf(process.env, process.env['SSH_ORIGINAL_COMMAND'] ?? '');
  const screen = screenOn({
    style: {
      colour: tty && colour,
      plain,
      utf8: isUtf8(process.env),
      get columns() {
        return tty ? sizeOf(process.stdout).cols : undefined;
      },
    },
    tty,
    now: Date.now,
    write: (to, text) => void process[to].write(text),
  });
  const caller = isRoot() ? callerOf(process.env) : undefined;
  if (caller === undefined) return refuseAlone(screen, 'NOT_BY_SUDO', { host });
  resetInherited();
  const line = await dial(layout.keeperSocket).catch(() => undefined);
  lowerTo(caller.uid);
  if (line === undefined) return refuseAlone(screen, 'KEEPER_DOWN', { host });
  const edit = lateLineEditor(async () => {
    const { editorAt } = await import('./line-editor.js');
    return editorAt(tty ? process.stdout : undefined, plain);
  });
  const keyboard = keyboardOn(process.stdin, tty, edit);
  const dashboard = lateDashboard(async () => {
    const { dashboardOn } = await import('./dashboard.js');
    return dashboardOn(process.stdout, keyboard, (key) => door.channel.send(key));
  });
  const picture = pictureViewOn(process.stdout, keyboard, (message) => door.channel.send(message));
  const door: Visit = {
    channel: line,
    screen,
    host,
    keyboard,
    dashboard,
    picture,
    redial: async () => redial(caller.uid),
  };
  process.once('exit', () => {
    dashboard.close();
    picture.close();
    keyboard.drop();
  });
  const exit = await converseWithKeeper(caller, door);
  await picture.settled();
  return exit;
}

/** Connects to the next keeper. Only root can open its socket, so root is regained for connect(2), which libuv calls at once for a path. */
async function redial(uid: number): Promise<Channel> {
  regainRoot();
  const dialled = dial(layout.keeperSocket);
  lowerTo(uid);
  return dialled;
}

async function converseWithKeeper(caller: Caller, door: Visit): Promise<number> {
  const outcome = await converse(door, claimsOf(caller, process.env));
  if ('exit' in outcome) {
    if (outcome.noFiles !== undefined) await tellInSftp(outcome.noFiles);
    return outcome.exit;
  }
  regainRoot();
  return enter(outcome.go, door.channel, door.screen);
}

/** Refuses an sftp client in its own protocol, since sshd drops the standard error of a subsystem (./sftp.ts). */
async function tellInSftp({ say, hint }: { readonly say: string; readonly hint: string }): Promise<void> {
  if (!/\bsftp\b/.test(process.env['SSH_ORIGINAL_COMMAND'] ?? '')) return;
  const { refuseSftp } = await import('./sftp.js');
  await refuseSftp({ input: process.stdin, output: process.stdout }, inOneLine('NO_FILES', say, hint));
}

/** Loads and runs the relay. The pty, the gate's one package, is loaded only now. */
async function enter(go: Go, line: Channel, screen: Screen): Promise<number> {
  try {
    const { relay } = await import('./relay.js');
    return await relay(go, line, { rejoinSocket: layout.rejoinSocket });
  } catch (error) {
    line.send({ t: 'ended', why: 'failed', exit: 70 });
    process.stdin.setRawMode(false);
    const code = error instanceof Error && error.name === 'RecordingFailed' ? 'RECORDING_DOWN' : 'INTERNAL';
    return refuseAlone(screen, code, { host });
  }
}

/** At once, whatever the terminal is like. @param before what ends the line that somebody may have begun. */
function leave(why: GateRefusalCode, before: string): never {
  const { code, say, hint, exit } = ownRefusal(why, { host });
  process.stderr.write(`${before}${refusalLines({ colour: false, utf8: false }, code, say, hint).join('\n')}\n`);
  process.exit(exit);
}

// A caller can pass any file as stdin or stdout. Whatever fails on it, no stack trace is shown.
process.on('uncaughtException', () => {
  leave('INTERNAL', '');
});

// At these signals, or when a stream fails, the caller is gone: the gate exits and the keeper sees the socket close. Signals that a
// terminal's keys send never stop or suspend the gate.
for (const signal of ['SIGHUP', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('SIGINT', () => {
  leave('CANCELLED', '\n');
});
for (const signal of ['SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGUSR2'] as const)
  process.on(signal, () => undefined);
for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => process.exit(130));

process.exit(await visit());
