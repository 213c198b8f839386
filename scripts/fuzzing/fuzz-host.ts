// A sandbox host with a real keeper, to be fed over its sockets and its Redis. Whatever the input, the keeper stays alive and answers, lets
// nobody in, does not grow, and its journal verifies (laws 1, 7 and 8).
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { openHost, type Host } from '../sandbox/host.ts';
import { readToGate } from '../../src/wire/messages.ts';
import { hello } from './samples.ts';
import { must } from './target.ts';

const mostBytes = 400 * 1024 * 1024;
const answerMs = 5_000;

export interface FuzzHost extends AsyncDisposable {
  readonly host: Host;
  /** The keeper's resident memory, in bytes. */
  readonly memory: () => number;
  /** Checks that the keeper is alive, answers and has not grown. @throws Finding when not */
  readonly checkAlive: () => Promise<void>;
  /** Checks that nothing was opened and the journal verifies. @throws Finding when not */
  readonly checkEnd: () => Promise<void>;
  /** Sends bytes to a socket. @returns what the keeper answers until the connection ends */
  say(socket: string, pieces: readonly (string | Buffer)[]): Promise<string>;
  /** Runs a command as root on the host. @returns the lines of output. @throws Finding when the keeper does not answer */
  ask(command: string): Promise<readonly string[]>;
}

/** Opens a sandbox host, and remembers its keeper: one that restarts is a finding. */
export async function openFuzzHost(): Promise<FuzzHost> {
  const host = await openHost({ prefix: `${process.env['TMUX_GATE_PLACE'] ?? ''}fuzz` });
  const first = host.keeper.pid;
  const socket = host.keeper.socket;
  const memory = (): number => residentOf(first);
  const ask = async (command: string): Promise<readonly string[]> => {
    const heard = await converse(socket, [`${hello('local', 0, 'root', command)}\n`], false);
    const messages = heard.split('\n').filter(Boolean).map(readToGate);
    const done = messages.find((message) => message?.t === 'done' || message?.t === 'refuse');
    must(done !== undefined, `the keeper does not answer "${command}"`);
    return messages.flatMap((message) => (message?.t === 'say' ? message.lines : []));
  };
  return {
    host,
    memory,
    ask,
    say: async (path, pieces) => converse(path, pieces, true),
    checkAlive: async () => {
      must(
        host.keeper.pid === first && first !== undefined,
        `the keeper ended: ${host.keeper.lines.slice(-3).join(' / ')}`,
      );
      await ask('status --json');
      must(memory() < mostBytes, `the keeper grew to ${Math.round(memory() / 1024 / 1024)} MB`);
    },
    checkEnd: async () => checkEnd(host),
    [Symbol.asyncDispose]: async () => host[Symbol.asyncDispose](),
  };
}

/** Checks that nothing was opened, and that the journal verifies. @throws Finding when not */
async function checkEnd(host: Host): Promise<void> {
  const text = readFileSync(`${host.root}/var/lib/tmux-gate/journal/journal.jsonl`, 'utf8');
  const events = text.split('\n').map((row) => (row === '' ? '' : (JSON.parse(row) as { event: string }).event));
  const opened = events.filter((event) => ['granted', 'reviewed', 'connected', 'session-starting'].includes(event));
  must(opened.length === 0, `something was opened: ${opened.join(', ')}`);
  must(readdirSync(`${host.layout.run}/c`).length === 0, 'a connection is left');
  const { code, stdout } = await host.cli(['audit', 'verify']);
  must(code === 0, `the journal does not verify: ${stdout}`);
}

function residentOf(pid: number | undefined): number {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}

/** Sends bytes and collects the answer. @param close whether to end the connection after them; otherwise the keeper has to */
async function converse(path: string, pieces: readonly (string | Buffer)[], close: boolean): Promise<string> {
  const socket = connect(path);
  let heard = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (heard += piece));
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy()); // the keeper may close it at any byte
  socket.setTimeout(answerMs, () => socket.destroy());
  for (const piece of pieces) {
    if (socket.destroyed) break;
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  if (close) socket.end();
  await over;
  return heard;
}
