// Waiting for a listener, without guessing how long it takes.
import { watch } from 'node:fs';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { basename, dirname } from 'node:path';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Below the ports that the kernel gives to whoever connects (ip_local_port_range, ip(7)): none of those takes one before its server does. */
const lowest = 10_000;
const highest = 32_000;

/** A loopback port that was free a moment ago; by chance, so that who asks at the same time hardly ever gets the same. */
export async function freePort(): Promise<number> {
  const port = randomInt(lowest, highest);
  return (await isFree(port)) ? port : freePort();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
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
