// Follows what came of the batches that were asked for here (asked-here.ts), and ends it when the provider no longer vouches for the person.
//
// 1. Each access that came of it is revoked on its own host, which confirms (law 5). One that cannot be reached is told again (grants/revoke.ts).
import type { StoreEvent } from '../../adapters/redis/follow.ts';
import { grantShape } from '../../core/grant.ts';
import { isSamePerson, type SamePerson } from '../../core/identity.ts';
import { providerWithdrew } from '../../core/messages/attached.ts';
import { allGrants } from '../grants/all-grants.ts';
import { revokeThere, type RevokeDeps } from '../grants/revoke.ts';
import type { AskedHere } from './asked-here.ts';
import { hostStates } from './host-states.ts';
import { readBatch, type ReadBatchDeps } from './read-batch.ts';

export interface EndAskedDeps extends RevokeDeps, ReadBatchDeps {
  readonly askedHere: AskedHere;
}

/** Notes until when a granted request of a batch lasts. @throws Refused REDIS_DOWN, or an error of the file system */
export async function noteGranted(deps: EndAskedDeps, { fields }: StoreEvent): Promise<void> {
  const { id = '', host = '', session = '', login = '', grant = '' } = fields;
  if (!deps.askedHere.has(id)) return;
  for (const { jws } of await deps.store.live({ host, session, login, id: grant })) {
    const read = await deps.keys.verify(jws, 'grant', grantShape, host);
    if (read?.value.request === id) await deps.askedHere.granted(id, read.value.end);
  }
}

/** The same for a keeper that starts, about what was granted while it was away. @throws Refused REDIS_DOWN */
export async function noteGrantedMeanwhile(deps: EndAskedDeps): Promise<void> {
  for (const id of deps.askedHere.ids()) {
    const read = await readBatch(deps, id);
    for (const one of read === undefined ? [] : await hostStates(deps, read))
      if (one.state === 'approved') await deps.askedHere.granted(one.member.facts.id, one.grant.end);
  }
}

/** Rule 1, for a person for whom the provider no longer vouches. Never rejects. */
export async function endAsked(deps: EndAskedDeps, who: SamePerson): Promise<void> {
  const batches = new Set(deps.askedHere.of(who).map(({ batch }) => batch));
  if (batches.size === 0) return;
  const failed = (error: unknown): void => deps.log.error('batch-not-ended', { error });
  const all = await allGrants(deps).catch((error: unknown) => {
    failed(error);
    return [];
  });
  const theirs = all.filter(({ batch = '', host, who: owner }) => {
    return host !== deps.host && batches.has(batch) && isSamePerson(owner, who);
  });
  const revocation = { by: deps.host, reason: providerWithdrew };
  await Promise.all(theirs.map(async (grant) => revokeThere(deps, grant, revocation).catch(failed)));
}
