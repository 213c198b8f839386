// The grant under which a person may be let in now.
import { type LiveGrant, opens } from '../../core/grant.ts';
import { type AccessMode, servesMode } from '../../core/access-mode.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { checkClocks, type ClockSkewDeps } from './clock-skew.ts';
import { readGrants, type ReadGrantsDeps } from './read-grants.ts';

export interface LiveGrantOfDeps extends ReadGrantsDeps, ClockSkewDeps {}

/** The live grant of this person for this session that serves and ends last, read anew from the store. */
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
      opens(grant, scope, who, deps.now()) &&
      grants.some((read) => read.grant.id === grant.id),
  );
}
