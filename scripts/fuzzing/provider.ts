// Fuzzes the provider's answers: an identity is made only from a token that the right key signed, for this client and in time; and no
// sign-in takes longer than it may (law 2).
//
// 1. Each case has its own issuer on one server, and many run at once, since a poll takes a second (RFC 8628 section 3.5).
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { openProvider, type SignedIn } from '../../src/adapters/oidc.ts';
import { Refused } from '../../src/core/refusal.ts';
import { edit, edited, json, type Edit } from './mutation.ts';
import { bench, Finding, local, must, type Bench, type Target } from './target.ts';

type Page = 'discovery' | 'jwks' | 'device' | 'token';
const pages: readonly Page[] = ['discovery', 'jwks', 'device', 'token'];

/** What is wrong in one sign-in at the provider. */
interface Lie {
  readonly page: Page | undefined;
  readonly edits: readonly Edit[];
  readonly status: number;
  /** How the body is sent. */
  readonly delivery: 'whole' | 'endless' | 'stuck' | 'dropped';
  /** A value to send in place of the page. */
  readonly instead: unknown;
  /** Claims that are added to the token or replace its own; they are signed. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Edits of the signed token. */
  readonly token: readonly Edit[];
  readonly signer: 'right' | 'stranger' | 'public-as-secret' | 'none';
}

const claimNames = [
  'iss',
  'aud',
  'sub',
  'email',
  'groups',
  'iat',
  'exp',
  'nbf',
  'azp',
  'auth_time',
  'amr',
  'acr',
  'email_verified',
];
const edits = fc.array(edit, { maxLength: 2 });
const lie: fc.Arbitrary<Lie> = fc.record({
  page: fc.option(fc.constantFrom(...pages), { nil: undefined }),
  edits,
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    { weight: 1, arbitrary: fc.constantFrom(201, 204, 301, 400, 401, 429, 500, 599) },
  ),
  delivery: fc.oneof(
    { weight: 12, arbitrary: fc.constant('whole' as const) },
    { weight: 1, arbitrary: fc.constantFrom('endless' as const, 'stuck' as const, 'dropped' as const) },
  ),
  instead: fc.option(json, { nil: undefined, freq: 8 }),
  claims: fc.dictionary(fc.constantFrom(...claimNames), fc.oneof(json, fc.integer(), fc.string()), { maxKeys: 2 }),
  token: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: edits }),
  signer: fc.oneof(
    { weight: 5, arbitrary: fc.constant('right' as const) },
    { weight: 1, arbitrary: fc.constantFrom('stranger' as const, 'public-as-secret' as const, 'none' as const) },
  ),
});

const atOnce = 120;
const enough = 300;
const mostGrowth = 600 * 1024 * 1024;
const patienceMs = 4_000;
const graceMs = 8_000;
const tolerance = 120;
const clientId = 'tmux-gate';

interface Crypto {
  readonly right: CryptoKey;
  readonly stranger: CryptoKey;
  readonly jwk: JWK;
}

async function keyPairs(): Promise<Crypto> {
  const [right, stranger] = [await generateKeyPair('ES256', { extractable: true }), await generateKeyPair('ES256')];
  const jwk = { ...(await exportJWK(right.publicKey)), kid: 'k', use: 'sig', alg: 'ES256' };
  return { right: right.privateKey, stranger: stranger.privateKey, jwk };
}

async function signed(
  claims: Record<string, unknown>,
  signer: Lie['signer'],
  { right, stranger, jwk }: Crypto,
): Promise<string> {
  const jwt = new SignJWT(claims).setProtectedHeader({
    alg: signer === 'public-as-secret' ? 'HS256' : 'ES256',
    kid: 'k',
  });
  if (signer === 'public-as-secret') return jwt.sign(Buffer.from(JSON.stringify(jwk).padEnd(64)));
  const token = await jwt.sign(signer === 'stranger' ? stranger : right);
  if (signer !== 'none') return token;
  const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'k' })).toString('base64url');
  return `${header}.${token.split('.')[1] ?? ''}.`;
}

interface Case {
  readonly lie: Lie;
  readonly issuer: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The token as it was signed, and as it is sent. */
  readonly genuine: string;
  readonly sent: string;
  readonly bodies: Readonly<Record<Page, string>>;
}

/** The claims of the token: good ones, with those of the case over them. */
function claimsOf(lie: Lie, issuer: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const good = {
    iss: issuer,
    aud: clientId,
    sub: 's1',
    email: 'alice@example.com',
    email_verified: true,
    groups: ['engineers'],
    iat: now,
    exp: now + 600,
  };
  return { ...good, ...lie.claims };
}

