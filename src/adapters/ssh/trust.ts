// Which keys a host may show (known_hosts, sshd(8)).
//
// 1. An unknown key is refused, and none is remembered. Attack: somebody on the network answers in the host's place and refuses
//    everything, and the probe reports the host as safe.
// 2. A revoked key is refused, even if another entry accepts it.
import { createHash, createHmac } from 'node:crypto';

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

const keyType = /^(?:ssh-|ecdsa-|sk-)/;

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

/** Accepts the keys of a host in a known_hosts file, or in a file of public keys (ssh_host_ed25519_key.pub), by rules 1 and 2. */
export function trustFile(text: string, host: string, port: number): Trust {
  const name = (port === 22 ? host : `[${host}]:${port}`).toLowerCase();
  const entries = text.split('\n').flatMap((row) => entryOf(row.trim(), name));
  const revoked = entries.filter(({ marker }) => marker === '@revoked');
  const known = entries.filter(({ marker }) => marker === undefined);
  const holds = (some: readonly Entry[], key: Buffer): boolean => some.some((entry) => entry.key.equals(key));
  return {
    accepts: (key) => holds(known, key) && !holds(revoked, key),
    types: known.length === 0 ? undefined : [...new Set(known.map(({ type }) => type))],
  };
}

function entryOf(row: string, name: string): readonly Entry[] {
  if (row === '' || row.startsWith('#')) return [];
  const words = row.split(/\s+/);
  if (keyType.test(words[0] ?? '')) return entry(undefined, words[0], words[1]);
  const marker = row.startsWith('@') ? words.shift() : undefined;
  const [names = '', type, key] = words;
  return isNamed(names, name) ? entry(marker, type, key) : [];
}

function entry(marker: string | undefined, type: string | undefined, key: string | undefined): readonly Entry[] {
  if (type === undefined || key === undefined) return [];
  return [{ marker, type, key: Buffer.from(key, 'base64') }];
}

/** Whether an entry is for a name: `host,[host]:2222,*.example.com,!bad.example.com`, or a salted hash (ssh-keygen -H). */
function isNamed(names: string, name: string): boolean {
  const [, kind, salt, hash] = names.split('|');
  if (kind === '1' && salt !== undefined && hash !== undefined) return isHashed(name, salt, hash);
  const patterns = names.toLowerCase().split(',');
  const matching = patterns.filter((pattern) => matches(pattern.replace(/^!/, ''), name));
  return matching.length > 0 && !matching.some((pattern) => pattern.startsWith('!'));
}

function isHashed(name: string, salt: string, hash: string): boolean {
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(name);
}
