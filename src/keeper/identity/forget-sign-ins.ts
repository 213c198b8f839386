// Ends the remembered sign-ins of a login (law 5). The tombstone is on disk first, so that a restored Redis brings none back.
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

/**
 * @returns how many sign-ins the store had; 0 if the store does not answer.
 * @throws an error of the file system: then nothing is forgotten
 */
export async function forgetSignIns(deps: ForgetSignInsDeps, login: string): Promise<number> {
  await deps.tombstones.bar(login, deps.now() + deps.config.signIn.lifetimeMs);
  return deps.store.forgetSignIns(deps.host, login).catch((error: unknown) => {
    deps.log.warn('sign-ins-not-in-store', { login, error });
    return 0;
  });
}
