// Measures a host on which many come at once, and many are attached (docs/scale.md): nothing is refused that should pass.
import type { Host } from '../sandbox/host.ts';
import type { Person } from '../sandbox/person.ts';
import { Client } from './client.ts';
import { firstFrame, letInOnce, quiet } from './inside.ts';
import { rssMb } from './memory.ts';
import type { Figures } from './report.ts';

const session = 'prod-db';
const people = Array.from({ length: 10 }, (_, n) => `many${n}`);

/** Who comes. */
export const manyPeople: Readonly<Record<string, readonly string[]>> = Object.fromEntries<readonly string[]>(
  people.map((name): [string, readonly string[]] => [name, ['engineers']]),
);

/** One processor draws some three first frames a second. */
const patienceMs = 300_000;

export interface OnceRounds {
  readonly visitsAtOnce: number;
  readonly attached: number;
}

export async function measureOnce(host: Host, { visitsAtOnce, attached }: OnceRounds): Promise<Figures> {
  const all = people.map((name) => host.people[name] ?? host.people.alice);
  const requests: string[] = [];
  for (const person of all) requests.push(await letInOnce(host, person));
  const began = performance.now();
  const crowd = await enter(all, visitsAtOnce);
  const inSeconds = (performance.now() - began) / 1000;
  await leave(crowd.filter((client) => client !== undefined));
  await quiet(host);
  return {
    visits_at_once_ok: crowd.filter((client) => client !== undefined).length,
    visits_at_once_share: crowd.filter((client) => client !== undefined).length / visitsAtOnce,
    visits_at_once_s: inSeconds,
    ...(await measureAttached(host, all, attached, requests)),
  };
}

/** Comes in by tens, until so many are attached; then everybody's access ends at once. */
async function measureAttached(
  host: Host,
  all: readonly Person[],
  count: number,
  requests: readonly string[],
): Promise<Figures> {
  const inside: Client[] = [];
  for (let left = count; left > 0; left -= 10)
    for (const client of await enter(all, Math.min(10, left))) if (client !== undefined) inside.push(client);
  const keeperMb = rssMb(host.keeper.pid ?? 0);
  const began = performance.now();
  for (const request of requests) await host.cli(['revoke', request]);
  await Promise.all(inside.map(async (client) => client.exit));
  const outMs = performance.now() - began;
  await quiet(host);
  return {
    ...{ attached_ok: inside.length, attached_share: inside.length / count },
    ...{ attached_keeper_rss_mb: keeperMb, attached_all_out_ms: outMs },
  };
}

/** Visits at the same moment, divided among the people; one that does not get in is undefined. */
async function enter(all: readonly Person[], count: number): Promise<readonly (Client | undefined)[]> {
  const clients = Array.from({ length: count }, (_, n) => all[n % all.length])
    .filter((person) => person !== undefined)
    .map((person) => new Client(person.sshArgs(['-t', session])));
  return Promise.all(
    clients.map(async (client) => {
      const seen = await client.until(firstFrame(session), patienceMs).catch(() => undefined);
      return seen === undefined ? undefined : client;
    }),
  );
}

async function leave(clients: readonly Client[]): Promise<void> {
  // One by one: tmux takes keys that come at once in one session, from whomever, for pasted text (assume-paste-time).
  for (const client of clients) await client.leave();
}
