// The grants of all hosts, as the store has them.
import type { Keys } from '../../adapters/keys.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { grantShape, type Grant } from '../../core/grant.ts';
import type { Tombstones } from '../state/tombstones.ts';

export interface AllGrantsDeps {
  readonly store: Store;
  readonly keys: Keys;
  readonly tombstones: Tombstones;
}

/**
 * The grants of the store, each with the signature of its own host (law 8). Those of this host are among them: this keeper may have started
 * while the store did not have one, and a visit may use it all the same.
 */
export async function allGrants(deps: AllGrantsDeps): Promise<readonly Grant[]> {
  const entries = await deps.store.live({});
  const read = await Promise.all(entries.map(async ({ jws }) => deps.keys.verify(jws, 'grant', grantShape)));
  return read.flatMap((one) =>
    one !== undefined && one.host === one.value.host && !deps.tombstones.has(one.value.id) ? [one.value] : [],
  );
}
