// The provider as the sandbox sees it: a child process that can be told to misbehave, stopped and started again.
import { type KeyObject, generateKeyPair, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { Daemon } from './daemon.ts';
import { repo } from './layout.ts';
import type { FromProvider, Misanswer, Order, PersonAccount, ProviderSettings, Tamper } from './provider-messages.ts';
import { freePort } from './sockets.ts';

export interface Provider extends AsyncDisposable {
  readonly issuer: string;
  /** From now on this person can neither sign in nor refresh. */
  disable(username: string): Promise<void>;
  enable(username: string): Promise<void>;
  /** What is wrong with the ID tokens of token responses, until 'none'. */
  tamper(mode: Tamper): Promise<void>;
  /** What is wrong with the next ID tokens, one each. */
  tamperNext(modes: readonly Tamper[]): Promise<void>;
  /** Fields that replace those of the device endpoint's answers; `{}` for none. */
  device(fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Claims that replace those of every ID token, rightly signed; `{}` for none. */
  overrideClaims(claims: Readonly<Record<string, unknown>>): Promise<void>;
  /** Leaves every request unanswered; `false` answers them late. */
  hang(on: boolean): Promise<void>;
  /** The token endpoint answers HTML with status 200. */
  rubbish(on: boolean): Promise<void>;
  /** The token endpoint answers slow_down so many times. */
  slowDown(times: number): Promise<void>;
  /** The life of device codes, in seconds, from now on (300 at first). */
  deviceTtl(seconds: number): Promise<void>;
  /** What clients get at every endpoint, discovery included, until 'none'. */
  misanswer(kind: Misanswer | 'none'): Promise<void>;
  /** Another signing key, and the old one is no longer published. */
  rotate(): Promise<void>;
  /** Endpoints move to where discovery then says, and back. */
  move(on: boolean): Promise<void>;
  /** By how many seconds its clock is wrong. */
  clock(seconds: number): Promise<void>;
  /** Ends the process: connections are refused. What it remembered (refresh tokens, sessions) is gone. */
  stop(): Promise<void>;
  /** Starts it again: same issuer, same keys, good mood. */
  start(): Promise<void>;
}

async function signingKey(): Promise<JWK> {
  const { privateKey }: { privateKey: KeyObject } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' };
}

/** The process and its replies. */
class ProviderProcess {
  readonly daemon: Daemon;
  readonly #waiting = new Map<number, () => void>();
  #orders = 0;

  constructor(cgroup: string) {
    const node = join(repo, 'node_modules/.bin/node');
    const main = join(import.meta.dirname, 'provider-main.ts');
    this.daemon = new Daemon('provider', cgroup, node, ['--no-warnings', main], true);
  }

  async start(settings: ProviderSettings): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      this.daemon.child.on('message', (message: FromProvider) => {
        if ('ready' in message) return resolve();
        this.#waiting.get(message.done)?.();
        return this.#waiting.delete(message.done);
      });
    });
    this.daemon.child.send({ start: settings });
    await this.daemon.readyWhen(ready);
  }

  /** Resolves when the provider has taken the order. */
  async order(order: Order): Promise<void> {
    const id = this.#orders++;
    const done = new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    this.daemon.child.send({ id, order });
    await this.daemon.readyWhen(done);
  }
}

/** Starts a provider for these people, in this cgroup. */
export async function startProvider(people: readonly PersonAccount[], cgroup: string): Promise<Provider> {
  const [port, jwk] = await Promise.all([freePort(), signingKey()]);
  const settings = { port, jwk, cookieKey: randomBytes(16).toString('hex'), people };
  let running = new ProviderProcess(cgroup);
  await running.start(settings);
  const stop = async () => {
    await running.daemon.stop();
  };
  return {
    issuer: `http://127.0.0.1:${port}`,
    disable: (username) => running.order({ do: 'enable', username, enabled: false }),
    enable: (username) => running.order({ do: 'enable', username, enabled: true }),
    tamper: (mode) => running.order({ do: 'tamper', mode }),
    tamperNext: (modes) => running.order({ do: 'tamperNext', modes }),
    device: (fields) => running.order({ do: 'device', fields }),
    overrideClaims: (claims) => running.order({ do: 'claims', claims }),
    hang: (on) => running.order({ do: 'hang', on }),
    rubbish: (on) => running.order({ do: 'rubbish', on }),
    slowDown: (times) => running.order({ do: 'slowDown', times }),
    deviceTtl: (seconds) => running.order({ do: 'deviceTtl', seconds }),
    misanswer: (kind) => running.order({ do: 'misanswer', with: kind }),
    rotate: () => running.order({ do: 'rotate' }),
    move: (on) => running.order({ do: 'move', on }),
    clock: (seconds) => running.order({ do: 'clock', seconds }),
    stop,
    async start() {
      await stop();
      running = new ProviderProcess(cgroup);
      await running.start(settings);
    },
    [Symbol.asyncDispose]: stop,
  };
}
