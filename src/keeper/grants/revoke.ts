// Revokes a grant (law 5) so that it stays revoked.
//
// 1. The tombstone is on disk first: a failover, a restored backup or a replay of Redis can bring back the key, but not the access (H9).
//    Even before it, the outbox has what is about to be done, by whom and why (outbox, rule 2): if the keeper dies here, the next one
//    completes it.
// 2. Then come the journal, the live connections and the store, in this order. The answer says whether the host confirmed.
// 3. A revocation is never refused: if tombstone or journal cannot be written, the access ends all the same, and the refusal that follows
//    says what could not be written (law 7 is for what opens). Accident: a full disk keeps access open.
// 4. What was revoked on another host is said again, signed, as long as the store has the key and the grant's end has not come: by the
//    tombstones on disk, so by the next keeper, too, and however many there are. Accident: Redis fails over and loses the revocation before
//    that host has heard of it. Attack: whoever can write to Redis takes it away, or puts the key back (law 8).
import type { Grant } from '../../core/grant.ts';
import type { EventFields } from '../../core/events/events.ts';
import type { AnyOwed, OwedOf } from '../../core/owed.ts';
import { asRefused, type Refused } from '../../core/refusal.ts';
import { loginShape } from '../../core/ids.ts';
import { idShape, instantShape, nameShape, sessionShape } from '../../core/request.ts';
import { object } from '../../core/shape.ts';
import { sanitizeLine } from '../../core/text.ts';
import { revokedWhy } from '../../core/messages/attached.ts';
import { anotherHost } from '../../core/messages/ends.ts';
import { idsInStore, type GrantChecksDeps } from './grant-checks.ts';
import type { LiveGrants } from './live-grants.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Elsewhere, Tombstones } from '../state/tombstones.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { PeerConfirmations } from './peer-confirmations.ts';
import type { Log } from '../../adapters/log.ts';

export interface RevokeDeps extends GrantChecksDeps {
  readonly host: string;
  readonly liveGrants: LiveGrants;
  endsSettled(): Promise<void>;
  readonly outbox: Outbox;
  now(): number;
  readonly tombstones: Tombstones;
  readonly keys: Keys;
  readonly peerConfirmations: PeerConfirmations;
  readonly log: Log;
}

/** Who revokes, and why. */
export interface Revocation {
  /** As the person reads it. */
  readonly by: string;
  readonly reason: string;
}

/**
 * Ends a grant of this host. Resolves when nothing of it is left.
 * @returns on how many servers of the store it stands (Store.copied)
 * @throws Refused when something could not be written; the access has ended all the same (rule 3)
 */
export async function revokeHere(
  deps: RevokeDeps,
  grant: Grant,
  { by, reason }: Revocation,
): Promise<number | undefined> {
  const { id, session, who } = grant;
  const written = await writeDown(deps, revokedOf(grant, { grant: id, session, login: who.login, by, reason }));
  const said = revokedWhy(grant, by, sanitizeLine(reason, 200));
  deps.liveGrants.add({ grant, keyEnd: grant.end });
  deps.liveGrants.remove(grant.id, 'revoked', said);
  await deps.endsSettled();
  const copies = await forget(deps, grant);
  if (written !== undefined) throw written;
  return copies;
}

/** The record of a revocation, with what a keeper that starts needs to add the tombstone again. */
function revokedOf({ id, end }: Pick<Grant, 'id' | 'end'>, facts: EventFields<'revoked'>): OwedOf<'revoked'> {
  return { event: 'revoked', is: { grant: id }, facts, redo: String(end) };
}

/** Writes outbox entry, tombstone and record, in this order (rules 1 and 3). @returns what could not be written (yet). */
async function writeDown(deps: RevokeDeps, owed: OwedOf<'revoked'>): Promise<Refused | undefined> {
  await deps.outbox.intend(owed);
  let failed: Refused | undefined;
  const addTombstone = async (): Promise<void> => addTombstoneAgain(deps, owed);
  await addTombstone().catch((error: unknown) => {
    failed = asRefused(error, 'JOURNAL_DOWN', { host: deps.host });
  });
  // A tombstone that could not be written is tried again after the record, until it is on disk.
  const unwritten = await deps.outbox.record(owed, failed === undefined ? undefined : addTombstone);
  return failed ?? unwritten;
}

