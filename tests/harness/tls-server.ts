// A server by TLS whose certificate a test exchanges, and what it answers.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificateFor } from './certificate.ts';

export interface TlsServer extends Disposable {
  readonly url: string;
  /** A file with all its certificates, for whoever is to trust them. */
  readonly trust: string;
  /** The HTTP status of its next answers; the body is an empty JSON list. */
  status: number;
  /** Shows the other certificate from now on. */
  show(which: 'long' | 'short'): void;
}

/** Opens it with a certificate for 90 days; the other one is for `days`. */
export async function openTlsServer(days: number): Promise<TlsServer> {
  const made = {
    long: makeCertificateFor(90, 'localhost', 'DNS:localhost'),
    short: makeCertificateFor(days, 'localhost', 'DNS:localhost'),
  };
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-trust-'));
  const trust = join(folder, 'both.pem');
  writeFileSync(trust, Buffer.concat([made.long.cert, made.short.cert]));
  const it = { status: 200 };
  // Without keep-alive each question is a handshake.
  const server = createServer({ key: made.long.key, cert: made.long.cert }, (_, response) => {
    response.writeHead(it.status, { 'content-type': 'application/json', connection: 'close' }).end('[]');
  }).listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `https://localhost:${String((server.address() as AddressInfo).port)}/`,
    trust,
    get status() {
      return it.status;
    },
    set status(status) {
      it.status = status;
    },
    show: (which) => server.setSecureContext({ key: made[which].key, cert: made[which].cert }),
    [Symbol.dispose]: () => {
      server.close();
      for (const one of Object.values(made)) one[Symbol.dispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
