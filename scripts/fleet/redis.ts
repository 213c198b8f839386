// The one Redis of the simulated fleet, and what it says of itself.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseInfo, type ServerInfo } from '../../src/adapters/redis/version.ts';
import { accepts, freePort } from '../sandbox/sockets.ts';

export interface FleetRedis extends AsyncDisposable {
  readonly url: string;
  /** A field of INFO as a number. */
  info(field: string): Promise<number>;
  /** Ends it, so that connections are refused; its data stay on disk. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a server on a free port, with the settings that docs/store.md asks for. */
export async function fleetRedis(): Promise<FleetRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'fleet-redis-'));
  const at = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const settings = [...at, '--save', '', '--appendonly', 'yes', '--maxclients', '20000', '--tcp-backlog', '511'];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn('redis-server', settings, { stdio: 'ignore' });
    while (!(await accepts({ host: '127.0.0.1', port }))) await delay(20);
  };
  const stop = async (): Promise<void> => {
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    child = undefined;
    await gone;
  };
  const all = async (): Promise<ServerInfo> => {
    const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(port), 'info']);
    return parseInfo(stdout);
  };
  await start();
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    info: async (field) => Number((await all()).get(field)),
    stop,
    start,
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}
