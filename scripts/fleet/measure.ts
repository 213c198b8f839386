// What a simulated fleet asks of its Redis, and how fast it hears.
import { setTimeout as delay } from 'node:timers/promises';
import { readGrants } from '../../src/keeper/grants/read-grants.ts';
import { revokeThere } from '../../src/keeper/grants/revoke.ts';
import { minute, second } from '../../src/core/time.ts';
import { askFleet } from '../../src/keeper/fleet/ask-fleet.ts';
import { parseCommand } from '../../src/wire/grammar.ts';
import { p50, p99 } from '../measure/numbers.ts';
import type { Figures } from '../measure/report.ts';
import { openFleet, type Fleet, type Keeper } from './keepers.ts';
import { fleetRedis, type FleetRedis } from './redis.ts';

export interface FleetSize {
  readonly hosts: number;
  readonly grants: number;
}

type Say = (text: string) => void;

const restMs = 15 * second;
const revocations = 100;
const visitsPerSecond = 100;
const outageMs = 5 * second;
/** Until every keeper follows the events. */
const followMs = 10 * second;

/** Opens the fleet and measures it. @throws Error when something of it does not come to pass */
export async function measureFleet({ hosts, grants }: FleetSize, say: Say): Promise<Figures> {
  await using redis = await fleetRedis();
  const empty = await redis.info('used_memory');
  say(`opens ${hosts} keepers`);
  await using fleet = await openFleet({ url: redis.url, hosts, grants });
  await delay(followMs);
  const connections = await redis.info('connected_clients');
  const memory = await redis.info('used_memory');
  say(`${hosts * grants} grants are live`);
  const figures: Figures = {
    ...{ fleet_hosts: hosts, fleet_grants: hosts * grants },
    ...{ fleet_redis_mb: memory / 1e6, fleet_grants_mb: (memory - empty) / 1e6 },
    fleet_connections_per_host: (connections - 1) / hosts,
    ...(await atRest(redis, 'fleet_rest', async () => delay(restMs))),
    ...(await underVisits(redis, fleet)),
    ...(await revoked(fleet, say)),
    ...(await listed(fleet, say)),
    ...(await storm(redis, fleet, say)),
  };
  return figures;
}

/** Commands of Redis per second, those of scripts among them, and the share of one processor, while something goes on. */
async function atRest(redis: FleetRedis, name: string, meanwhile: () => Promise<unknown>): Promise<Figures> {
  const cpu = async (): Promise<number> => (await redis.info('used_cpu_user')) + (await redis.info('used_cpu_sys'));
  const [commands, seconds, began] = [await redis.info('total_commands_processed'), await cpu(), performance.now()];
  await meanwhile();
  const took = (performance.now() - began) / second;
  const ran = (await redis.info('total_commands_processed')) - commands;
  return { [`${name}_commands_per_s`]: ran / took, [`${name}_cpu`]: ((await cpu()) - seconds) / took };
}

/** What a visit with a live sign-in and a live grant asks the store. */
async function visit({ context, grants }: Keeper): Promise<void> {
  const [grant] = grants;
  if (grant === undefined) return;
  const { host, session, who } = grant;
  await context.store.signIn({ host, login: who.login, fingerprint: 'SHA256:none' });
  const found = await readGrants(context, { host, session, login: who.login });
  if (found.length === 0) throw new Error(`the grant of ${host} is not found`);
}

async function underVisits(redis: FleetRedis, { keepers }: Fleet): Promise<Figures> {
  const took: number[] = [];
  const figures = await atRest(redis, 'fleet_visits', async () => {
    const until = performance.now() + restMs;
    const running: Promise<void>[] = [];
    for (let n = 0; performance.now() < until; n++) {
      const keeper = keepers[(n * 7) % keepers.length];
      const began = performance.now();
      if (keeper !== undefined) running.push(visit(keeper).then(() => void took.push(performance.now() - began)));
      await delay(second / visitsPerSecond);
    }
    await Promise.all(running);
  });
  return { ...figures, fleet_visit_p99_ms: p99(took) };
}

/** Waits until it holds. @throws Error when it does not within a minute */
async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = performance.now() + 60 * second;
  while (!holds()) {
    if (performance.now() > limit) throw new Error(`not within a minute: ${what}`);
    await delay(1);
  }
}

/** From the revocation at the first host to its end at the host of the grant, and until every keeper has handled the event. */
async function revoked({ keepers }: Fleet, say: Say): Promise<Figures> {
  const [first, ...others] = keepers;
  if (first === undefined) throw new Error('the fleet is empty');
  const [ends, lasts]: [number[], number[]] = [[], []];
  const most = Math.min(revocations, others.length);
  for (let n = 0; n < most; n++) {
    const target = others[Math.floor((n * others.length) / most)];
    const grant = target?.grants[0];
    if (target === undefined || grant === undefined) continue;
    const before = keepers.map(({ seen }) => seen.events);
    const began = performance.now();
    const answered = revokeThere(first.context, grant, { by: 'bob@example.com', reason: 'measured' });
    await until('the grant has ended', () => target.seen.ended.has(grant.id));
    ends.push(performance.now() - began);
    await until('every keeper has heard', () => keepers.every(({ seen }, at) => seen.events > (before[at] ?? 0)));
    lasts.push(performance.now() - began);
    const { confirmed } = await answered;
    if (!confirmed) throw new Error(`${grant.host} did not confirm`);
  }
  say(`${most} revocations, each confirmed`);
  return { fleet_revoke_p50_ms: p50(ends), fleet_revoke_p99_ms: p99(ends), fleet_heard_p99_ms: p99(lasts) };
}

/** Root of the first host lists who is attached anywhere. */
async function listed({ keepers: [first, ...others] }: Fleet, say: Say): Promise<Figures> {
  if (first === undefined) throw new Error('the fleet is empty');
  const parsed = parseCommand('connections --fleet --json');
  if (!('command' in parsed)) throw new Error('no such command');
  const actor = { person: undefined, name: 'root', duty: await first.context.onCall.duty() };
  const began = performance.now();
  const answers = await askFleet(
    first.context,
    { command: parsed.command, actor, columns: undefined },
    AbortSignal.timeout(minute),
  );
  const took = performance.now() - began;
  const silent = [...answers.values()].filter((answer) => answer === undefined).length;
  say(`${answers.size - silent} of ${others.length} hosts answered a listing`);
  return { fleet_listing_ms: took, fleet_listing_silent: silent };
}

/** Redis goes away and comes back: until every keeper is connected and has looked at its tombstones again. */
async function storm(redis: FleetRedis, { keepers }: Fleet, say: Say): Promise<Figures> {
  const ended = (): number => keepers.reduce((sum, { seen }) => sum + seen.ended.size, 0);
  const before = ended();
  const ready = keepers.map(({ seen }) => seen.ready);
  await redis.stop();
  await delay(outageMs);
  await redis.start();
  const began = performance.now();
  await until('every keeper is back', () => keepers.every(({ seen }, at) => seen.ready > (ready[at] ?? 0)));
  const took = (performance.now() - began) / second;
  await delay(2 * second);
  say(`after ${outageMs / second} s without Redis all are back`);
  return { storm_s: took, storm_ended: ended() - before };
}
