// Signs, and verifies who signed what (law 8). Requests, reviews, grants, sign-ins and journal heads are compact JWS (RFC 7515) with
// Ed25519 (RFC 8037), each signed by the host that wrote it.
//
// 1. Keys come from root-owned files, never from Redis or the token: a header with anything but alg, kid and typ is refused, so `jwk`,
//    `jku` and `x5u` are never read. Attack: a token that brings its own key.
// 2. There is one algorithm. Attack: `alg: none`, or HS256 with the public key as its secret (RFC 8725 section 2.1).
// 3. One kind never passes for another. Attack: a signed review is replayed as a grant (RFC 8725 section 3.11).
// 4. Each token has one spelling, because tokens are compared and digested as text: a signature with other unused bits, or with
//    characters that a lenient decoder skips, is refused.
// 5. The private key is made here, is readable by root alone and never leaves this file. Attack: whoever reads, owns or replaces a key
//    mints grants, so an unsafe key file is refused and not repaired.
// 6. A signature that was verified once is remembered by the SHA-256 of the whole JWS and not computed again, until the keys of peers are
//    exchanged. Attack: people without rights list a full store without end, and a revocation waits behind them. What is verified while
//    they are exchanged counts by the new ones. Attack: a peer that was taken out signs one more review.
// 7. Checkpoints and cosignatures are signed notes (C2SP), not JWS. What is signed for a JWS is one line, and what is signed for a note has
//    a newline, so neither passes for the other (rule 3).
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  sign as signBytes,
  createHmac,
  hkdfSync,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { link, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CompactSign, compactVerify } from 'jose';
import { readGuarded } from '../config/safety.ts';
import { parseJson, type Shape } from '../core/shape.ts';
import { replaceFile, syncFolder, writeDraft } from './durable.ts';
import { sha256 } from './sha256.ts';

/** What a signature is for; it never counts as one of another kind (rule 3). */
export type Kind =
  | 'request'
  | 'review'
  | 'grant'
  | 'sign-in'
  | 'head'
  | 'revocation'
  | 'confirmation'
  | 'lock'
  | 'witness-ask'
  | 'witness-answer';

/** Signs with this host's key, and verifies signatures of this host and its peers. */
export interface Keys {
  /** Signs with this host's key. @param payload must be JSON. */
  sign(kind: Kind, payload: object): Promise<string>;
  /** A short code that only this host can make over a text: HMAC-SHA-256 (RFC 2104), 128 bits, 22 characters of base64url. */
  seal(text: string): string;
  /**
   * Verifies a JWS: it is of this kind, this host or a peer (or only `from`) signed it, and its payload has the shape. Never throws.
   * @returns undefined when any of these is not so.
   */
  verify<T>(jws: string, kind: Kind, shape: Shape<T>, from?: string): Promise<Signed<T> | undefined>;
  /** The public key of this host or of a peer: 32 bytes, latin1 (RFC 8032 section 5.1.5). Undefined for a host that is not known. */
  publicKey(of?: string): string | undefined;
  /** Signs the text of a note (rule 7) with this host's key. @returns 64 bytes, latin1 @throws Error for a text of one line */
  signNote(text: string): string;
}

/** The keys of a keeper, whose peers can change. */
export interface KeysOfKeeper extends Keys {
  /**
   * Reads the keys of these peers; nothing changes yet.
   * @returns takes them in the place of those before, at once
   * @throws Error when a key file is unsafe, unreadable, or holds no public Ed25519 key
   */
  readPeers(peers: KeyOptions['peers']): Promise<() => void>;
}

/** The content of a JWS that was verified. */
export interface Signed<T> {
  /** The host whose key signed it. */
  readonly host: string;
  readonly value: T;
}

/** Which keys are opened. */
export interface KeyOptions {
  /** The folder of this host's key, of root alone with mode 0700; made when it is missing, its parent is not. */
  readonly folder: string;
  readonly host: string;
  /** From a host name to the path of its public JWK (RFC 7517). */
  readonly peers: Readonly<Record<string, string>>;
}

