// Two questions about a grant that is asked for again and again.
import type { Grant } from '../../core/grant.ts';
import { keepsTerms } from '../../core/terms.ts';
import { sessionOf } from '../../core/policy.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Config } from '../../core/policy-types.ts';

export interface GrantChecksDeps {
  readonly store: Store;
  readonly config: Config;
}

/** Whether the key of a grant is there and will end: what else somebody put on the board neither hides it nor stands for it. */
export async function isInStore(
  deps: GrantChecksDeps,
  { id, host, session, who }: Pick<Grant, 'id' | 'host' | 'session' | 'who'>,
): Promise<boolean> {
  return (await deps.store.live({ host, session, login: who.login, id })).length > 0;
}

/** Whether the session that a grant is for still runs as what was approved (core/terms.ts). */
export function isOnTerms(deps: GrantChecksDeps, grant: Grant): boolean {
  const policy = sessionOf(deps.config, grant.session);
  return policy === undefined || keepsTerms(grant, policy);
}
