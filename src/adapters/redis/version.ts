// Which server answers, and whether it is new enough: the store needs PEXPIRETIME and PEXPIRE ... GT, which came with Redis 7.0.
//
// Valkey reports the Redis that it is compatible with as `redis_version` (7.2.4 in each of its versions), its own as `valkey_version`.

/** The fields of INFO, by name. */
export type ServerInfo = ReadonlyMap<string, string>;

/** Parses the answer of INFO. */
export function parseInfo(text: string): ServerInfo {
  const rows = text.split(/\r?\n/).filter((row) => row.includes(':'));
  return new Map(rows.map((row) => [row.slice(0, row.indexOf(':')), row.slice(row.indexOf(':') + 1)]));
}

/** A server's version, and whether it can be used. */
export interface ServerVersion {
  readonly name: 'Redis' | 'Valkey';
  /** Empty where the server does not say. */
  readonly version: string;
  /** The oldest version that can be used. */
  readonly least: string;
  readonly serves: boolean;
}

/** The version of a server that answered INFO. */
export function serverVersion(info: ServerInfo): ServerVersion {
  const valkey = info.get('valkey_version');
  return valkey === undefined ? judged('Redis', info.get('redis_version') ?? '') : judged('Valkey', valkey);
}

/**
 * The version of a program.
 * @param said what `redis-server --version` prints: `Redis server v=7.0.15 ...` or `Valkey server v=8.0.1 ...`.
 */
export function programVersion(said: string): ServerVersion {
  const version = /\bv=([0-9.]+)/.exec(said)?.[1] ?? '';
  return judged(/valkey/i.test(said) ? 'Valkey' : 'Redis', version);
}

const least = { Redis: [7, 0], Valkey: [7, 2] } as const;

function judged(name: ServerVersion['name'], version: string): ServerVersion {
  const [major = NaN, minor = 0] = version === '' ? [] : version.split('.').map(Number);
  const [wantMajor, wantMinor] = least[name];
  const serves = major > wantMajor || (major === wantMajor && minor >= wantMinor);
  return { name, version, least: `${wantMajor}.${wantMinor}`, serves };
}
