// Free ports, and waiting until a socket accepts.
import { watch } from 'node:fs';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { basename, dirname } from 'node:path';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Ports below those that the kernel gives to outgoing connections (ip_local_port_range, ip(7)), so that none of these takes one. */
const lowest = 10_000;
const highest = 32_000;

/** A random loopback port that was free a moment ago, so that two callers at the same time hardly ever get the same. */
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

/** Whether a socket accepts a connection now. */
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

/** Waits until the socket file exists and accepts. Its folder must exist. @throws the reason of the signal, when that aborts */
export async function untilAccepts(path: string, signal: AbortSignal): Promise<void> {
  const changes = watch(dirname(path), { signal });
  changes.on('error', () => undefined); // raised by an abort, for which the loop below throws the reason
  try {
    while (!(await accepts({ path }))) {
      signal.throwIfAborted();
      await change(changes, basename(path), signal);
    }
  } finally {
    changes.close();
  }
}

/** Waits for the file's next change, at most 50 ms, since no event reports another process' listen(2) after its bind(2). */
async function change(changes: ReturnType<typeof watch>, name: string, signal: AbortSignal): Promise<void> {
  const { promise: seen, resolve } = Promise.withResolvers<undefined>();
  const hear = (_event: string, file: string | Buffer | null): void => {
    if (file === name) resolve(undefined);
  };
  changes.on('change', hear);
  await Promise.race([seen, delay(50, undefined, { signal }).catch(() => undefined)]);
  changes.off('change', hear);
}
