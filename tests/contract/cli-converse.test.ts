// What the host's command does when its keeper, or the person's input, goes wrong (src/cli/converse).
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gateReads } from '../../src/wire/frames.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { ended } from '../../scripts/sandbox/ended.ts';

let folder: string;
let server: Server;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'converse-'));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command at a keeper that answers it with these bytes, and with nothing on its standard input. */
async function answered(bytes: string): Promise<readonly [number, string]> {
  const path = join(folder, 'sock');
  server = createServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.write(bytes)));
  await once(server.listen(path), 'listening');
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'cli-converse-child.ts'), path], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
  return [code, said];
}

test('a question that nobody can answer, since the input is at its end, cancels the command', async () => {
  const [code, said] = await answered(`${JSON.stringify({ t: 'ask', n: 1, prompt: 'Reason: ', hide: false })}\n`);
  expect([code, said]).toEqual([130, expect.stringContaining('[CANCELLED]')]);
});

describe('an address that is pasted', () => {
  const address = `http://127.0.0.1:8400/?state=s&code=${'x'.repeat(4500)}`;
  // A terminal's program runs in /, where no package is found by its name.
  const loader = join(repo, 'node_modules/tsx/dist/loader.mjs');
  const program = [process.execPath, '--import', loader, join(import.meta.dirname, 'cli-converse-child.ts')] as const;

  /** A keeper that asks for an address. @returns where it listens, and the answer */
  async function asking(kind: 'paste' | 'choice'): Promise<{ path: string; answer: Promise<unknown> }> {
    const path = join(folder, 'sock');
    const { promise: answer, resolve } = Promise.withResolvers<unknown>();
    const question = `${JSON.stringify({ t: 'ask', n: 1, prompt: '  Address: ', kind })}\n`;
    server = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', () => {
          socket.write(question);
          socket.once('data', (piece: Buffer) => {
            resolve(JSON.parse(piece.toString()));
            socket.end('{"t":"done","exit":0}\n');
          });
        });
    });
    await once(server.listen(path), 'listening');
    return { path, answer };
  }

  test('is read whole from a pipe; at its end a choice is the usual one', async () => {
    for (const [kind, input, text] of [
      ['paste', `${address.slice(0, 80)}\n${address.slice(80)}`, address],
      ['choice', '', ''],
    ] as const) {
      const { path, answer } = await asking(kind);
      const child = spawn(program[0], [...program.slice(1), path], { stdio: ['pipe', 'ignore', 'ignore'] });
      child.stdin.end(input);
      expect(await answer).toEqual({ t: 'answer', n: 1, text });
      await ended(child);
      server.close();
    }
  });

  test('is not shown on a terminal, and leaves it as it was', async () => {
    const { path, answer } = await asking('paste');
    await using terminal = new Terminal(program[0], [...program.slice(1), path], { env: { ...process.env } as never });
    await terminal.until('  Address: ');
    terminal.type(`\u001b[200~${address}\u001b[201~\r`);
    expect(await answer).toEqual({ t: 'answer', n: 1, text: address });
    await terminal.ended();
    expect(terminal.text).toContain(`${address.length} characters`);
    expect(terminal.text).not.toContain('xxxx');
    expect(terminal.text.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(terminal.text.lastIndexOf('\u001b[?2004h'));
  });
});

test('a line that is longer than any message is refused like a message that cannot be read', async () => {
  for (const bytes of ['x'.repeat(gateReads + 1), '{"t":"nothing"}\n']) {
    const [code, said] = await answered(bytes);
    expect([code, said]).toEqual([70, expect.stringContaining('[PROTOCOL]')]);
    server.close();
  }
});
