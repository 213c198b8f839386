// Reads all requests that wait.
import { readRequest, type ReadRequest, type ReadRequestDeps } from './read-request.ts';
import type { Store } from '../../adapters/redis/store.ts';

export interface ReadRequestsDeps extends ReadRequestDeps {
  readonly store: Store;
}

/** Every waiting request that a host of this fleet signed. @throws Refused REDIS_DOWN */
export async function readRequests(deps: ReadRequestsDeps): Promise<readonly ReadRequest[]> {
  const read = await Promise.all((await deps.store.pending()).map(async (entry) => readRequest(deps, entry)));
  return read.filter((request) => request !== undefined);
}
