// The files of keys. Of this host: `host.jwk`, its first key and that of its journal; `signing.json`, the keys that took over from it as signer,
// and those that were retired; `host.pub.jwk`, the public halves for other hosts. Of each peer: such a `host.pub.jwk`.
//
// 1. A private key is made here, is readable by root alone, and an unsafe file is refused and not repaired (`config/safety.ts`). Attack:
//    whoever reads, owns or replaces a key mints grants.
// 2. All that a rotation changes is in one file, which is replaced as a whole. Accident: the keeper is killed between two files, and signs with
//    a key that it has retired.
// 3. No message quotes a file. The private half of a retired key is in no file any more, but for that of the first key.
// 4. A file of a peer is one public key (RFC 7517), or a set of them with their ends. A private half in it is refused. Accident: an admin copies
//    the wrong file.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { link, lstat, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readGuarded } from '../config/safety.ts';
import { parseJson } from '../core/shape.ts';
import { ringShape, type KeyTerms, type Pair, type Ring } from '../core/signing-keys.ts';
import { second } from '../core/time.ts';
import { replaceFile, syncFolder, writeDraft } from './durable.ts';
import { unlessMissing } from './missing.ts';

/** A public key that signs or signed, and for how long it counts. */
export interface SigningKey extends KeyTerms {
  readonly key: KeyObject;
  /** Since when it is used or retired, where that is known: instant, ms. */
  readonly since?: number;
}

/** The public keys of a host. */
export interface HostKeys {
  /** That of its journal. */
  readonly journal: KeyObject;
  /** The fingerprint of its first key. */
  readonly first: string;
  /** Those of what it tells others, by their fingerprints. */
  readonly signing: ReadonlyMap<string, SigningKey>;
}

/** The first key of this host. */
export interface FirstKey {
  readonly key: KeyObject;
  /** When its file was written: instant, ms. */
  readonly since: number;
}

const maxKeyBytes = 16 * 1024;
const [ringName, publicName] = ['signing.json', 'host.pub.jwk'];
/** RFC 7517 section 4.2 lets others define values of `use`. */
const journalUse = 'tmux-gate-journal';

/** The fingerprint of an Ed25519 key: its JWK thumbprint (RFC 7638, RFC 8037 appendix A.3), SHA-256. */
export function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(JSON.stringify(publicMembers(key)))
    .digest('base64url'); // members in the order of RFC 7638
}

/** The members of a public key that RFC 7638 counts, in its order. */
export function publicMembers(key: KeyObject): { readonly crv: 'Ed25519'; readonly kty: 'OKP'; readonly x: string } {
  return { crv: 'Ed25519', kty: 'OKP', x: key.export({ format: 'jwk' }).x ?? '' };
}

/** Opens the first key of this host; makes folder and key where there are none. @throws Error for unsafe or unusable files */
export async function openFirstKey(folder: string): Promise<FirstKey> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await refuseOpenFolder(folder);
  const path = join(folder, 'host.jwk');
  if (!(await exists(path))) await makeKey(path);
  const key = usable(await readJson(path, true), true, path);
  return { key, since: Math.floor((await stat(path)).mtimeMs) };
}

/** Refuses a folder that others can list or write: they could watch for a key, or replace it (rule 1). */
async function refuseOpenFolder(folder: string): Promise<void> {
  const { uid, mode } = await lstat(folder);
  if (uid !== 0 || (mode & 0o077) !== 0) throw new Error(`${folder} must belong to root alone: chown root, chmod 0700`);
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(unlessMissing)) !== undefined;
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

/** Makes a key that may sign one day. @param since instant, ms */
export async function makePair(since: number): Promise<Pair> {
  const { privateKey } = await promisify(generateKeyPair)('ed25519');
  return { ...publicMembers(privateKey), d: privateKey.export({ format: 'jwk' }).d ?? '', since };
}

/** The keys beside the first one; undefined where there never were any. @throws Error for an unsafe file, or one that holds something else */
export async function readRing(folder: string): Promise<Ring | undefined> {
  const path = join(folder, ringName);
  if (!(await exists(path))) return undefined;
  const ring = ringShape(await readJson(path, true));
  if (ring === undefined) throw new Error(`${path} does not hold what a rotation of keys leaves there`);
  return ring;
}

/** On disk when it resolves (rule 2). Only the keeper writes it. @throws Error of the system */
export async function writeRing(folder: string, ring: Ring): Promise<void> {
  const path = join(folder, ringName);
  await replaceFile(path, `${JSON.stringify(ring)}\n`, { draft: `${path}.new`, mode: 0o600, durable: true });
}

/** The key of a private or public JWK of ours. @throws Error when it is none */
export function keyOf(jwk: Omit<Pair, 'd' | 'since'> & { readonly d?: string }, path: string): KeyObject {
  const { kty, crv, x, d } = jwk;
  return usable({ kty, crv, x, ...(d === undefined ? {} : { d }) }, d !== undefined, path);
}

/** Where the public keys of this host are, for its peers. */
export const publicPath = (folder: string): string => join(folder, publicName);

