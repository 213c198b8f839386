// A board on a real redis-server of its own, for one test file.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openStore, type Store, type GrantEntry } from '../../src/adapters/redis/store.ts';
import type { StoreEvent } from '../../src/adapters/redis/follow.ts';
import { startEmbedded, type Embedded } from '../../src/adapters/redis/embedded.ts';
import { minute } from '../../src/core/time.ts';

/** The uid and gid of the service account: an account that every host has. */
export const nobody = 65534;

export interface BoardHouse extends AsyncDisposable {
  readonly root: string;
  readonly server: Embedded;
  readonly board: Store;
  /** What the embedded server complained of. */
  readonly problems: string[];
  /** What an administrator, or an attacker who can write to Redis, does. */
  readonly redis: (...args: string[]) => Promise<string>;
}

export async function boardHouse(): Promise<BoardHouse> {
  const root = await mkdtemp(join(tmpdir(), 'board-'));
  await chmod(root, 0o711);
  const problems: string[] = [];
  const server = await startEmbedded({
    ...foldersIn(root, 'redis'),
    onProblem: ({ message }) => problems.push(message),
  });
  const board = await openStore({ url: server.url });
  await board.connected(patience());
  const redis = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('redis-cli', ['-s', join(root, 'redis', 'sock'), ...args]);
    return stdout.trim();
  };
  const close = async (): Promise<void> => {
    await board.close();
    await server.close();
    await rm(root, { recursive: true });
  };
  return { root, server, board, problems, redis, [Symbol.asyncDispose]: close };
}

export function foldersIn(root: string, name: string): { run: string; data: string; uid: number; gid: number } {
  return { run: join(root, name), data: join(root, `${name}-data`), uid: nobody, gid: nobody };
}

/** For what must happen, however slow the machine. */
export const patience = (): AbortSignal => AbortSignal.timeout(30_000);

/** A promise that something happened, and the callback that says so. */
export function happening(): { readonly happened: Promise<void>; readonly happen: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    happened: promise.then(() => undefined),
    happen: () => {
      resolve(undefined);
    },
  };
}

/** A whole second, about a minute from now. */
export const soon = (): number => Math.floor(Date.now() / 1000) * 1000 + minute;

export function request(id = 'K7QF'): { id: string; jws: string; answerBy: number } {
  return { id, jws: `jws of ${id}`, answerBy: soon() };
}

export function grantOf(grantId = 'G1', more: Partial<GrantEntry> = {}): GrantEntry {
  const door = { host: 'prod-box', session: 'prod-db', login: 'alice' };
  return { ...door, grantId, jws: `grant ${grantId}`, end: soon(), ...more };
}

export const keyOf = ({ host, session, login, grantId }: GrantEntry): string =>
  `tmux-gate:grant:${host}:${session}:${login}:${grantId}`;

/** Follows from now on; `done` gives the first `count` events and ends the following. */
export async function collect(board: Store, count: number): Promise<{ done: Promise<StoreEvent[]> }> {
  const events: StoreEvent[] = [];
  const stop = new AbortController();
  const started = happening();
  const followed = board.follow(
    (event) => {
      if (events.push(event) === count) stop.abort();
    },
    stop.signal,
    { onStart: started.happen },
  );
  await started.happened;
  return { done: followed.then(() => events) };
}
