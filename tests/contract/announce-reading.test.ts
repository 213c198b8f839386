// Reading a recording is announced to the keeper, and refused where none answers (src/cli/announce-reading).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reading-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function announced(path: string): Promise<readonly [number, string]> {
  const program = join(import.meta.dirname, 'announce-reading-child.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, path], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
  return [code, said];
}

test('without a keeper it is refused, with what to do', async () => {
  const [code, said] = await announced(join(folder, 'nobody'));
  expect([code, said]).toEqual([69, expect.stringMatching(/tmux-gate is not running.*systemctl/s)]);
});

test('the keeper hears what is read, on one line, and its answer is the exit code', async () => {
  const heard: string[] = [];
  const server = createServer(
    (socket) =>
      void socket.once('data', (piece) => {
        heard.push(piece.toString());
        socket.end('{"t":"done","exit":75}\n');
      }),
  );
  await once(server.listen(join(folder, 'sock')), 'listening');
  const [code] = await announced(join(folder, 'sock'));
  server.close();
  expect(code).toBe(75);
  const hello = JSON.parse(heard.join('')) as { command: string; query: string };
  expect(hello.command).toBe('reading find --reason INC-1 two\ufffdlines');
  expect(hello.query).toHaveLength(400);
});
