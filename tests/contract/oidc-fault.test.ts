// Why a provider gives no usable answer, from real sockets: the keeper (`status`) and the doctor say the same of it, and name the cause.
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { openProvider } from '../../src/adapters/oidc.ts';
import { providerFault } from '../../src/core/provider-fault.ts';
import type { Refused } from '../../src/core/refusal.ts';
import { issuerFinding } from '../../src/doctor/provider.ts';
import { readMetadata } from '../../src/doctor/provider-facts.ts';
import { freePort } from '../../scripts/sandbox/sockets.ts';
import { makeCertificate } from '../harness/certificate.ts';
import { type Answer, type HostileProvider, openHostileProvider } from './oidc-hostile.ts';

/** For another name than 127.0.0.1. */
const certificate = makeCertificate('id');
const document = '/.well-known/openid-configuration';
let hostile: HostileProvider;

afterAll(() => certificate[Symbol.dispose]());
beforeEach(async () => {
  hostile = await openHostileProvider();
});
afterEach(async () => hostile[Symbol.asyncDispose]());

/** What the keeper's refusal is read as, once it has been looked at what its log would be told. */
async function bySign(issuer: string): Promise<string> {
  const ours = openProvider({
    ...{ issuer, clientId: 'tmux-gate', scopes: ['openid'], insecureHttp: true, unstatedEmail: false, now: Date.now },
    claims: { login: 'email', groups: 'groups' },
  });
  const refused = (await ours.ping(AbortSignal.timeout(5_000)).catch((error: unknown) => error)) as Refused;
  const { say } = providerFault(refused);
  expect(refused.code).toBe('PROVIDER_DOWN');
  expect((refused.cause as Error).message).toContain(say);
  return say;
}

async function byDoctor(issuer: string): Promise<string> {
  const { down, document: found } = await readMetadata(issuer);
  return down?.say ?? issuerFinding(found, issuer).why;
}

test.each<readonly [what: string, answer: Answer, say: RegExp]>([
  ['nothing at the address', { status: 404, body: {} }, /answers with HTTP status 404$/],
  ['a server error', { status: 503, body: {} }, /answers with HTTP status 503$/],
  ['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: {} }, /answers with HTTP status 302$/],
  ['a web page', { headers: { 'content-type': 'text/html' }, body: '<html>' }, /is not JSON$/],
  ['broken JSON', { body: '{"issuer":' }, /is not JSON$/],
  ['a text', { body: '"text"' }, /lacks what it must hold$/],
  ['no issuer', { body: {} }, /lacks what it must hold$/],
  ['another issuer', { body: { issuer: 'https://other.example' } }, /calls itself "https:\/\/other\.example"/],
  ['an endless answer', { body: `"${'x'.repeat(2_000_000)}"` }, /is too long$/],
  ['a connection that breaks off', { body: undefined }, /broke off \(\w+\)$/],
])('%s', async (_, answer, say) => {
  hostile.answer(document, answer);
  expect(await bySign(hostile.issuer)).toMatch(say);
  expect(await byDoctor(hostile.issuer)).toBe(await bySign(hostile.issuer));
});

test('nobody listens', async () => {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  expect(await bySign(issuer)).toBe('the provider refuses the connection (ECONNREFUSED)');
  expect(await byDoctor(issuer)).toBe(await bySign(issuer));
});

test('a certificate that nobody vouches for; and no TLS where it should be', async () => {
  const server = createServer({ key: certificate.key, cert: certificate.cert });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await bySign(issuer)).toMatch(/certificate is not trusted by this host \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/);
    expect(await byDoctor(issuer)).toBe(await bySign(issuer));
  } finally {
    server.close();
  }
  const plain = hostile.issuer.replace('http:', 'https:');
  expect(await bySign(plain)).toMatch(/do not agree on TLS \(\w+\)$/);
  expect(await byDoctor(plain)).toBe(await bySign(plain));
});
