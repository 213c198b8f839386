// What is over: grants, requests and sign-ins of this host, in root's own file until their signatures are over as well.
//
// 1. On disk before it counts. Attack: Redis is restored, or put back, to a state in which a revoked grant is live (H9).
import { readState, writeState } from '../../adapters/state-file.ts';
import { list, object, text, integer, optional } from '../../core/shape.ts';

const tombstonesShape = list(object({ id: text(80), until: integer(0), at: optional(integer(0)) }), 100_000);

export interface Tombstones {
  has(id: string): boolean;
  /** On disk when it resolves. @param until the end of the grant: after it its own signature refuses. */
  add(id: string, until: number): Promise<void>;
  /** Told of each that is buried, once it is on disk. */
  onAdd(hear: (id: string) => void): void;
  /** Forgets every sign-in that a login has now, also one that somebody puts back into Redis. */
  bar(login: string, until: number): Promise<void>;
  /** Sign-ins up to this instant do not count; 0 for none. */
  barredUntil(login: string): number;
}

interface Tombstone {
  readonly until: number;
  readonly at?: number;
}

export async function openTombstones(path: string, now: () => number): Promise<Tombstones> {
  const dead = new Map<string, Tombstone>(
    ((await readState(path, tombstonesShape)) ?? []).map(({ id, ...tombstone }) => [id, tombstone]),
  );
  let hearBuried: (id: string) => void = () => undefined;
  const lay = async (id: string, tombstone: Tombstone): Promise<void> => {
    for (const [old, { until }] of dead) if (until < now()) dead.delete(old);
    dead.set(id, tombstone);
    await writeState(
      path,
      Array.from(dead, ([name, rest]) => ({ id: name, ...rest })),
      true,
      tombstonesShape,
    );
  };
  return {
    has: (id) => dead.has(id),
    add: async (id, until) => lay(id, { until }).then(() => hearBuried(id)),
    onAdd: (hear) => (hearBuried = hear),
    bar: async (login, until) => lay(`login:${login}`, { until, at: now() }),
    barredUntil: (login) => dead.get(`login:${login}`)?.at ?? 0,
  };
}
