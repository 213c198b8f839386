// Reads grants from the store (law 8).
//
// 1. A grant counts only with this host's signature, a window that is still open, a key that expires, and no tombstone. Attack: somebody
//    writes a grant into Redis, or restores one that was revoked (H9, C11).
// 2. The session must still run on the terms that were approved (core/terms.ts).
import { isBreakGlass } from '../../core/break-glass.ts';
import { grantShape, type LiveGrant } from '../../core/grant.ts';
import { isOnTerms, type GrantChecksDeps } from './grant-checks.ts';
import type { LiveGrants } from './live-grants.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Tombstones } from '../state/tombstones.ts';

export interface ReadGrantsDeps extends GrantChecksDeps {
  readonly liveGrants: LiveGrants;
  readonly keys: Keys;
  readonly host: string;
  now(): number;
  readonly tombstones: Tombstones;
}

/** The grants of the store that count (rules 1 and 2). @throws Refused REDIS_DOWN */
export async function readGrants(
  deps: ReadGrantsDeps,
  filter: { host: string; session?: string; login?: string },
): Promise<readonly LiveGrant[]> {
  const entries = await deps.store.live(filter);
  const read = await Promise.all(entries.map((entry) => readGrant(deps, entry)));
  return read.filter((live) => live !== undefined);
}

/** Live grants that break-glass opened; they are never in the store. */
export function brokenIn(deps: { readonly liveGrants: { all(): readonly LiveGrant[] } }): readonly LiveGrant[] {
  return deps.liveGrants.all().filter(({ grant }) => isBreakGlass(grant));
}

async function readGrant(deps: ReadGrantsDeps, entry: { jws: string; keyEnd: number }): Promise<LiveGrant | undefined> {
  const read = await deps.keys.verify(entry.jws, 'grant', grantShape, deps.host);
  if (read === undefined || !isOnTerms(deps, read.value)) return undefined;
  if (read.value.end <= deps.now() || deps.tombstones.has(read.value.id)) return undefined;
  return { grant: read.value, keyEnd: entry.keyEnd };
}
