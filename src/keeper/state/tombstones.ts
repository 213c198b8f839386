// Tombstones: the grants, requests and sign-ins of this host that are over. They are kept in a file that only root writes, until the
// signature of what they name has expired.
//
// 1. A tombstone is on disk before it counts. Attack: somebody restores Redis, or sets it back, to a state in which a revoked grant is live
//    (H9).
import { readState, writeState } from '../../adapters/state-file.ts';
import { list, object, text, integer, optional } from '../../core/shape.ts';

const tombstonesShape = list(object({ id: text(80), until: integer(0), at: optional(integer(0)) }), 100_000);

/** What is over, whatever Redis says. */
export interface Tombstones {
  has(id: string): boolean;
  /** On disk when it resolves. @param until the end of the grant (ms since the epoch): after it, the grant's own signature refuses it. */
  add(id: string, until: number): Promise<void>;
  /** Calls `hear` with each id that is added, once it is on disk. There is one listener. */
  onAdd(hear: (id: string) => void): void;
  /** Ends every sign-in that a login has now, also when somebody puts one back into Redis. */
  bar(login: string, until: number): Promise<void>;
  /** Sign-ins made up to this instant (ms since the epoch) do not count; 0 when all do. */
  barredUntil(login: string): number;
}

interface Tombstone {
  readonly until: number;
  readonly at?: number;
}

/** Reads the tombstones from `path`. @throws Error when the file cannot be understood */
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
