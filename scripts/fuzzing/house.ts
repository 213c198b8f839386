// A sandbox host with a real keeper, fed from its sockets and from its Redis. Whatever comes: the keeper lives, answers, opens
// nothing, stays small, and its journal verifies (laws 1, 7 and 8).
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { openHost, type Host } from '../sandbox/host.ts';
import { readToGate } from '../../src/wire/messages.ts';
import { hello } from './samples.ts';
import { must } from './target.ts';

const mostBytes = 400 * 1024 * 1024;
const answerMs = 5_000;

export interface House extends AsyncDisposable {
  readonly host: Host;
  /** Of the keeper, bytes. */
  readonly memory: () => number;
  /** @throws Finding when the keeper does not answer as it must. */
  readonly checkAlive: () => Promise<void>;
  /** @throws Finding */
  readonly checkEnd: () => Promise<void>;
  /** What the keeper says to these bytes, until it closes or the line is closed after them. */
  say(socket: string, pieces: readonly (string | Buffer)[]): Promise<string>;
  /** What root on the host is told. */
  ask(command: string): Promise<readonly string[]>;
}

export async function openHouse(): Promise<House> {
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

/** Nothing was opened, and the journal is whole. */
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

/** @param close once all is sent; otherwise the keeper closes. */
async function converse(path: string, pieces: readonly (string | Buffer)[], close: boolean): Promise<string> {
  const socket = connect(path);
  let heard = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (heard += piece));
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy()); // it may hang up at any byte
  socket.setTimeout(answerMs, () => socket.destroy());
  for (const piece of pieces) {
    if (socket.destroyed) break;
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  if (close) socket.end();
  await over;
  return heard;
}
