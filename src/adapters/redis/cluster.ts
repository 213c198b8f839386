// Finds the server of a Redis Cluster that has our keys. All of them have one hash tag and so are on one server (commands.ts); that one is
// connected to like a single server, so that the rules of connect.ts hold there too: nothing is queued, repeated or sent elsewhere.
//
// 1. A server that says that its Cluster is down is not believed about who has the keys. Accident: a primary that was cut off from the
//    others still names itself (redis.io/docs, "Redis cluster specification", "Availability").
// 2. Only a primary is used. One that became a replica, or gave the keys away, answers MOVED, and is left (connect.ts, rule 4).
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import { endpointText, servernameOf, type Endpoint } from './endpoint.ts';
import { pauseBefore } from './pause.ts';

/** The slot of the hash tag `tmux-gate`: CRC16 modulo 16384 (redis.io/docs, "Redis cluster specification", "Key distribution model"). */
export const slot = 11_268;

/** The class that ioredis makes a connection's stream with. @param known servers of the Cluster that are asked first, in this order */
export function clusterConnector(known: readonly Endpoint[]): new (options: unknown) => AbstractConnector {
  return class extends AbstractConnector {
    readonly #options: RedisOptions;
    /** All servers that were named when the Cluster last answered: those in the policy may have been replaced. */
    #heard: readonly Endpoint[] = [];

    constructor(options: unknown) {
      super((options as RedisOptions).disconnectTimeout ?? 0);
      this.#options = options as RedisOptions;
    }

    override check({ role }: { readonly role?: string }): boolean {
      return role === 'master'; // rule 2
    }

    /** Asks until somebody knows, or the connection is closed: a connector that fails is not called again. */
    async #find(emit: (type: string, error: Error) => void): Promise<Endpoint> {
      for (let times = 1; !this.#isOver(); times += 1) {
        try {
          const { owner, all } = await findOwner([...known, ...this.#heard], this.#options);
          this.#heard = all;
          if (!this.#isOver()) return owner;
        } catch (error) {
          if (this.#isOver()) break;
          emit('error', error as Error);
          await delay(pauseBefore(times));
        }
      }
      throw new Error('Connection is closed.');
    }

    /** A function, because the connection may be closed during an await, and the compiler would assume that it was not. */
    #isOver(): boolean {
      return !this.connecting;
    }

    override async connect(emit: (type: string, error: Error) => void): Promise<Socket> {
      this.connecting = true;
      const owner = await this.#find(emit);
      const { tls } = this.#options;
      const secured = (): Socket => connectTls({ ...(tls as ConnectionOptions), ...owner, ...servernameOf(owner) });
      const stream = tls === undefined ? connectTcp(owner) : secured();
      this.stream = stream;
      stream.once('error', (error) => (this.firstError = error));
      return stream;
    }
  };
}

interface Owner {
  readonly owner: Endpoint;
  readonly all: readonly Endpoint[];
}

/** Asks one server after another. @throws Error when none of them can tell */
async function findOwner(servers: readonly Endpoint[], options: RedisOptions): Promise<Owner> {
  let problem = 'no server of the Cluster is named';
  for (const server of servers) {
    const said = await askServer(server, options).catch((error: unknown) => {
      problem = `${endpointText(server)}: ${Error.isError(error) ? error.message : 'failed'}`;
    });
    if (said !== undefined) return said;
  }
  throw new Error(`no server of the Cluster says who has the keys; ${problem}`);
}

async function askServer(server: Endpoint, options: RedisOptions): Promise<Owner> {
  const { username, password, tls, connectTimeout } = options;
  const secured = tls === undefined ? undefined : { ...tls, ...servernameOf(server) };
  const given = Object.entries({ username, password, tls: secured }).filter(([, is]) => is !== undefined);
  const access = Object.fromEntries(given);
  const redis = new Redis({
    ...{ ...access, connectTimeout, commandTimeout: connectTimeout, host: server.host, port: server.port, protocol: 2 },
    ...{ lazyConnect: true, enableReadyCheck: false, disableClientInfo: true, retryStrategy: null },
    replyMapping: 'legacy',
  });
  let problem: Error | undefined;
  redis.on('error', (error: Error) => (problem = error));
  try {
    if (!/^cluster_state:ok\r?$/m.test(await redis.cluster('INFO'))) throw new Error('its Cluster is down'); // rule 1
    return readSlots(await redis.cluster('SLOTS'), server);
  } catch (error) {
    throw problem ?? error;
  } finally {
    redis.disconnect();
  }
}

/** Reads CLUSTER SLOTS: `[first, last, [host, port, id, ...], replicas...]` of each range. No host means: the one that was asked. */
function readSlots(reply: unknown, asked: Endpoint): Owner {
  const ranges = Array.isArray(reply) ? reply.filter((range): range is readonly unknown[] => Array.isArray(range)) : [];
  const ours = ranges.find(([first, last]) => Number(first) <= slot && slot <= Number(last));
  const all = ranges.flatMap((range) => range.slice(2).flatMap((server) => readServer(server, asked)));
  const [owner] = readServer(ours?.[2], asked);
  if (owner === undefined) throw new Error('no server has the slot of our keys');
  return { owner, all };
}

function readServer(reply: unknown, asked: Endpoint): readonly Endpoint[] {
  const [host, port] = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  if (!Number.isInteger(port) || Number(port) < 1 || Number(port) > 65_535) return [];
  return [{ host: typeof host === 'string' && host !== '' ? host : asked.host, port: Number(port) }];
}
