// The provider of a sandbox: a child process that can be ordered to misbehave, stopped and started again.
import { type KeyObject, generateKeyPair, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { Daemon } from './daemon.ts';
import { repo } from './layout.ts';
import type { FromProvider, Misanswer, Order, PersonAccount, ProviderSettings, Tamper } from './provider-messages.ts';
import { issuerOf, type Shape } from './provider-shape.ts';
import { freePort } from './sockets.ts';

export interface Provider extends AsyncDisposable {
  readonly issuer: string;
  /** From now on this person can neither sign in nor refresh. */
  disable(username: string): Promise<void>;
  enable(username: string): Promise<void>;
  /** Makes the ID tokens of token responses wrong in this way, until 'none'. */
  tamper(mode: Tamper): Promise<void>;
  /** Makes the next ID tokens wrong, one mode each. */
  tamperNext(modes: readonly Tamper[]): Promise<void>;
  /** Replaces fields of the device endpoint's answers; `{}` for none. */
  device(fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Replaces claims of every ID token, which is still signed with the right key; `{}` for none. */
  overrideClaims(claims: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes it look like another product; `{}` for none. @returns its issuer from then on */
  shape(shape: Shape): Promise<string>;
  /** Leaves every request unanswered; `false` ends that, and drops those that wait. */
  hang(on: boolean): Promise<void>;
  /** Makes the token endpoint answer HTML with status 200. */
  rubbish(on: boolean): Promise<void>;
  /** Makes the token endpoint answer slow_down so many times. */
  slowDown(times: number): Promise<void>;
  /** Sets the lifetime of new device codes, in seconds (300 at first). */
  deviceTtl(seconds: number): Promise<void>;
  /** Makes every endpoint, also discovery, answer like this, until 'none'. */
  misanswer(kind: Misanswer | 'none'): Promise<void>;
  /** Replaces the signing key; the old one is no longer published. */
  rotate(): Promise<void>;
  /** Moves the endpoints to other URLs, which discovery then has, and back. */
  move(on: boolean): Promise<void>;
  /** Makes its clock wrong by so many seconds. */
  clock(seconds: number): Promise<void>;
  /** Ends the process, so that connections are refused. Its refresh tokens and sessions are lost. */
  stop(): Promise<void>;
  /** Starts it again, with the same issuer and keys and without any order. */
  start(): Promise<void>;
}

async function signingKey(): Promise<JWK> {
  const { privateKey }: { privateKey: KeyObject } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' };
}

/** A running process, and its replies to orders. */
class ProviderProcess {
  readonly daemon: Daemon;
  readonly #waiting = new Map<number, () => void>();
  #orders = 0;

  constructor(cgroup: string) {
    const node = join(repo, 'node_modules/.bin/node');
    const main = join(import.meta.dirname, 'provider-main.ts');
    this.daemon = new Daemon('provider', cgroup, [node, '--no-warnings', main], { ipc: true });
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

  /** Sends an order and waits until the provider has carried it out. */
  async order(order: Order): Promise<void> {
    const id = this.#orders++;
    const done = new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    this.daemon.child.send({ id, order });
    await this.daemon.readyWhen(done);
  }
}

/** Starts a provider for these people, in this cgroup, and waits until it listens. */
export async function startProvider(people: readonly PersonAccount[], cgroup: string): Promise<Provider> {
  const [port, jwk] = await Promise.all([freePort(), signingKey()]);
  const settings = { port, jwk, cookieKey: randomBytes(16).toString('hex'), people };
  const base = `http://127.0.0.1:${port}`;
  let running = new ProviderProcess(cgroup);
  await running.start(settings);
  const stop = async () => {
    await running.daemon.stop();
  };
  return {
    issuer: base,
    disable: (username) => running.order({ do: 'enable', username, enabled: false }),
    enable: (username) => running.order({ do: 'enable', username, enabled: true }),
    tamper: (mode) => running.order({ do: 'tamper', mode }),
    tamperNext: (modes) => running.order({ do: 'tamperNext', modes }),
    device: (fields) => running.order({ do: 'device', fields }),
    overrideClaims: (claims) => running.order({ do: 'claims', claims }),
    shape: async (shape) => {
      await running.order({ do: 'shape', shape });
      return issuerOf(shape, base);
    },
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