/**
 * Writes the public keys of this host where they are missing; where they are others, if `anew`. Two programs may do this at the same time, so
 * each has a temporary file of its own.
 */
export async function publish(folder: string, keys: string, anew: boolean): Promise<void> {
  const path = publicPath(folder);
  const there = await readFile(path, 'utf8').catch(unlessMissing);
  if (there === keys || (there !== undefined && !anew)) return;
  await replaceFile(path, keys, { draft: `${path}.${randomUUID()}`, mode: 0o644, durable: true });
}

/**
 * The public keys of a host as other hosts read them: one JWK until the first rotation is prepared, then a set (RFC 7517 section 5). `exp` is as
 * in OpenID Federation 1.0 section 8.7; both instants are in seconds.
 * @param isSet whether the keys are more than the first one @param now keys that have ended by then (instant, ms) are left out
 */
export function printPublicKeys({ journal, first, signing }: HostKeys, isSet: boolean, now: number): string {
  if (!isSet) return `${JSON.stringify(journal.export({ format: 'jwk' }))}\n`;
  const live = [...signing].filter(([, { until }]) => until === undefined || until > now);
  const keys = [
    { ...publicMembers(journal), kid: first, use: journalUse },
    ...live.map(([kid, { key, retiredAt, until }]) => ({
      ...publicMembers(key),
      ...{ kid, use: 'sig' },
      ...(retiredAt === undefined ? {} : { retired: Math.ceil(retiredAt / second) }),
      ...(until === undefined ? {} : { exp: Math.floor(until / second) }),
    })),
  ];
  return `${JSON.stringify({ keys }, undefined, 2)}\n`;
}

/** The public keys of a peer, from root's own file (rule 4). @throws Error when it is unsafe or holds something else */
export async function readPublicKeys(path: string): Promise<HostKeys> {
  return publicKeysOf(await readJson(path, false), path);
}

/** The public keys that a text says, such as that of a peer's `host.pub.jwk`. @param name of it, for errors @throws Error for anything else */
export function parsePublicKeys(text: string, name: string): HostKeys {
  return publicKeysOf(
    parseJson(text, (value) => value, maxKeyBytes),
    name,
  );
}

function publicKeysOf(read: unknown, path: string): HostKeys {
  const all: unknown = isRecord(read) && 'keys' in read ? read['keys'] : [read];
  if (!Array.isArray(all) || all.length === 0) throw new Error(`${path} holds no public Ed25519 JWK`);
  const entries = all.map((jwk: unknown) => entryOf(jwk, path));
  const journals = entries.filter(({ use }) => use === journalUse);
  const [journal = entries[0]] = journals;
  if (journal === undefined || journals.length > 1) throw new Error(`${path} names more than one key of a journal`);
  const signing = entries
    .filter(({ use }) => use !== journalUse)
    .map(({ kid, terms, key }) => [kid, { ...terms, key }]);
  return { journal: journal.key, first: journal.kid, signing: new Map(signing as [string, SigningKey][]) };
}

interface Entry {
  readonly kid: string;
  readonly key: KeyObject;
  readonly use: unknown;
  readonly terms: KeyTerms;
}

/** An instant in seconds of a JWK; a key whose end cannot be read is not taken for one without an end. */
function instantOf(value: unknown, path: string): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error(`${path} has a key with no readable end`);
  return (value as number) * second;
}

function entryOf(jwk: unknown, path: string): Entry {
  const key = usable(jwk, false, path);
  const { kid, use, exp, retired } = jwk as Readonly<Record<string, unknown>>;
  const own = fingerprintOf(key);
  if (kid !== undefined && typeof kid === 'string' && kid.length === own.length && kid !== own)
    throw new Error(`${path} has a key under the fingerprint of another`);
  if (use !== undefined && use !== 'sig' && use !== journalUse)
    throw new Error(`${path} has a key for another use than signatures`);
  const [until, retiredAt] = [instantOf(exp, path), instantOf(retired, path)];
  const terms = { ...(until === undefined ? {} : { until }), ...(retiredAt === undefined ? {} : { retiredAt }) };
  return { kid: own, key, use, terms };
}

async function readJson(path: string, secret: boolean): Promise<unknown> {
  const text = (await readGuarded(path, { secret, maxBytes: maxKeyBytes })).toString();
  return parseJson(text, (value) => value, maxKeyBytes);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A private key in a public file, or the other way round, is an error (rule 4). */
function usable(jwk: unknown, secret: boolean, path: string): KeyObject {
  const isEd25519 = isRecord(jwk) && jwk['kty'] === 'OKP' && jwk['crv'] === 'Ed25519' && 'd' in jwk === secret;
  if (!isEd25519) throw new Error(`${path} holds no ${secret ? 'private' : 'public'} Ed25519 JWK`);
  try {
    return secret ? createPrivateKey({ key: jwk, format: 'jwk' }) : createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new Error(`${path} holds no usable Ed25519 JWK`); // the parser's own message may quote the key
  }
}