const algorithm = 'EdDSA';
const maxKeyBytes = 16 * 1024;
/** The longest JWS that is accepted, in characters. The longest of ours is a review with its groups. */
export const maxJws = 64 * 1024;
// 64 bytes are 86 characters, the last of which carries two bits (RFC 4648 section 5).
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]$/;

/**
 * Opens this host's key, which is made at the first use, and the public keys of its peers.
 * @throws Error when a key file is unsafe, unreadable, or does not hold an Ed25519 key of the expected half.
 */
export async function openKeys({ folder, host, peers }: KeyOptions): Promise<KeysOfKeeper> {
  refuseOwnHost(host, peers);
  const own = await openOwnKey(folder);
  const ofAll = async (of: KeyOptions['peers']): Promise<ReadonlyMap<string, KeyObject>> =>
    new Map([[host, createPublicKey(own)], ...(await readPeerKeys(of))]);
  let known = await ofAll(peers);
  const sealKey = sealKeyOf(own);
  let proved = openSignatures(known);
  const holds: Holds = async (jws, signer) => {
    const by = proved;
    const held = await by(jws, signer);
    return by === proved ? held : holds(jws, signer); // rule 6: the keys were exchanged meanwhile
  };
  return {
    readPeers: async (others) => {
      refuseOwnHost(host, others);
      const next = await ofAll(others);
      return () => {
        known = next;
        proved = openSignatures(next);
      };
    },
    sign: (kind, payload) => sign(own, host, kind, payload),
    seal: (text) => createHmac('sha256', sealKey).update(text).digest().subarray(0, 16).toString('base64url'),
    verify: async (jws, kind, shape, from) => {
      const host = signerOf(jws, kind);
      if (host === undefined || (from !== undefined && from !== host) || !(await holds(jws, host))) return undefined;
      const value = parseJson(payloadOf(jws), shape, maxJws);
      return value === undefined ? undefined : { host, value };
    },
    publicKey: (of = host) => rawKey(known.get(of)),
    signNote: (text) => {
      if (!text.endsWith('\n')) throw new Error('not the text of a note');
      return signBytes(null, Buffer.from(text), own).toString('latin1');
    },
  };
}

function refuseOwnHost(host: string, peers: KeyOptions['peers']): void {
  if (Object.hasOwn(peers, host)) throw new Error(`host ${host} cannot be its own peer`);
}

async function readPeerKeys(peers: KeyOptions['peers']): Promise<readonly (readonly [string, KeyObject])[]> {
  return Promise.all(Object.entries(peers).map(async ([peer, path]) => [peer, await readPublicKey(path)] as const));
}

function rawKey(key: KeyObject | undefined): string | undefined {
  return key && Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('latin1');
}

/** A key for this one purpose, derived so that it does not reveal the private key (HKDF, RFC 5869). */
function sealKeyOf(own: KeyObject): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', own.export({ format: 'der', type: 'pkcs8' }), '', 'tmux-gate journal seal', 32),
  );
}

const typeOf = (kind: Kind): string => `tmux-gate-${kind}+jws`;

async function sign(key: KeyObject, host: string, kind: Kind, payload: object): Promise<string> {
  const jws = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: algorithm, kid: host, typ: typeOf(kind) })
    .sign(key);
  if (jws.length > maxJws) throw new RangeError(`a ${kind} of ${jws.length} characters is longer than anyone reads`);
  return jws;
}

type Holds = (jws: string, host: string) => Promise<boolean>;

/** How many verified digests are remembered (rule 6): several times those of a full store with all its reviews. */
const mostProved = 4_096;

