// Follows what Redis says, and checks it (docs/design.md, "Store").
//
// 1. Events are hints: each only makes this host read the store. Attack: a forged event costs one read and changes nothing.
// 2. The live grants are read again every three seconds. A grant whose key is missing from a Redis that answers ends at once; a Redis that
//    does not answer ends nothing.
// 3. A key that came back although its id has a tombstone is deleted again (H9).
// 4. A withdrawn grant stays withdrawn: it gets a tombstone, so that a key that is put back opens nothing, also after a restart.
// 5. A revocation signed by a peer ends the grant whether or not its key is there. Attack: somebody puts the key back at once, and the
//    grant outlives its revocation.
// 6. Only what has a tombstone here is confirmed, so a confirmation stays true. Attack: somebody deletes a key for a moment to get a
//    confirmation from this host, and keeps it for the day when the grant is revoked.
import type { StoreEvent } from '../adapters/redis/follow.ts';
import { isBreakGlass } from '../core/break-glass.ts';
import type { Grant } from '../core/grant.ts';
import { idShape } from '../core/request.ts';
import { object } from '../core/shape.ts';
import { withdrawnWhy } from '../core/messages/attached.ts';
import { anotherHost } from '../core/messages/ends.ts';
import type { BatchNews } from './batches/news.ts';
import { endAskedOver, type FollowAskedDeps } from './batches/follow-asked.ts';
import { takeUp, type TakeUpDeps } from './batches/take-up.ts';
import { withdrawMember, type WithdrawMemberDeps } from './batches/withdraw-batch.ts';
import { answerQuery, type AnswerQueryDeps } from './fleet/answer-query.ts';
import { agree, type LocksDeps } from './identity/locks.ts';
import type { Locks } from './state/held-locks.ts';
import { settle, type SettleDeps } from './grants/settle.ts';
import { idsInStore, isInStore, type GrantChecksDeps } from './grants/grant-checks.ts';
import type { Reassert } from './grants/reassert.ts';
import { addRevokedTombstone, revocationShape, revokeAgain, revokeHere, type RevokeDeps } from './grants/revoke.ts';

export interface StoreSyncDeps
  extends
    SettleDeps,
    LocksDeps,
    RevokeDeps,
    GrantChecksDeps,
    TakeUpDeps,
    WithdrawMemberDeps,
    FollowAskedDeps,
    AnswerQueryDeps {
  readonly batchNews: BatchNews;
  readonly locks: Locks;
  readonly reassert: Reassert;
  readonly subscribers: { changed(): void };
}

const lookEveryMs = 3_000;

/** Follows events and checks the store until the signal aborts. */
export function followStore(deps: StoreSyncDeps, signal: AbortSignal): void {
  void deps.store.follow(async (event) => hear(deps, event).finally(() => told(deps, event)), signal);
  const timer = setInterval(
    () => void look(deps).catch((error: unknown) => deps.log.warn('store-look-failed', { error })),
    lookEveryMs,
  );
  signal.addEventListener('abort', () => clearInterval(timer));
}

function told({ subscribers, batchNews }: StoreSyncDeps, { fields }: StoreEvent): void {
  subscribers.changed();
  batchNews.give(fields['id'] ?? '');
}

/** Reads again whatever an event names (rule 1). */
async function hear(deps: StoreSyncDeps, event: StoreEvent): Promise<void> {
  const id = event.fields['id'] ?? '';
  const isOurs = (event.fields['host'] ?? deps.host) === deps.host;
  if ((event.type === 'reviewed' && isOurs) || event.type === 'denied') await settle(deps, id);
  if (event.type === 'locked') await agree(deps);
  if (event.type === 'granted' && deps.askedHere.all().some(({ gone }) => gone === true)) void endAskedOver(deps);
  if (event.type === 'batch') takeUp(deps, id);
  if (event.type === 'query') answerQuery(deps, id);
  if (event.type === 'batch-withdrawn') await withdrawMember(deps, id);
  if (event.type === 'confirmed') await confirmed(deps, event, id);
  if (event.type === 'revoked' && event.fields['host'] === deps.host) await revokedElsewhere(deps, event, id);
}

const confirmationShape = object({ id: idShape });

/** Only the host's own signature confirms; whoever can write to Redis cannot (law 8). */
async function confirmed(deps: StoreSyncDeps, { fields }: StoreEvent, id: string): Promise<void> {
  const host = fields['host'] ?? '';
  const read = await deps.keys.verify(fields['proof'] ?? '', 'confirmation', confirmationShape, host);
  if (read?.value.id === id) deps.peerConfirmations.give(host, id);
}

/** Rules 5 and 6. Confirms once nothing of the grant is left, also if this host had ended it before. */
async function revokedElsewhere(deps: StoreSyncDeps, { fields }: StoreEvent, id: string): Promise<void> {
  const said = await deps.keys.verify(fields['proof'] ?? '', 'revocation', revocationShape);
  const proved = said?.value.grantId === id && said.value.host === deps.host ? said.value : undefined;
  const live = deps.liveGrants.find(id);
  if (live === undefined) await addRevokedTombstone(deps, proved);
  else if (proved !== undefined || !(await stands(deps, live.grant)))
    await revokeHere(deps, live.grant, { by: anotherHost, reason: '' });
  if (!deps.tombstones.has(id)) return;
  await deps.endsSettled();
  await deps.store.confirm(deps.host, id, await deps.keys.sign('confirmation', { id }));
}

/** Break-glass grants are never in the store, so a missing key does not end them. */
async function stands(deps: StoreSyncDeps, grant: Grant): Promise<boolean> {
  return isBreakGlass(grant) || (await isInStore(deps, grant));
}

/** Rules 2 and 4, by the keys of all live grants, which are read together: a fleet looks often. */
async function look(deps: StoreSyncDeps): Promise<void> {
  await agree(deps);
  const grants = deps.liveGrants.all().flatMap(({ grant }) => (isBreakGlass(grant) ? [] : [grant]));
  const there = await idsInStore(deps, deps.host, grants.map(keyOf));
  for (const grant of grants) {
    if (there.has(grant.id)) continue;
    await deps.tombstones.add(grant.id, grant.end).catch((error: unknown) => {
      deps.log.error('withdrawal-not-buried', { grant: grant.id, error });
    });
    deps.liveGrants.remove(grant.id, 'withdrawn', withdrawnWhy(grant));
  }
  await revokeAgain(deps);
  await deps.reassert.turn();
}

const keyOf = ({ id: grantId, session, who: { login } }: Grant): Parameters<typeof idsInStore>[2][number] => ({
  session,
  login,
  grantId,
});

/**
 * Rule 3. At the start it looks at all hosts' grants; when Redis is back, at those of this host, since what it revoked elsewhere is looked
 * for all the time (revoke.ts, rule 4). Accident: a fleet that comes back at one moment reads every grant once for each host, and Redis answers nobody.
 * @throws Refused REDIS_DOWN
 */
export async function assertTombstones(deps: StoreSyncDeps, of: 'all' | 'own'): Promise<void> {
  for (const name of await deps.store.names(of === 'own' ? deps.host : undefined)) {
    if (!deps.tombstones.has(name.grantId)) continue;
    // A fault of one must not keep the others from being deleted.
    await deps.store.revoke(name).catch((error: unknown) => {
      deps.log.warn('tombstone-not-asserted', { error });
    });
  }
}
