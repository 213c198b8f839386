// Tombstones: the grants, requests and sign-ins of this host that are over, and the grants of other hosts that this one revoked. They are
// kept in a file that only root writes, until the signature of what they name has expired.
//
// 1. A tombstone is on disk before it counts. Attack: somebody restores Redis, or sets it back, to a state in which a revoked grant is live
//    (H9).
// 2. A grant of another host is kept with all parts of its key, so that the next keeper can look for it as well. Accident: a Redis that fails
//    over loses a revocation, and the keeper that made it has started anew since.
import { readState, writeState } from '../../adapters/state-file.ts';
import type { GrantKey } from '../../adapters/redis/store.ts';
import { loginShape } from '../../core/ids.ts';
import { nameShape, sessionShape } from '../../core/request.ts';
import { list, object, text, integer, optional } from '../../core/shape.ts';

const elsewhereShape = object({ host: nameShape, session: sessionShape, login: loginShape });
const tombstonesShape = list(
  object({ id: text(80), until: integer(0), at: optional(integer(0)), elsewhere: optional(elsewhereShape) }),
  100_000,
);

/** A grant of another host, without its id. */
export type Elsewhere = Omit<GrantKey, 'grantId'>;

/** What is over, whatever Redis says. */
export interface Tombstones {
  has(id: string): boolean;
  /**
   * On disk when it resolves.
   * @param until the end of the grant (ms since the epoch): after it, the grant's own signature refuses it.
   * @param elsewhere whose it is, if not of this host (rule 2).
   */
  add(id: string, until: number, elsewhere?: Elsewhere): Promise<void>;
  /** The grants of other hosts that this one revoked, and whose end (ms since the epoch) has not come. */
  elsewhere(): readonly (GrantKey & { readonly end: number })[];
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
  readonly elsewhere?: Elsewhere;
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
    add: async (id, until, elsewhere) =>
      lay(id, elsewhere === undefined ? { until } : { until, elsewhere }).then(() => hearBuried(id)),
    elsewhere: () =>
      Array.from(dead).flatMap(([grantId, { until: end, elsewhere }]) =>
        elsewhere === undefined || end <= now() ? [] : [{ ...elsewhere, grantId, end }],
      ),
    onAdd: (hear) => (hearBuried = hear),
    bar: async (login, until) => lay(`login:${login}`, { until, at: now() }),
    barredUntil: (login) => dead.get(`login:${login}`)?.at ?? 0,
  };
}
