// Whether this host and Redis agree on the time.
import { Refused } from '../../core/refusal.ts';
import type { Store } from '../../adapters/redis/store.ts';

export interface ClockSkewDeps {
  readonly store: Store;
  readonly host: string;
}

const mostSkewMs = 5_000;

/** Instants come from the signer's clock; the clock of Redis is only compared with it (M17). @throws Refused CLOCK_SKEW, REDIS_DOWN */
export async function checkClocks(deps: ClockSkewDeps): Promise<void> {
  const skew = await deps.store.skew();
  if (Math.abs(skew) > mostSkewMs) throw new Refused('CLOCK_SKEW', { host: deps.host }, `${skew} ms`);
}
