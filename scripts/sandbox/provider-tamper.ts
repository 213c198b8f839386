// ID tokens with something wrong about them: what a client must refuse (OpenID Connect Core 3.1.3.7).
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type JWK, SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import type { Mood, Tamper } from './provider-messages.ts';

type Claims = Readonly<Record<string, unknown>>;

const HOUR = 3600;

/** Claims that are wrong; times are Unix seconds. */
function wrongClaims(mode: Tamper, now: number): Claims {
  switch (mode) {
    case 'wrong-aud':
      return { aud: 'someone-else' };
    case 'other-client':
      return { aud: 'other' };
    case 'wrong-iss':
      return { iss: 'http://127.0.0.1:1' };
    case 'expired':
      return { iat: now - 2 * HOUR, exp: now - HOUR };
    case 'future-iat':
      return { iat: now + HOUR, exp: now + 2 * HOUR };
    case 'stale-iat':
      return { iat: now - HOUR, exp: now + HOUR };
    case 'forged-signature':
    case 'alg-none':
    case 'hs256-public-key':
    case 'none':
      return {};
  }
}

const sign = async (claims: Claims, kid: string | undefined, key: Parameters<SignJWT['sign']>[0]): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', ...(kid === undefined ? {} : { kid }) }).sign(key);

/** The classic confusion: the public key, as text, used as the secret of an HMAC (RFC 8725 2.1). */
function signWithPublicKey(claims: Claims, jwk: JWK): string {
  const { kty = 'RSA', n = '', e = '' } = jwk;
  const pem = createPublicKey({ key: { kty, n, e }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', kid: jwk.kid })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
}

/** The token as the provider's mood wants it. */
export async function tampered(idToken: string, mood: Mood, jwk: JWK): Promise<string> {
  if (mood.tamper === 'none' && Object.keys(mood.claims).length === 0) return idToken;
  const now = Math.floor(Date.now() / 1000);
  const claims: Claims = { ...decodeJwt(idToken), ...wrongClaims(mood.tamper, now), ...mood.claims };
  const { kid } = decodeProtectedHeader(idToken);
  if (mood.tamper === 'alg-none') return new UnsecuredJWT({ ...claims }).encode();
  if (mood.tamper === 'hs256-public-key') return signWithPublicKey(claims, jwk);
  const forged = mood.tamper === 'forged-signature';
  const key = forged ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : await importJWK(jwk, 'RS256');
  return sign(claims, kid, key);
}
