// A provider that lies, as no real one can be told to: it answers whatever a test says, on loopback.
import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, SignJWT, exportJWK, generateKeyPair } from 'jose';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; undefined breaks the connection off. */
  readonly body?: unknown;
}

export interface HostileProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly privateKey: CryptoKey;
  /** Requests so far, by path. */
  readonly seen: string[];
  /** What a path is answered with, each answer once, the last for ever. */
  answer(path: string, ...answers: readonly Answer[]): void;
  /** Claims of a good ID token for the client `tmux-gate`. */
  claims(): Record<string, unknown>;
  /** A token response with these claims, signed with ES256 by the right key. */
  tokens(claims: Readonly<Record<string, unknown>>): Promise<Answer>;
}

export async function openHostileProvider(): Promise<HostileProvider> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const answers = new Map<string, Answer[]>();
  const seen: string[] = [];
  const server = createServer(({ url = '/' }, response) => {
    seen.push(url);
    const queue = answers.get(url) ?? [];
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    send(response, answer ?? { status: 404, body: {} });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers.set('/.well-known/openid-configuration', [{ body: metadata(issuer) }]);
  answers.set('/jwks', [{ body: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', use: 'sig' }] } }]);
  answers.set('/device', [{ body: device(issuer) }]);
  answers.set('/go', [{ headers: { 'content-type': 'text/html' }, body: '<html>' }]);
  return {
    issuer,
    privateKey,
    seen,
    answer: (path, ...list) => void answers.set(path, [...list]),
    claims: () => goodClaims(issuer),
    tokens: (claims) => tokenResponse(claims, privateKey),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Answer): void {
  if (body === undefined) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const metadata = (issuer: string) => ({
  issuer,
  token_endpoint: `${issuer}/token`,
  device_authorization_endpoint: `${issuer}/device`,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ['ES256', 'ES384', 'HS256', 'none'],
});

export const device = (issuer: string) => ({
  device_code: 'device-code-secret',
  user_code: 'ABCD-EFGH',
  verification_uri: `${issuer}/go`,
  expires_in: 600,
  interval: 1,
});

function goodClaims(issuer: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: 'tmux-gate',
    sub: 's1',
    email: 'alice@example.com',
    email_verified: true,
    groups: ['engineers'],
    iat: now,
    exp: now + 600,
  };
}

async function tokenResponse(claims: Readonly<Record<string, unknown>>, key: CryptoKey): Promise<Answer> {
  const id_token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(key);
  return { body: { access_token: 'access-secret', token_type: 'Bearer', refresh_token: 'refresh-secret', id_token } };
}
