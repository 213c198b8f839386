// Withdrawing a login's sign-ins (law 5): the bar is on disk first, so that none comes back with a restored Redis.
import type { Tombstones } from '../state/tombstones.ts';
import type { Config } from '../../core/policy-types.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Log } from '../../adapters/log.ts';

export interface ForgetSignInsDeps {
  readonly tombstones: Tombstones;
  now(): number;
  readonly config: Config;
  readonly store: Store;
  readonly host: string;
  readonly log: Log;
}

/** @returns how many there were on the board; 0 where it does not say. */
export async function forgetSignIns(deps: ForgetSignInsDeps, login: string): Promise<number> {
  await deps.tombstones.bar(login, deps.now() + deps.config.signIn.lifetimeMs);
  return deps.store.forgetSignIns(deps.host, login).catch((error: unknown) => {
    deps.log.warn('sign-ins-not-on-board', { login, error });
    return 0;
  });
}
