// Which keys a host may show (known_hosts, sshd(8)).
//
// 1. An unknown key is refused, and none is remembered. Attack: somebody on the network answers in the host's place and refuses
//    everything, and the probe reports the host as safe.
// 2. A revoked key is refused, even if another entry accepts it.
// 3. Which lines of known_hosts are of a host, ssh-keygen(1) says: patterns, ports and hashed names mean here what they mean to ssh. ssh2
//    has nothing for it. Attack: a line is read otherwise than by ssh, and a host that ssh refuses is probed as the genuine one.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What decides about a host's key. */
export interface Trust {
  accepts(key: Buffer): boolean;
  /** The types of the known keys, so that the host is asked for one of them; undefined: any. */
  readonly types: readonly string[] | undefined;
}

interface Entry {
  readonly marker: string | undefined;
  readonly type: string;
  readonly key: Buffer;
}

const keygen = promisify(execFile);
const keygenNotFound = 1; // ssh-keygen(1), -F: the host is in no line
const longestAnswer = 4 * 1024 * 1024;

/** The SHA-256 fingerprint of a key blob, as ssh-keygen(1) prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Accepts every key. */
export const anyKey: Trust = { accepts: () => true, types: undefined };

/** Accepts the key with this fingerprint. */
export function trustFingerprint(wanted: string): Trust {
  const told = wanted.replace(/=+$/, '');
  return { accepts: (key) => fingerprint(key) === told, types: undefined };
}

/**
 * Accepts the keys of a host in a known_hosts file, or in a file of public keys (ssh_host_ed25519_key.pub), by rules 1 to 3.
 * @throws NodeJS.ErrnoException when the file cannot be read, or ssh-keygen cannot be run (`syscall` is then `spawn ssh-keygen`)
 */
export async function trustFile(path: string, host: string, port: number): Promise<Trust> {
  const publicKeys = rowsOf(await readFile(path, 'utf8')).flatMap(publicKeyOf);
  const lines = await linesOf(path, port === 22 ? host : `[${host}]:${port}`);
  const entries = [...publicKeys, ...lines.flatMap(entryOf)];
  const revoked = entries.filter(({ marker }) => marker === '@revoked');
  const known = entries.filter(({ marker }) => marker === undefined);
  const holds = (some: readonly Entry[], key: Buffer): boolean => some.some((entry) => entry.key.equals(key));
  return {
    accepts: (key) => holds(known, key) && !holds(revoked, key),
    types: known.length === 0 ? undefined : [...new Set(known.map(({ type }) => type))],
  };
}

/** The lines of known_hosts that are of a name, as they stand there (rule 3). */
async function linesOf(path: string, name: string): Promise<readonly string[]> {
  try {
    return rowsOf((await keygen('ssh-keygen', ['-F', name, '-f', path], { maxBuffer: longestAnswer })).stdout);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === keygenNotFound) return [];
    throw error;
  }
}

const rowsOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((row) => row.trim())
    .filter((row) => row !== '' && !row.startsWith('#'));

/** A line of a file of public keys: its first word is the type that the key itself has. A host may be called `ssh-1` too. */
function publicKeyOf(row: string): readonly Entry[] {
  const [type = '', text = ''] = row.split(/\s+/);
  const key = Buffer.from(text, 'base64');
  // A key's blob begins with its type, and that with its length (RFC 4253 section 6.6).
  const own = key.length > 4 ? key.toString('latin1', 4, 4 + key.readUInt32BE(0)) : undefined;
  return own === type ? [{ marker: undefined, type, key }] : [];
}

/** A line of known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
function entryOf(row: string): readonly Entry[] {
  const words = row.split(/\s+/);
  const marker = row.startsWith('@') ? words.shift() : undefined;
  const [, type, key] = words;
  return type === undefined || key === undefined ? [] : [{ marker, type, key: Buffer.from(key, 'base64') }];
}
