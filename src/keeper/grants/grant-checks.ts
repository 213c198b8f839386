// Checks of grants that several services need.
import type { Grant } from '../../core/grant.ts';
import { keepsTerms } from '../../core/terms.ts';
import { sessionOf } from '../../core/policy.ts';
import type { GrantKey, Store } from '../../adapters/redis/store.ts';
import type { Config } from '../../core/policy-types.ts';

export interface GrantChecksDeps {
  readonly store: Store;
  readonly config: Config;
}

/**
 * Whether the store has this grant's key, with an expiry. Other keys that somebody put there neither hide it nor count for it.
 * @throws Refused REDIS_DOWN
 */
export async function isInStore(
  deps: GrantChecksDeps,
  { id, host, session, who }: Pick<Grant, 'id' | 'host' | 'session' | 'who'>,
): Promise<boolean> {
  return (await deps.store.live({ host, session, login: who.login, id })).length > 0;
}

/** The ids of those of these grants of one host that the store has, all asked for together. @throws Refused REDIS_DOWN */
export async function idsInStore(
  deps: GrantChecksDeps,
  host: string,
  keys: readonly Omit<GrantKey, 'host'>[],
): Promise<ReadonlySet<string>> {
  const found = await deps.store.held(host, keys);
  return new Set(found.map(({ key }) => key.split(':').at(-1) ?? ''));
}

/** Whether the session of a grant still runs on the terms that were approved (core/terms.ts). */
export function isOnTerms(deps: Pick<GrantChecksDeps, 'config'>, grant: Grant): boolean {
  const policy = sessionOf(deps.config, grant.session);
  return policy === undefined || keepsTerms(grant, policy);
}
