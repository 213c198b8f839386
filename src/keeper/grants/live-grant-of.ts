// The grant under which a person may enter now.
import { type LiveGrant, opens } from '../../core/grant.ts';
import { type AccessMode, servesMode } from '../../core/access-mode.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { checkClocks, type ClockSkewDeps } from './clock-skew.ts';
import { readGrants, type ReadGrantsDeps } from './read-grants.ts';

export interface LiveGrantOfDeps extends ReadGrantsDeps, ClockSkewDeps {}

/**
 * Reads the store again. A sign-in that came with a batch opens the grant of that batch alone (identity/identify.ts, rule 5).
 * @returns the person's live grant for this session and access mode that ends last; undefined when there is none.
 * @throws Refused REDIS_DOWN, CLOCK_SKEW
 */
export async function liveGrant(
  deps: LiveGrantOfDeps,
  who: SignIn,
  session: string,
  mode: AccessMode,
): Promise<LiveGrant | undefined> {
  const scope = { host: deps.host, session, login: who.login };
  const [grants] = await Promise.all([readGrants(deps, scope), checkClocks(deps)]);
  for (const live of grants) deps.liveGrants.add(live);
  return deps.liveGrants.latestFor(
    who,
    scope,
    ({ grant }) =>
      servesMode(grant, mode) &&
      (who.from === undefined || grant.batch === who.batch) &&
      opens(grant, scope, who, deps.now()) &&
      grants.some((read) => read.grant.id === grant.id),
  );
}
