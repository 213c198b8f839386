// What the host's command does when its keeper, or the person's input, goes wrong (src/cli/converse).
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gateReads } from '../../src/wire/frames.ts';

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

test('a line that is longer than any message is refused like a message that cannot be read', async () => {
  for (const bytes of ['x'.repeat(gateReads + 1), '{"t":"nothing"}\n']) {
    const [code, said] = await answered(bytes);
    expect([code, said]).toEqual([70, expect.stringContaining('[PROTOCOL]')]);
    server.close();
  }
});