async function caseOf(lie: Lie, issuer: string, keys: Crypto): Promise<Case> {
  const claims = claimsOf(lie, issuer);
  const genuine = await signed(claims, lie.signer, keys);
  const sent = edited(genuine, lie.token);
  const discovery = {
    ...{
      issuer,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device`,
      jwks_uri: `${issuer}/jwks`,
    },
    id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
  };
  const device = {
    device_code: 'd',
    user_code: 'ABCD-EFGH',
    verification_uri: `${issuer}/go`,
    expires_in: 600,
    interval: 1,
  };
  const token = { access_token: 'a', token_type: 'Bearer', refresh_token: 'r', id_token: sent };
  const whole = { discovery, jwks: { keys: [keys.jwk] }, device, token };
  const text = (page: Page): string =>
    page !== lie.page
      ? JSON.stringify(whole[page])
      : edited(lie.instead === undefined ? JSON.stringify(whole[page]) : JSON.stringify(lie.instead), lie.edits);
  const bodies = { discovery: text('discovery'), jwks: text('jwks'), device: text('device'), token: text('token') };
  return { lie, issuer, claims, genuine, sent, bodies };
}

function pageOf(url: string): Page | undefined {
  if (url.endsWith('/.well-known/openid-configuration')) return 'discovery';
  return pages.find((page) => url.endsWith(`/${page}`));
}

function answer(cases: ReadonlyMap<string, Case>, { url = '/' }: IncomingMessage, response: ServerResponse): void {
  const told = cases.get(url.split('/')[1] ?? '');
  const page = pageOf(url);
  if (url.endsWith('/go')) return void response.writeHead(200).end(); // the page where codes are typed
  if (told === undefined || page === undefined) return void response.writeHead(404).end('{}');
  const status = page === told.lie.page ? told.lie.status : 200;
  response.writeHead(status, { 'content-type': 'application/json' });
  deliver(response, page === told.lie.page ? told.lie.delivery : 'whole', status === 204 ? '' : told.bodies[page]);
}

const piece = ' '.repeat(64 * 1024);

function deliver(response: ServerResponse, how: Lie['delivery'], body: string): void {
  if (how === 'whole') return void response.end(body);
  response.write(body.slice(0, Math.ceil(body.length / 2)) || ' ');
  if (how === 'dropped') response.destroy();
  if (how !== 'endless') return;
  const pour = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', pour);
  pour();
}

/** Checks that an identity comes from a token that the right key signed for this client, and that is valid now. @throws Finding when not */
function checkIdentity({ lie, issuer, genuine, sent, bodies }: Case, { identity }: SignedIn): void {
  const body = JSON.parse(bodies.token) as { id_token?: string };
  const used = body.id_token ?? '';
  must(lie.signer === 'right', `an identity from a token signed by: ${lie.signer}`);
  // The last character of a signature has unused bits, so several spellings of it mean the same bytes (base64url).
  must(sameBytes(used, genuine), `an identity from another token than was signed: ${used} for ${sent}`);
  const claims = JSON.parse(Buffer.from(used.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const now = Date.now() / 1000;
  must(identity.issuer === issuer && claims['iss'] === issuer, 'an identity of another issuer');
  must(
    identity.subject === claims['sub'] && identity.claim === claims['email'],
    'an identity that the token does not name',
  );
  must([claims['aud']].flat().includes(clientId), 'an identity for another client');
  must(typeof claims['exp'] === 'number' && claims['exp'] > now - tolerance, 'an identity from an expired token');
  must(typeof claims['iat'] === 'number' && Math.abs(claims['iat'] - now) < tolerance, 'an identity from an old token');
  must(claims['azp'] === undefined || claims['azp'] === clientId, 'an identity of another party');
}

function sameBytes(one: string, other: string): boolean {
  const bytes = (token: string): string =>
    token
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');
  return bytes(one) === bytes(other);
}

/** Signs in once. @returns whether it gave an identity. @throws Finding when something is wrong */
async function signIn(told: Case): Promise<boolean> {
  const { issuer } = told;
  const provider = openProvider({
    ...{ issuer, clientId, scopes: ['openid'], claims: { login: 'email', groups: 'groups' }, insecureHttp: true },
    unstatedEmail: false,
    now: Date.now,
  });
  const stop = AbortSignal.timeout(patienceMs);
  try {
    const login = await provider.begin(stop);
    must(
      !/[\p{C}\p{Zl}\p{Zp}]/u.test(login.code + login.uri + (login.uriComplete ?? '')),
      'a code that cannot be seen',
    );
    must(login.expiresAt <= Date.now() + 300_000, 'a code that lives too long');
    checkIdentity(told, await login.complete(stop));
    return true;
  } catch (error) {
    if (error instanceof Finding) throw error;
    const isAnswer = error instanceof Refused || stop.aborted;
    must(
      isAnswer,
      `another error than a refusal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return false;
  }
}

async function provider(): Promise<Bench> {
  const keys = await keyPairs();
  const cases = new Map<string, Case>();
  const server = createServer((request, response) => answer(cases, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let count = 0;
  let identities = 0;
  const small = process.memoryUsage.rss();
  const feed = async (lies: readonly Lie[]): Promise<void> => {
    const names = lies.map(() => `c${String(++count)}`);
    const told = await Promise.all(
      lies.map((one, n) => caseOf(one, `http://127.0.0.1:${port}/${names[n] ?? ''}`, keys)),
    );
    told.forEach((one, n) => cases.set(names[n] ?? '', one));
    const came = await Promise.all(told.map(signIn)).finally(() => names.forEach((name) => cases.delete(name)));
    identities += came.filter(Boolean).length;
  };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  // Large batches are as likely as small ones, since a sign-in takes time but little computing.
  const inputs = fc.noBias(fc.array(lie, { minLength: 1, maxLength: atOnce, size: 'max' }));
  const finish = async (): Promise<void> => {
    must(count < enough || identities > 0, 'no sign-in came through at all: nothing is proved');
    must(process.memoryUsage.rss() - small < mostGrowth, 'memory is not bounded');
    return Promise.resolve();
  };
  return bench({ inputs, feed, sizeOf: (lies) => lies.length, limitMs: patienceMs + graceMs, finish, close });
}

export const providerTarget: Target = local('oidc', provider, 4);