/**
 * Adds the tombstone of a revoked grant, also for a revocation that an earlier keeper began (rule 1).
 * @throws an error of the file system
 */
export async function addTombstoneAgain(
  deps: RevokeDeps,
  { is, facts, redo }: Pick<AnyOwed, 'is' | 'facts' | 'redo'>,
): Promise<void> {
  const [grant, end] = [String(is['grant']), Number(redo)];
  if (end > deps.now()) await deps.tombstones.add(grant, end, elsewhereIn(facts));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whose the grant of a record is, if it is of another host. */
function elsewhereIn({ on, session, login }: AnyOwed['facts']): Elsewhere | undefined {
  return on === undefined ? undefined : { host: text(on), session: text(session), login: text(login) };
}

/** How long another host may take to confirm. */
const confirmMs = 5_000;

/** What a host signs when it revokes a grant of another host. With this, the grant's own host need not notice that a key is missing. */
export const revocationShape = object({
  grantId: idShape,
  host: nameShape,
  session: sessionShape,
  login: loginShape,
  end: instantShape,
});

/**
 * Takes over what another host revoked, also for a grant that nobody has used yet.
 * @throws Refused when it cannot be written or Redis does not answer
 */
export async function addRevokedTombstone(
  deps: RevokeDeps,
  revoked: ReturnType<typeof revocationShape>,
): Promise<void> {
  if (revoked === undefined || deps.tombstones.has(revoked.grantId) || revoked.end <= deps.now()) return;
  const { grantId: grant, session, login, end } = revoked;
  const facts = { grant, session, login, by: anotherHost, reason: '' };
  const failed = await writeDown(deps, revokedOf({ id: grant, end }, facts));
  await deps.store.revoke(revoked);
  if (failed !== undefined) throw failed;
}

/**
 * Ends a grant of another host: removes its key and announces a signed revocation to its keeper.
 * @returns whether that host confirmed (if not, the missing key or this host tells it again, until the grant's own end), and on how many
 * servers of the store it stands
 * @throws Refused when something could not be written, or REDIS_DOWN
 */
export async function revokeThere(
  deps: RevokeDeps,
  grant: Grant,
  { by, reason }: Revocation,
): Promise<{ readonly confirmed: boolean; readonly copies: number | undefined }> {
  const { id, host, session, who } = grant;
  const written = await writeDown(
    deps,
    revokedOf(grant, { grant: id, on: host, session, login: who.login, by, reason }),
  );
  const key = { host, session, login: who.login, grantId: id };
  const proof = await proofOf(deps, { ...key, end: grant.end });
  const confirmed = deps.peerConfirmations.expect(host, id, confirmMs);
  const copies = await deps.store.copied(async () => deps.store.revoke(key, proof));
  const ended = await confirmed;
  if (written !== undefined) throw written;
  return { confirmed: ended, copies };
}

type Revoked = NonNullable<ReturnType<typeof revocationShape>>;
const proofOf = async ({ keys }: RevokeDeps, revoked: Revoked): Promise<string> => keys.sign('revocation', revoked);

/** Rule 4; the keeper calls it every few seconds. @throws Refused REDIS_DOWN */
export async function revokeAgain(deps: RevokeDeps): Promise<void> {
  for (const [host, revoked] of Map.groupBy(deps.tombstones.elsewhere(), (one) => one.host)) {
    const back = await idsInStore(deps, host, revoked);
    for (const one of revoked) if (back.has(one.grantId)) await deps.store.revoke(one, await proofOf(deps, one));
  }
}

/** If Redis is away, the tombstone alone holds; the key is deleted when Redis is back. */
async function forget(deps: RevokeDeps, grant: Grant): Promise<number | undefined> {
  const { host, session, who, id } = grant;
  const key = { host, session, login: who.login, grantId: id };
  return deps.store
    .copied(async () => deps.store.revoke(key))
    .catch((error: unknown) => {
      deps.log.warn('revoke-not-in-store', { grant: id, error });
      return undefined;
    });
}
