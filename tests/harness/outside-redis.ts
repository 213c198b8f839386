// A Redis server outside the hosts, which a test can kill and start again.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepts, freePort } from '../../scripts/sandbox/sockets.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

export interface OutsideRedis extends AsyncDisposable {
  readonly url: string;
  start(options?: { readonly loadSlowly?: boolean }): Promise<void>;
  /** Kills it (kill -9) and waits until it is gone. */
  kill(): Promise<void>;
}

/** Options that make the server take 150 ms for each key when it loads its file. */
const slowly = ['--key-load-delay', '150000', '--loading-process-events-interval-bytes', '1024'];

/** Prepares a server on a free port; `start` starts it. */
export async function outsideRedis(): Promise<OutsideRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-redis-'));
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    child = undefined;
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    kill,
    start: async ({ loadSlowly = false } = {}) => {
      child = spawn('redis-server', [...base, ...(loadSlowly ? slowly : [])], { stdio: 'ignore' });
      await eventually('redis-server accepts', async () => accepts({ host: '127.0.0.1', port }));
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      rmSync(folder, { recursive: true });
    },
  };
}
