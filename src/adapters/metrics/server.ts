// Answers scrapes: GET /metrics, over a unix socket or a port of the loopback.
//
// 1. It listens where only accounts of this host can reach it. Attack: somebody on the network watches who works when.
// 2. The unix socket is for root and one group; where that group does not exist, for root alone. It lies in a folder that root alone can
//    write, and only a socket is removed to make room for it. Attack: another account puts its own socket, or a link to a file of root,
//    in its place.
// 3. Everything is bounded: connections, the size and the time of a request, and how often the text is made. One text is made at a time,
//    and it is reused for a second. Attack: an account that can reach the port asks without end, and the keeper has no time for visits.
// 4. Over the loopback, a request that names another host is refused. Attack: a web page in a browser on this host reads the answer by a
//    name that it has pointed to 127.0.0.1 (DNS rebinding).
// 5. Nothing that a client sends is used but method, path and Host, and nothing of it is logged.
import { chmod, chown, lstat, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { checkFolders } from '../../config/safety.ts';
import type { MetricsPolicy } from '../../core/policy-types.ts';
import { second } from '../../core/time.ts';
import { unlessMissing } from '../missing.ts';

/** What is served, and to whom. */
export interface MetricsServerOptions {
  readonly listen: MetricsPolicy['listen'];
  /** The gid whose members may read the unix socket, besides root; undefined: root alone. */
  readonly gid: number | undefined;
  readonly contentType: string;
  /** Makes the text of a scrape. */
  readonly text: () => Promise<string>;
}

const connectionsLimit = 8;
const headerLimit = 4096;
const requestMs = 5 * second;
/** Prometheus scrapes every 5 to 60 seconds. */
const reuseMs = second;

/**
 * Listens until the signal aborts.
 * @throws Error when the place cannot be used (rules 1 and 2)
 */
export async function serveMetrics(options: MetricsServerOptions, signal: AbortSignal): Promise<void> {
  const text = reused(options.text);
  const { createServer } = await import('node:http'); // most hosts have no metrics, and every start would load it
  const server = createServer(
    {
      maxHeaderSize: headerLimit,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: second,
    },
    (request, response) => void answer(request, response, text, options).catch(() => response.destroy()),
  );
  server.maxConnections = connectionsLimit;
  server.timeout = requestMs;
  await ('path' in options.listen
    ? listenOnSocket(server, options.listen.path, options.gid)
    : listenOnPort(server, options.listen));
  server.on('error', () => undefined);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
}

/** Rule 2. The process' umask keeps the socket root's alone until its group is set. */
async function listenOnSocket(server: Server, path: string, gid: number | undefined): Promise<void> {
  await checkFolders(path);
  const before = await lstat(path).catch(unlessMissing);
  if (before?.isSocket() === false) throw new Error(`${path} is there and is no socket`);
  await rm(path, { force: true });
  await listening(server, { path });
  if (gid !== undefined) await chown(path, 0, gid);
  await chmod(path, gid === undefined ? 0o600 : 0o660);
}

const loopback: readonly string[] = ['127.0.0.1', '::1'];

/** Rule 1; the schema of the policy refuses other addresses as well. */
async function listenOnPort(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  if (!loopback.includes(host)) throw new Error(`${host} is not an address of the loopback`);
  await listening(server, { host, port });
}

function listening(server: Server, place: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ ...place, backlog: connectionsLimit }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Rule 3. */
function reused(make: () => Promise<string>): () => Promise<string> {
  let made: { readonly text: Promise<string>; usableUntil: number } | undefined;
  return async () => {
    if (made !== undefined && performance.now() < made.usableUntil) return made.text;
    const mine = { text: make(), usableUntil: Infinity };
    made = mine;
    mine.text.then(
      () => (mine.usableUntil = performance.now() + reuseMs),
      () => (mine.usableUntil = 0),
    );
    return mine.text;
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string>,
  { listen, contentType }: MetricsServerOptions,
): Promise<void> {
  const { method = '', url = '', headers } = request;
  const end = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
    const head = { 'content-type': type, 'content-length': Buffer.byteLength(body), connection: 'close' };
    response.writeHead(status, { ...head, ...(status === 405 ? { allow: 'GET, HEAD' } : {}) });
    response.end(method === 'HEAD' ? undefined : body);
  };
  if ('host' in listen && !isLoopbackName(headers.host ?? '')) return end(403, 'not this host\n');
  if (method !== 'GET' && method !== 'HEAD') return end(405, 'GET /metrics\n');
  if (url.split('?')[0] !== '/metrics') return end(404, 'GET /metrics\n');
  end(200, await text(), contentType);
}

/** Rule 4. */
function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').replace(/^\[|\]$/g, '');
  return name.toLowerCase() === 'localhost' || loopback.includes(name);
}
