// Makes wrong ID tokens, which a client must refuse (OpenID Connect Core 3.1.3.7).
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type JWK, SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import { absent, type Mood, type Tamper } from './provider-messages.ts';

type Claims = Readonly<Record<string, unknown>>;

const HOUR = 3600;

/** Wrong claims. Times are in seconds since 1970; undefined: the claim is missing. */
const wrongClaims: Partial<Record<Tamper, (now: number, claims: Claims) => Claims>> = {
  'wrong-aud': () => ({ aud: 'someone-else' }),
  'other-client': () => ({ aud: 'other' }),
  'more-audiences': (_, { aud }) => ({ aud: [aud, 'other'] }),
  'other-party': () => ({ azp: 'other' }),
  'other-party-of-more': (_, { aud }) => ({ aud: [aud, 'other'], azp: 'other' }),
  'wrong-iss': () => ({ iss: 'http://127.0.0.1:1' }),
  'slashed-iss': (_, { iss }) => ({ iss: `${String(iss)}/` }),
  expired: (now) => ({ iat: now - 2 * HOUR, exp: now - HOUR }),
  'future-iat': (now) => ({ iat: now + HOUR, exp: now + 2 * HOUR }),
  'stale-iat': (now) => ({ iat: now - HOUR, exp: now + HOUR }),
  'future-nbf': (now) => ({ nbf: now + HOUR }),
  'no-sub': () => ({ sub: undefined }),
  'empty-sub': () => ({ sub: '' }),
  'number-sub': () => ({ sub: 7 }),
  'no-iat': () => ({ iat: undefined }),
  'no-exp': () => ({ exp: undefined }),
  'no-aud': () => ({ aud: undefined }),
  'no-iss': () => ({ iss: undefined }),
};

type Header = Readonly<Record<string, unknown>>;

const sign = async (claims: Claims, header: Header, key: Parameters<SignJWT['sign']>[0]): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ ...header, alg: 'RS256' }).sign(key);

/** Signs with a forger's key, offered in the headers as the mode says. */
async function signAsForger(mode: Tamper, claims: Claims, kid: string | undefined): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const headers: Partial<Record<Tamper, Header>> = {
    'unknown-kid': { kid: 'unknown' },
    'embedded-jwk': { kid, jwk },
    jku: { kid, jku: 'http://127.0.0.1:1/keys' },
    x5u: { kid, x5u: 'http://127.0.0.1:1/cert' },
  };
  return sign(claims, headers[mode] ?? { kid }, privateKey);
}

/** Signs by HMAC with the text of the public key as its secret (RFC 8725 2.1). */
function signWithPublicKey(claims: Claims, jwk: JWK): string {
  const { kty = 'RSA', n = '', e = '' } = jwk;
  const pem = createPublicKey({ key: { kty, n, e }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', kid: jwk.kid })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
}

/** The claims without those that are to be left out. */
function present(claims: Claims): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== absent));
}

/** The claims with their times shifted by so many seconds. */
function shifted(claims: Claims, seconds: number): Claims {
  const times = ['iat', 'exp', 'auth_time'].filter((name) => typeof claims[name] === 'number');
  return { ...claims, ...Object.fromEntries(times.map((name) => [name, Number(claims[name]) + seconds])) };
}

const forgers: readonly Tamper[] = ['forged-signature', 'unknown-kid', 'embedded-jwk', 'jku', 'x5u'];

let last = '';
let waiting: ((token: string) => void) | undefined;
let held = '';

/** Exchanges the tokens of two sign-ins; the first waits for the second. */
async function swapped(idToken: string): Promise<string> {
  const give = waiting;
  if (give === undefined) {
    held = idToken;
    return new Promise((resolve) => (waiting = resolve));
  }
  waiting = undefined;
  give(idToken);
  return held;
}

/** The token as the orders so far want it. */
export async function tampered(idToken: string, mood: Mood, first: JWK): Promise<string> {
  const mode = mood.next.shift() ?? mood.tamper;
  if (mode === 'replay') return last;
  last = idToken;
  if (mode === 'swap') return swapped(idToken);
  const { rotated, clock } = mood;
  const isPlain = mode === 'none' && Object.keys(mood.claims).length === 0;
  if (isPlain && rotated === undefined && clock === 0) return idToken;
  const jwk = rotated ?? first;
  const given = shifted(decodeJwt(idToken), clock);
  const now = Math.floor(Date.now() / 1000);
  const claims = present({ ...given, ...wrongClaims[mode]?.(now, given), ...mood.claims });
  const { kid } = rotated ?? decodeProtectedHeader(idToken);
  if (mode === 'alg-none') return new UnsecuredJWT({ ...claims }).encode();
  if (mode === 'hs256-public-key') return signWithPublicKey(claims, jwk);
  if (forgers.includes(mode)) return signAsForger(mode, claims, kid);
  return sign(claims, { kid }, await importJWK(jwk, 'RS256'));
}
