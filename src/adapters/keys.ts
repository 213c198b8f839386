// Signs, and verifies who signed what (law 8). Requests, reviews, grants, sign-ins and journal heads are compact JWS (RFC 7515) with
// Ed25519 (RFC 8037), each signed by the host that wrote it.
//
// 1. Keys come from root-owned files, never from Redis or the token: a header with anything but alg, kid and typ is refused, so `jwk`,
//    `jku` and `x5u` are never read. Attack: a token that brings its own key.
// 2. There is one algorithm. Attack: `alg: none`, or HS256 with the public key as its secret (RFC 8725 section 2.1).
// 3. One kind never passes for another. Attack: a signed review is replayed as a grant (RFC 8725 section 3.11).
// 4. Each token has one spelling, because tokens are compared and digested as text: a signature with other unused bits, or with
//    characters that a lenient decoder skips, is refused.
// 5. The private keys come from files that are root's alone, and leave this process for these alone (keys-files.ts).
// 6. A signature that was verified once is remembered by the SHA-256 of the whole JWS and not computed again, until keys are exchanged. Attack:
//    people without rights list a full store without end, and a revocation waits behind them. What is verified while they are exchanged counts
//    by the new ones. Attack: a peer that was taken out signs one more review.
// 7. Checkpoints and cosignatures are signed notes (C2SP), not JWS. What is signed for a JWS is one line, and what is signed for a note has
//    a newline, so neither passes for the other (rule 3).
// 8. Whether a key still counts, and for what it signed when, is asked each time, also of a signature that is remembered (core/signing-keys.ts).
//    Attack: what a retired key signed counts until the next restart.
import { createHmac, hkdfSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { parseJson, type Shape } from '../core/shape.ts';
import { counts, parseKeyId, signedAtOf } from '../core/signing-keys.ts';
import { openFirstKey, publish, readPublicKeys, readRing, type HostKeys, type SigningKey } from './keys-files.ts';
import { openRotation, ownKeys, printOwn, shownKeys, type Own, type Rotation, type ShownKey } from './keys-own.ts';
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
  | 'batch'
  | 'batch-answer'
  | 'batch-withdrawal'
  | 'query'
  | 'query-answer'
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
  /** The public key of the journal of this host or of a peer: 32 bytes, latin1 (RFC 8032 section 5.1.5). Undefined for a host that is not known. */
  publicKey(of?: string): string | undefined;
  /** Signs the text of a note (rule 7) with this host's key. @returns 64 bytes, latin1 @throws Error for a text of one line */
  signNote(text: string): string;
  /** Whether a JWS says that this host signed it with another key than the one that signs now. */
  isOfFormerKey(jws: string): boolean;
}

/** The keys of a keeper, which can change. */
export interface KeysOfKeeper extends Keys, Rotation {
  /**
   * Reads the keys of these peers; nothing changes yet.
   * @returns takes them in the place of those before, at once
   * @throws Error when a key file is unsafe, unreadable, or holds no public Ed25519 key
   */
  readPeers(peers: KeyOptions['peers']): Promise<() => void>;
  /** All keys: of this host first, then of its peers. */
  list(): readonly ShownKey[];
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
  /** From a host name to the path of its public JWK, or of a set of them (RFC 7517). */
  readonly peers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const algorithm = 'EdDSA';
/** The longest JWS that is accepted, in characters. The longest of ours is a review with its groups. */
export const maxJws = 64 * 1024;
// 64 bytes are 86 characters, the last of which carries two bits (RFC 4648 section 5).
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]$/;

/**
 * Opens this host's key, which is made at the first use, and the public keys of its peers.
 * @throws Error when a key file is unsafe, unreadable, or does not hold an Ed25519 key of the expected half.
 */
