// The grant that keeps a connection open, and whose end is the connection's end.
//
// 1. A connection that types is kept only by grants for typing. Attack: somebody lengthens a short window for typing by asking for a long
//    one to view (law 4).
// 2. An approver who views under another person's grant is kept by the grants of that session that name them, and only while the policy
//    calls them an approver and the session moderated (core/access-mode.ts, rule 4). When those grants end, so does the connection.
import { latest, type GrantScope, type LiveGrant } from '../../core/grant.ts';
import type { SamePerson } from '../../core/identity.ts';
import { sessionOf } from '../../core/policy.ts';
import { keepsTerms } from '../../core/terms.ts';
import { mayView, servesMode } from '../../core/access-mode.ts';
import type { ConnectionState } from './connection.ts';
import type { Config } from '../../core/policy-types.ts';

/** Live grants, as far as connections and sessions need them. */
export interface GrantLookup {
  all(): readonly LiveGrant[];
  latestFor(who: SamePerson, scope: GrantScope, fits?: (live: LiveGrant) => boolean): LiveGrant | undefined;
  /** Whether any grant keeps this session open; of a dedicated session, any grant of its owner. */
  keeps(session: string, owner?: SamePerson & { readonly login: string }): boolean;
}

export interface GoverningGrantDeps {
  readonly host: string;
  readonly liveGrants: GrantLookup;
  readonly config: Config;
}

type Standing = Pick<ConnectionState, 'who' | 'session' | 'mode' | 'as' | 'approves'>;

/** The grant that keeps this connection open and ends last; undefined when the connection has to end. */
export function governingGrant(deps: GoverningGrantDeps, state: Standing): LiveGrant | undefined {
  const { who, session, mode = 'type' } = state;
  if (state.as === 'approver') return grantApprovedBy(deps, session, who, state.approves ?? []);
  const scope = { host: deps.host, session, login: who.login };
  return deps.liveGrants.latestFor(who, scope, ({ grant }) => servesMode(grant, mode));
}

/**
 * Rule 2: of the live grants for this session that this person approved, the one that ends last.
 * @param rules by which they were an approver when they came.
 */
export function grantApprovedBy(
  deps: GoverningGrantDeps,
  session: string,
  who: SamePerson,
  rules: readonly string[],
): LiveGrant | undefined {
  const policy = sessionOf(deps.config, session);
  if (policy === undefined) return undefined;
  const onTerms = deps.liveGrants.all().filter(({ grant }) => keepsTerms(grant, policy));
  return latest(onTerms.filter(({ grant }) => mayView(policy, grant, who, rules)));
}
