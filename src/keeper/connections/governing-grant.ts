// On which grant a connection stands: the one that keeps it, and whose end is its own.
//
// 1. One that types stands on grants for typing alone. Attack: a short window to type in is lengthened by asking for a long one to
//    look on (law 4).
// 2. An approver who looks on under somebody else's grant stands on the grants of that session that name them, and only while the
//    policy calls them an approver and the session moderated (core/sight, rule 4). When those end, so does their look.
import { latest, type GrantScope, type LiveGrant } from '../../core/grant.ts';
import type { SamePerson } from '../../core/identity.ts';
import { sessionOf } from '../../core/policy.ts';
import { mayLookOn, servesMode } from '../../core/access-mode.ts';
import type { ConnectionState } from './connection.ts';
import type { Config } from '../../core/policy-types.ts';

/** The live grants of this host, as far as a connection or a session has to know them. */
export interface GrantLookup {
  all(): readonly LiveGrant[];
  latestFor(who: SamePerson, scope: GrantScope, fits?: (live: LiveGrant) => boolean): LiveGrant | undefined;
  /** Whether any grant keeps this session open; of one that is somebody's alone, any of theirs. */
  keeps(session: string, owner?: SamePerson & { readonly login: string }): boolean;
}

export interface GoverningGrantDeps {
  readonly host: string;
  readonly liveGrants: GrantLookup;
  readonly config: Config;
}

type Standing = Pick<ConnectionState, 'who' | 'session' | 'mode' | 'as' | 'approves'>;

export function governingGrant(deps: GoverningGrantDeps, state: Standing): LiveGrant | undefined {
  const { who, session, mode = 'type' } = state;
  if (state.as === 'approver') return grantApprovedBy(deps, session, who, state.approves ?? []);
  const scope = { host: deps.host, session, login: who.login };
  return deps.liveGrants.latestFor(who, scope, ({ grant }) => servesMode(grant, mode));
}

/** Rule 2: of the live grants for this session that this person approved, the one that ends last. */
export function grantApprovedBy(
  deps: GoverningGrantDeps,
  session: string,
  who: SamePerson,
  rules: readonly string[],
): LiveGrant | undefined {
  const policy = sessionOf(deps.config, session);
  if (policy === undefined) return undefined;
  return latest(deps.liveGrants.all().filter(({ grant }) => mayLookOn(policy, grant, who, rules)));
}