export async function openKeys({ folder, host, peers, now = Date.now }: KeyOptions): Promise<KeysOfKeeper> {
  refuseOwnHost(host, peers);
  let own = ownKeys(host, await openFirstKey(folder), await readRing(folder));
  let others = await readPeerKeys(peers);
  let proved = openSignatures();
  await publish(folder, printOwn(own, now()), false);
  const keysOf = (of: string): HostKeys | undefined => (of === host ? own.shown : others.get(of));
  const keyOf = ({ host: of, key }: Signer): SigningKey | undefined => {
    const known = keysOf(of);
    return known?.signing.get(key ?? known.first);
  };
  const holds: Holds = async (jws, signer) => {
    const [by, known] = [proved, keyOf(signer)];
    const held = known !== undefined && (await by(jws, known.key));
    return by === proved ? held : holds(jws, signer); // rule 6: keys were exchanged meanwhile
  };
  const exchange = (nextOwn: Own, nextOthers: typeof others): void => {
    [own, others, proved] = [nextOwn, nextOthers, openSignatures()];
  };
  return {
    readPeers: async (named) => {
      refuseOwnHost(host, named);
      const next = await readPeerKeys(named);
      return () => exchange(own, next);
    },
    sign: (kind, payload) => sign(own, kind, payload),
    seal: sealWith(own.first.key),
    verify: async (jws, kind, shape, from) => {
      const signer = signerOf(jws, kind);
      if (signer === undefined || (from !== undefined && from !== signer.host)) return undefined;
      if (!(await holds(jws, signer))) return undefined;
      const value = parseJson(payloadOf(jws), shape, maxJws);
      const terms = keyOf(signer);
      if (value === undefined || terms === undefined) return undefined;
      return counts(terms, now(), signedAtOf(kind, value)) ? { host: signer.host, value } : undefined; // rule 8
    },
    publicKey: (of = host) => rawKey(keysOf(of)?.journal),
    signNote: (text) => {
      if (!text.endsWith('\n')) throw new Error('not the text of a note');
      return signBytes(null, Buffer.from(text), own.first.key).toString('latin1');
    },
    isOfFormerKey: (jws) => {
      const kid = headerOf(jws)?.['kid'];
      return typeof kid === 'string' && parseKeyId(kid)?.host === host && kid !== own.kid;
    },
    ...openRotation({ folder, host, now, own: () => own, use: (next) => exchange(next, others) }),
    list: () => [
      ...shownKeys(host, own.shown, now(), (key) => (key === own.current ? 'current' : 'next')),
      ...[...others].flatMap(([peer, keys]) => shownKeys(peer, keys, now(), () => 'accepted')),
    ],
  };
}

function refuseOwnHost(host: string, peers: KeyOptions['peers']): void {
  if (Object.hasOwn(peers, host)) throw new Error(`host ${host} cannot be its own peer`);
}

async function readPeerKeys(peers: KeyOptions['peers']): Promise<ReadonlyMap<string, HostKeys>> {
  const read = Object.entries(peers).map(async ([peer, path]) => [peer, await readPublicKeys(path)] as const);
  return new Map(await Promise.all(read));
}

function rawKey(key: KeyObject | undefined): string | undefined {
  return key && Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('latin1');
}

/** Seals with a key for this one purpose, derived so that it does not reveal the private key (HKDF, RFC 5869). */
function sealWith(key: KeyObject): Keys['seal'] {
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const derived = new Uint8Array(hkdfSync('sha256', der, '', 'tmux-gate journal seal', 32));
  return (text) => createHmac('sha256', derived).update(text).digest().subarray(0, 16).toString('base64url');
}

const typeOf = (kind: Kind): string => `tmux-gate-${kind}+jws`;

async function sign({ signs, kid }: Own, kind: Kind, payload: object): Promise<string> {
  const jws = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: algorithm, kid, typ: typeOf(kind) })
    .sign(signs);
  if (jws.length > maxJws) throw new RangeError(`a ${kind} of ${jws.length} characters is longer than anyone reads`);
  return jws;
}

/** Which key a JWS names: the first one of the host where `key` is missing. */
interface Signer {
  readonly host: string;
  readonly key?: string;
}

type Holds = (jws: string, signer: Signer) => Promise<boolean>;

/** How many verified digests are remembered (rule 6): several times those of a full store with all its reviews. */
const mostProved = 4_096;

/** Verifies signatures, and remembers those that hold (rule 6). */
function openSignatures(): (jws: string, key: KeyObject) => Promise<boolean> {
  const proved = new Set<string>();
  return async (jws, key) => {
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

/** The key that a JWS claims, when its header is one of ours for this kind. The signature is not checked here. */
function signerOf(jws: string, kind: Kind): Signer | undefined {
  const header = headerOf(jws);
  if (header === undefined || Object.keys(header).length !== 3) return undefined;
  const { alg, kid, typ } = header;
  return alg === algorithm && typ === typeOf(kind) && typeof kid === 'string' ? parseKeyId(kid) : undefined;
}

function headerOf(jws: string): Readonly<Record<string, unknown>> | undefined {
  if (jws.length > maxJws || !compact.test(jws)) return undefined;
  const text = Buffer.from(jws.slice(0, jws.indexOf('.')), 'base64url').toString();
  return parseJson(text, (value) => (isRecord(value) ? value : undefined), 1024);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
