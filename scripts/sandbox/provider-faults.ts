// Faults of the provider's HTTP answers, as the tests order them.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JWK } from 'jose';
import type { Misanswer, Mood } from './provider-messages.ts';

/** The endpoints that clients use without a browser. */
const endpoints = ['/token', '/device/auth', '/jwks'];
const elsewhere = '/elsewhere';
const hugeBytes = 3 * 1024 * 1024;

export function newSigningKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' };
}

/** Answers in place of the library if the orders so far say so. @returns whether it did */
export function answerBadly(mood: Mood, request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '' } = request;
  const isEndpoint = endpoints.includes(url) || url.startsWith('/.well-known/');
  if (mood.misanswer !== 'none' && isEndpoint) return misanswer(mood.misanswer, response);
  if (url === '/token' && mood.rubbish) return misanswer('html', response);
  if (url === '/token' && mood.slowDown > 0) {
    mood.slowDown -= 1;
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"slow_down"}');
    return true;
  }
  return moved(mood, request, response);
}

function misanswer(kind: Misanswer, response: ServerResponse): true {
  const json = { 'content-type': 'application/json' };
  if (kind === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome to the captive portal</body>');
  } else if (kind === 'redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  else if (kind === 'huge') response.writeHead(200, json).end(JSON.stringify({ a: 'x'.repeat(hugeBytes) }));
  else response.writeHead(200, json).end('{"issuer":7,"id_token":[],"device_code":{},"keys":null}');
  return true;
}

function moved(mood: Mood, request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '' } = request;
  if (mood.moved && endpoints.includes(url)) {
    response.writeHead(404).end();
    return true;
  }
  if (url.startsWith(`${elsewhere}/`)) request.url = url.slice(elsewhere.length);
  return false;
}

/** Discovery and keys as the mood wants them. */
export function published(path: string, body: Record<string, unknown>, mood: Mood): Record<string, unknown> {
  if (path === '/jwks' && mood.rotated !== undefined) {
    const { kty, n, e, kid, use, alg } = mood.rotated;
    return { keys: [{ kty, n, e, kid, use, alg }] };
  }
  if (!mood.moved || path !== '/.well-known/openid-configuration') return body;
  const names = ['token_endpoint', 'device_authorization_endpoint', 'jwks_uri'];
  const to = (value: unknown): string => String(value).replace(/(?<=:\d+)\//, `${elsewhere}/`);
  return { ...body, ...Object.fromEntries(names.map((name) => [name, to(body[name])])) };
}
