// Runs one verb at the keeper of this host, as over ssh, for root.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline/promises';
import { gateReads, lineCutter } from '../wire/frames.ts';
import { readLoginuid } from '../wire/loginuid.ts';
import { protocolVersion, readToGate, writeMessage, type AskKind, type Hello, type ToGate } from '../wire/messages.ts';
import { sizeOf } from '../wire/terminal-size.ts';
import { dashboardScreen, type DashboardScreen } from './dashboard.ts';
import { askPaste } from './paste.ts';
import { refuseHere } from './refuse.ts';
import { render, type Screen } from './render.ts';

/** A command with what no word of it can say. */
export interface Asked {
  readonly command: string;
  /** What is searched for in recordings (cli/announce-reading.ts). */
  readonly query?: string;
}

/**
 * Sends a command to the keeper, shows what it answers and asks what it asks.
 * @returns the exit code. When the keeper cannot be reached, or the signal aborts, that of KEEPER_DOWN.
 */
export async function converse(
  socketPath: string,
  asked: string | Asked,
  screen: Screen = render(),
  signal?: AbortSignal,
): Promise<number> {
  const said = typeof asked === 'string' ? { command: asked } : asked;
  if (process.getuid?.() !== 0) return refuseHere(screen, 'LOCAL_ONLY', { word: said.command.split(' ')[0] ?? '' });
  const socket = connect(socketPath);
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  if (!connected) return refuseHere(screen, 'KEEPER_DOWN');
  process.stdout.on('error', () => socket.destroy());
  signal?.addEventListener('abort', () => socket.destroy(), { once: true });
  socket.write(writeMessage(hello(said)));
  const dashboard = dashboardScreen((message) => void socket.write(writeMessage(message)));
  return listen(socket, screen, dashboard).finally(() => dashboard.end());
}

function hello({ command, query }: Asked): Hello {
  return {
    ...{ t: 'hello', v: protocolVersion, kind: 'local', uid: 0, login: 'root' },
    ...readLoginuid(readFileSync('/proc/self/loginuid', 'latin1')),
    ...{ pid: process.pid, command, term: '', utf8: true, address: '', auth: '' },
    ...sizeOfTerminal(),
    ...(query === undefined ? {} : { query }),
  };
}

function sizeOfTerminal(): Pick<Hello, 'tty' | 'cols' | 'rows'> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return { tty: false, ...sizeOf({}) };
  return { tty: true, ...sizeOf(stdout) };
}

async function listen(socket: Socket, screen: Screen, dashboard: DashboardScreen): Promise<number> {
  const cut = lineCutter(gateReads);
  socket.setEncoding('utf8');
  return new Promise((resolve) => {
    socket.on('error', () => socket.destroy());
    let over = false;
    const leave = (exit: number): void => {
      over = true;
      resolve(exit);
    };
    const refuse = (code: 'PROTOCOL' | 'CANCELLED'): void => {
      leave(refuseHere(screen, code));
      socket.destroy();
    };
    socket.on('close', () => {
      dashboard.end();
      if (!over) resolve(refuseHere(screen, 'KEEPER_DOWN'));
    });
    socket.on('data', (piece: string) => {
      const lines = cutOrNone(cut, piece);
      if (lines === undefined) return refuse('PROTOCOL');
      for (const text of lines) {
        const message = readToGate(text);
        if (message?.t === 'ask') void ask(socket, screen, message, () => refuse('CANCELLED'));
        const exit = hear(screen, dashboard, message);
        if (exit !== undefined) leave(exit);
      }
    });
  });
}

/** The lines that a piece completes; undefined when one is longer than any message of a keeper. */
function cutOrNone(cut: ReturnType<typeof lineCutter>, piece: string): readonly string[] | undefined {
  try {
    return cut(piece);
  } catch {
    return undefined;
  }
}

function hear(screen: Screen, dashboard: DashboardScreen, message: ToGate | undefined): number | undefined {
  if (message?.t !== 'dashboard') dashboard.aside();
  switch (message?.t) {
    case 'say':
      screen[message.to](message.lines);
      return undefined;
    case 'wait':
      screen.wait(message.text);
      return undefined;
    case 'calm':
      screen.calm();
      return undefined;
    case 'ask':
    case 'bell':
      return undefined;
    case 'dashboard':
      screen.calm();
      dashboard.show(message);
      return undefined;
    case 'refuse':
      screen.refuse(message.code, message.say, message.hint);
      return message.exit;
    case 'done':
      screen.calm();
      return message.exit;
    case 'go':
    case 'deadline':
    case 'input':
    case 'looked':
    case 'picture':
    case 'cut':
    case undefined:
      return refuseHere(screen, 'PROTOCOL');
  }
}

/** Asks one question. @param leave is called when there is no answer: at the end of the input, or at Ctrl-C. */
async function ask(
  socket: Socket,
  screen: Screen,
  { n, prompt, kind }: Extract<ToGate, { t: 'ask' }>,
  leave: () => void,
): Promise<void> {
  screen.calm();
  const text = kind === 'paste' ? await askPaste(prompt) : ((await askLine(prompt)) ?? usual(kind));
  if (text === undefined) return leave();
  socket.write(writeMessage({ t: 'answer', n, text }));
}

/** The answer at the end of input, where a question has a usual one. */
const usual = (kind: AskKind | undefined): string | undefined => (kind === 'choice' ? '' : undefined);

async function askLine(prompt: string): Promise<string | undefined> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(reader, 'close').then(() => undefined);
  const text = await Promise.race([reader.question(prompt).catch(() => undefined), closed]);
  reader.close();
  return text;
}
