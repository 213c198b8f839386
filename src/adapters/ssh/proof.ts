// What a client authenticates with at an sshd: a private key, or an agent that holds one.
import { BaseAgent, OpenSSHAgent, utils, type ParsedKey } from 'ssh2';

/** What the client authenticates with. */
export type Proof = { readonly key: ParsedKey } | { readonly agent: BaseAgent };

/** Parses a private key. @returns `encrypted` when it needs another passphrase; undefined when it is not a private key. */
export function readKey(text: Buffer, passphrase?: string): ParsedKey | 'encrypted' | undefined {
  const parsed = utils.parseKey(text, passphrase) as ParsedKey | readonly ParsedKey[] | Error;
  if (parsed instanceof Error) return /encrypted|passphrase|integrity/i.test(parsed.message) ? 'encrypted' : undefined;
  const key = Array.isArray(parsed) ? (parsed as readonly ParsedKey[])[0] : (parsed as ParsedKey);
  return key?.isPrivateKey() === true ? key : undefined;
}

/** The agent that listens on a socket (ssh-agent(1)), with all its keys. */
export function agentAt(socket: string): Proof {
  return { agent: new OpenSSHAgent(socket) };
}

/** An agent's key that belongs to a public key; undefined when the agent does not hold it. */
export async function agentWith(socket: string, publicKey: Buffer): Promise<Proof | undefined> {
  const wanted = utils.parseKey(publicKey);
  if (wanted instanceof Error) return undefined;
  const agent = new OpenSSHAgent(socket);
  const held = await keysOf(agent).catch(() => []);
  const mine = held.find((key) => key.getPublicSSH().equals(wanted.getPublicSSH()));
  return mine === undefined ? undefined : { agent: new OneKey(agent, mine) };
}

async function keysOf(agent: OpenSSHAgent): Promise<readonly ParsedKey[]> {
  return new Promise((resolve, reject) =>
    agent.getIdentities((error, keys) => (error ? reject(error) : resolve((keys ?? []) as readonly ParsedKey[]))),
  );
}

/** An agent that offers one of its keys, because sshd counts every key that is offered (MaxAuthTries). */
class OneKey extends BaseAgent {
  readonly #agent: OpenSSHAgent;
  readonly #key: ParsedKey;

  constructor(agent: OpenSSHAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(done: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    done(undefined, [this.#key]);
  }

  override sign(...request: unknown[]): void {
    (this.#agent.sign as (...request: unknown[]) => unknown).apply(this.#agent, request);
  }
}