/** Verifies signatures, and remembers those that hold (rule 6). */
function openSignatures(known: ReadonlyMap<string, KeyObject>): Holds {
  const proved = new Set<string>();
  return async (jws, host) => {
    const key = known.get(host);
    if (key === undefined) return false;
    const digest = sha256(jws);
    if (proved.has(digest)) return true;
    const held = await compactVerify(jws, key, { algorithms: [algorithm] }).then(
      () => true,
      () => false,
    );
    if (!held) return false;
    const [oldest] = proved;
    if (proved.size >= mostProved && oldest !== undefined) proved.delete(oldest);
    proved.add(digest);
    return true;
  };
}

/** The text that was signed; empty where it is not UTF-8. */
function payloadOf(jws: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(jws.split('.')[1] ?? '', 'base64url'));
  } catch {
    return '';
  }
}

/** The host that a JWS claims as its signer, when its header is one of ours for this kind. The signature is not checked here. */
function signerOf(jws: string, kind: Kind): string | undefined {
  if (jws.length > maxJws || !compact.test(jws)) return undefined;
  const text = Buffer.from(jws.slice(0, jws.indexOf('.')), 'base64url').toString();
  const header = parseJson(text, (value) => (isRecord(value) ? value : undefined), 1024);
  if (header === undefined || Object.keys(header).length !== 3) return undefined;
  const { alg, kid, typ } = header;
  return alg === algorithm && typ === typeOf(kind) && typeof kid === 'string' ? kid : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function openOwnKey(folder: string): Promise<KeyObject> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await refuseOpenFolder(folder);
  const path = join(folder, 'host.jwk');
  if (!(await exists(path))) await makeKey(path);
  const key = await readKey(path, true);
  const shown = join(folder, 'host.pub.jwk');
  if (!(await exists(shown))) await show(shown, key);
  return key;
}

/** Refuses a folder that others can list or write: they could watch for a key, or replace it (rule 5). */
async function refuseOpenFolder(folder: string): Promise<void> {
  const { uid, mode } = await lstat(folder);
  if (uid !== 0 || (mode & 0o077) !== 0) throw new Error(`${folder} must belong to root alone: chown root, chmod 0700`);
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}

const publicJwk = (key: KeyObject): string => JSON.stringify(createPublicKey(key).export({ format: 'jwk' }));

/** Two programs may do this at the same time, so each has a temporary file of its own. */
async function show(path: string, key: KeyObject): Promise<void> {
  const how = { draft: `${path}.${randomUUID()}`, mode: 0o644, durable: true };
  await replaceFile(path, `${publicJwk(key)}\n`, how);
}

/** Two programs may do this at the same time: link(2) lets the first succeed, and both then read the same key. */
async function makeKey(path: string): Promise<void> {
  const { privateKey } = await promisify(generateKeyPair)('ed25519');
  const draft = `${path}.${randomUUID()}`;
  await writeDraft(draft, `${JSON.stringify(privateKey.export({ format: 'jwk' }))}\n`, {
    ...{ flag: 'wx', mode: 0o600, durable: true },
  });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  await syncFolder(dirname(path));
}

async function readPublicKey(path: string): Promise<KeyObject> {
  return await readKey(path, false);
}

/** Reads a JWK. A private key in a public file, or the other way round, is an error. */
async function readKey(path: string, secret: boolean): Promise<KeyObject> {
  const text = (await readGuarded(path, { secret, maxBytes: maxKeyBytes })).toString();
  const jwk = parseJson(text, (value) => (isRecord(value) ? value : undefined), maxKeyBytes);
  const isEd25519 = jwk?.['kty'] === 'OKP' && jwk['crv'] === 'Ed25519' && 'd' in jwk === secret;
  if (!isEd25519) throw new Error(`${path} holds no ${secret ? 'private' : 'public'} Ed25519 JWK`);
  try {
    return secret ? createPrivateKey({ key: jwk, format: 'jwk' }) : createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new Error(`${path} holds no usable Ed25519 JWK`); // the parser's own message may quote the key
  }
}
