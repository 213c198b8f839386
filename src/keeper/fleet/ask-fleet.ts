// Asks every host of the fleet for what it lists (core/fleet-query.ts).
//
// 1. Each login has few questions under way. Attack: somebody without rights has all hosts work without end (law 12).
// 2. An answer counts only with the signature of its host. A host that does not answer in time is named, so that nobody takes the listing for whole.
import type { Keys } from '../../adapters/keys.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { fleetAnswerShape, type FleetAnswer, type FleetQuery } from '../../core/fleet-query.ts';
import { idBytes, requestId } from '../../core/ids.ts';
import type { Config } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import { personOf } from '../../core/sign-in.ts';
import { printCommand, type Command } from '../../wire/grammar.ts';
import type { BatchNews } from '../batches/news.ts';
import type { RunningCount } from '../concurrency/running-limit.ts';
import type { Actor } from '../identity/actor.ts';

export interface AskFleetDeps {
  readonly host: string;
  readonly config: Config;
  readonly keys: Keys;
  readonly store: Store;
  readonly batchNews: BatchNews;
  /** Rule 1: questions under way, by login. */
  readonly fleetQueries: RunningCount<string>;
  random(bytes: number): Uint8Array;
  now(): number;
}

/** What is asked. */
export interface AskedOfFleet {
  readonly command: Command;
  readonly actor: Actor;
  readonly columns: number | undefined;
}

/** How long hosts may take. */
export const fleetAnswerMs = 5_000;
const mostEach = 2;
const lookMs = 1_000;

/**
 * The answers of the other hosts, by host; a host that does not answer in time has none.
 * @throws Refused BUSY (rule 1), REDIS_DOWN
 */
export async function askFleet(
  deps: AskFleetDeps,
  asked: AskedOfFleet,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FleetAnswer | undefined>> {
  const peers = Object.keys(deps.config.peers).sort();
  if (peers.length === 0) return new Map();
  const login = asked.actor.person?.login ?? 'root';
  if (deps.fleetQueries.of(login) >= mostEach) throw new Refused('BUSY', { host: deps.host }, 'questions to the fleet');
  return deps.fleetQueries.run(login, async () => {
    const query = queryOf(deps, asked);
    const jws = await deps.keys.sign('query', query);
    await deps.store.openRound('query', { id: query.id, jws, end: query.until + fleetAnswerMs });
    return collect(deps, query, peers, signal);
  });
}

function queryOf(deps: AskFleetDeps, { command, actor: { person }, columns }: AskedOfFleet): FleetQuery {
  return {
    id: requestId(deps.random(idBytes.request)),
    host: deps.host,
    command: printCommand(command),
    ...(person === undefined ? {} : { reader: personOf(person) }),
    groups: person?.groups ?? [],
    ...(columns === undefined ? {} : { columns }),
    until: deps.now() + fleetAnswerMs,
  };
}

async function collect(
  deps: AskFleetDeps,
  { id, until }: FleetQuery,
  peers: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FleetAnswer | undefined>> {
  const heard = new Map<string, FleetAnswer>();
  for (;;) {
    await hear(deps, id, heard);
    const left = until - deps.now();
    if (left <= 0 || signal.aborted || peers.every((peer) => heard.has(peer)))
      return new Map(peers.map((peer) => [peer, heard.get(peer)] as const));
    await deps.batchNews.next([id], signal, Math.min(lookMs, left));
  }
}

/** Adds the answers that came since the last look (rule 2). */
async function hear(deps: AskFleetDeps, id: string, heard: Map<string, FleetAnswer>): Promise<void> {
  const round = await deps.store.findRound('query', id);
  for (const { from, jws } of round?.answers ?? []) {
    if (heard.has(from)) continue;
    const read = await deps.keys.verify(jws, 'query-answer', fleetAnswerShape, from);
    if (read?.value.query === id && read.value.host === from) heard.set(from, read.value);
  }
}
