// Connects to an sshd as a client, from outside (RFC 4251 to 4254).
//
// 1. The host's key is checked before the client authenticates (trust.ts). Attack: another host answers in its place.
// 2. Every wait has a time limit. Accident: a server that accepts connections and says nothing.
import { Client, type AuthenticationType, type ConnectConfig } from 'ssh2';
import type { Proof } from './proof.ts';
import { onDebugMessage, serverVersion } from './ssh2-internals.ts';
import { fingerprint, type Trust } from './trust.ts';

/** Which sshd to connect to, and how. */
export interface Where {
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly trust: Trust;
  readonly proof: Proof;
  readonly timeoutMs: number;
}

/** An authenticated connection. Disposing closes it. */
export interface Line extends Disposable {
  readonly client: Client;
  /** The software version that the server sends: `OpenSSH_9.2p1 Debian-2+deb12u3`. */
  readonly server: string;
  /** The fingerprint of the host's key. */
  readonly hostKey: string;
  /** The SSH_MSG_DEBUG messages of the server so far: sshd says there why it refuses. */
  readonly said: readonly string[];
  readonly closed: Promise<void>;
}

/** The step that failed: reaching the host, its key, the authentication, or the protocol. */
export type LineFault = 'unreachable' | 'host-key' | 'proof' | 'protocol';

/** No connection: which step failed. */
export class NoLine extends Error {
  override readonly name = 'NoLine';
  readonly fault: LineFault;
  /** The fingerprint of the key that the host showed, if it came so far. */
  readonly hostKey: string | undefined;

  constructor(fault: LineFault, hostKey: string | undefined, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.fault = fault;
    this.hostKey = hostKey;
  }
}

const rsa = ['rsa-sha2-512', 'rsa-sha2-256'] as const;
const spoken = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] as const;

/** Connects and authenticates. @throws NoLine */
export async function dial(where: Where): Promise<Line> {
  const { proof, login } = where;
  const method =
    'key' in proof
      ? { type: 'publickey' as const, username: login, key: proof.key }
      : { type: 'agent' as const, username: login, agent: proof.agent };
  return connect(where, { authHandler: [method] });
}

/** The authentication methods that a server offers to a client without credentials; `none` when it needs none. @throws NoLine */
export async function offered(where: Where): Promise<readonly string[]> {
  let methods: readonly string[] | undefined;
  const ask = (
    left: readonly AuthenticationType[] | null,
    _: boolean | null,
    next: (method: 'none' | false) => void,
  ) => {
    if (left !== null) methods = left;
    next(left === null ? 'none' : false);
  };
  try {
    const line = await connect(where, { authHandler: ask as NonNullable<ConnectConfig['authHandler']> });
    line[Symbol.dispose]();
    return ['none'];
  } catch (error) {
    if (methods !== undefined) return methods;
    throw error;
  }
}

async function connect(where: Where, how: ConnectConfig): Promise<Line> {
  const { host, port, login, trust, timeoutMs } = where;
  const client = new Client();
  const shown = { key: undefined as string | undefined, trusted: false };
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const hostVerifier = (key: Buffer): boolean => {
    shown.key = fingerprint(key);
    shown.trusted = trust.accepts(key);
    return shown.trusted;
  };
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', (error) => {
      client.destroy();
      reject(new NoLine(faultOf(error, shown), shown.key, error));
    });
    void closed.then(() => reject(new NoLine('unreachable', shown.key, 'the connection was closed')));
    const algorithms = algorithmsFor(trust);
    const own = { hostVerifier, readyTimeout: timeoutMs, strictVendor: false, ...algorithms };
    client.connect({ host, port, username: login, ...own, ...how });
  });
  return lineOn(client, shown.key ?? '', closed);
}

function faultOf(error: Error & { level?: string }, shown: { key: string | undefined; trusted: boolean }): LineFault {
  if (shown.key !== undefined && !shown.trusted) return 'host-key';
  if (error.level === 'client-authentication') return 'proof';
  return error.level === 'client-socket' || error.level === 'client-timeout' ? 'unreachable' : 'protocol';
}

/** The key types to ask for: those that are known of the host, because a host with several keys shows the one that is asked for. */
function algorithmsFor({ types }: Trust): Pick<ConnectConfig, 'algorithms'> {
  if (types === undefined) return {};
  const serverHostKey = [...spoken.filter((type) => types.includes(type)), ...(types.includes('ssh-rsa') ? rsa : [])];
  return serverHostKey.length === 0 ? {} : { algorithms: { serverHostKey } };
}

function lineOn(client: Client, hostKey: string, closed: Promise<void>): Line {
  const said: string[] = [];
  onDebugMessage(client, (text) => said.push(text));
  return {
    client,
    server: serverVersion(client),
    hostKey,
    said,
    closed,
    [Symbol.dispose]: () => void client.destroy(),
  };
}
