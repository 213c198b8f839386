// Waiting for a listener, without guessing how long it takes.
import { watch } from 'node:fs';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export function accepts(where: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(where);
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

/** Resolves once the socket file exists and accepts. Its folder must exist. @throws the reason of the signal. */
export async function untilAccepts(path: string, signal: AbortSignal): Promise<void> {
  const changes = watch(dirname(path), { signal });
  changes.on('error', () => undefined); // an aborted watcher says so; the loop below throws the reason
  try {
    while (!(await accepts({ path }))) {
      signal.throwIfAborted();
      await change(changes, basename(path), signal);
    }
  } finally {
    changes.close();
  }
}

/** The file's next change, or 50 ms: between bind(2) and listen(2) of another process lies no file event. */
async function change(changes: ReturnType<typeof watch>, name: string, signal: AbortSignal): Promise<void> {
  const { promise: seen, resolve } = Promise.withResolvers<undefined>();
  const hear = (_event: string, file: string | Buffer | null): void => {
    if (file === name) resolve(undefined);
  };
  changes.on('change', hear);
  await Promise.race([seen, delay(50, undefined, { signal }).catch(() => undefined)]);
  changes.off('change', hear);
}
