// A store on a real redis-server of its own, for one test file; and values to put into it.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openStore, type Store, type GrantEntry, type ReviewEntry } from '../../src/adapters/redis/store.ts';
import type { StoreEvent } from '../../src/adapters/redis/follow.ts';
import { startEmbedded, type Embedded } from '../../src/adapters/redis/embedded.ts';
import { minute } from '../../src/core/time.ts';

/** The uid and gid that the server runs as: an account that every host has. */
export const nobody = 65534;

/** A store with its server; disposing closes both and removes their files. */
export interface TestStore extends AsyncDisposable {
  readonly root: string;
  readonly server: Embedded;
  readonly store: Store;
  /** What the embedded server reported as problems. */
  readonly problems: string[];
  /** Runs redis-cli as an administrator, or an attacker who can write to Redis, would. */
  readonly redis: (...args: string[]) => Promise<string>;
}

/** Starts a server and waits until the store is connected to it. */
export async function openTestStore(): Promise<TestStore> {
  const root = await mkdtemp(join(tmpdir(), 'store-'));
  await chmod(root, 0o711);
  const problems: string[] = [];
  const server = await startEmbedded({
    ...foldersIn(root, 'redis'),
    onProblem: ({ message }) => problems.push(message),
  });
  const store = await openStore({ url: server.url });
  await store.connected(patience());
  const redis = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('redis-cli', ['-s', join(root, 'redis', 'sock'), ...args]);
    return stdout.trim();
  };
  const close = async (): Promise<void> => {
    await store.close();
    await server.close();
    await rm(root, { recursive: true });
  };
  return { root, server, store, problems, redis, [Symbol.asyncDispose]: close };
}

/** Where an embedded server keeps its files, and as whom it runs. */
export function foldersIn(root: string, name: string): { run: string; data: string; uid: number; gid: number } {
  return { run: join(root, name), data: join(root, `${name}-data`), uid: nobody, gid: nobody };
}

/** A generous limit for what must happen, however slow the machine. */
export const patience = (): AbortSignal => AbortSignal.timeout(30_000);

/** A promise, and the callback that resolves it. */
export function happening(): { readonly happened: Promise<void>; readonly happen: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    happened: promise.then(() => undefined),
    happen: () => {
      resolve(undefined);
    },
  };
}

/** An instant about a minute from now, on a whole second. */
export const soon = (): number => Math.floor(Date.now() / 1000) * 1000 + minute;

export function request(id = 'K7QF'): { id: string; jws: string; answerBy: number } {
  return { id, jws: `jws of ${id}`, answerBy: soon() };
}

/** A review of a request of `prod-box`. */
export const reviewOf = (name: string, jws: string): ReviewEntry => ({ name, jws, host: 'prod-box' });

export function grantOf(grantId = 'G1', more: Partial<GrantEntry> = {}): GrantEntry {
  const scope = { host: 'prod-box', session: 'prod-db', login: 'alice' };
  return { ...scope, grantId, jws: `grant ${grantId}`, end: soon(), ...more };
}

export const keyOf = ({ host, session, login, grantId }: GrantEntry): string =>
  `{tmux-gate}:grant:${host}:${session}:${login}:${grantId}`;

/** Follows the events from now on. `done` resolves with the first `count` of them, and the store is followed no longer. */
export async function collect(store: Store, count: number): Promise<{ done: Promise<StoreEvent[]> }> {
  const events: StoreEvent[] = [];
  const stop = new AbortController();
  const started = happening();
  const followed = store.follow(
    (event) => {
      if (events.push(event) === count) stop.abort();
    },
    stop.signal,
    { onStart: started.happen },
  );
  await started.happened;
  return { done: followed.then(() => events) };
}

/** Follows the events from now on, until `stop`, and notes the id that each of them names. */
export async function hearing(store: Store): Promise<{ readonly ids: readonly string[]; stop(): Promise<void> }> {
  const ids: string[] = [];
  const over = new AbortController();
  const started = happening();
  const followed = store.follow((event) => void ids.push(event.fields['id'] ?? ''), over.signal, {
    onStart: started.happen,
  });
  await started.happened;
  const stop = async (): Promise<void> => {
    over.abort();
    await followed;
  };
  return { ids, stop };
}
