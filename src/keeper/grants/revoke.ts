// Taking a grant back (law 5), and knowing that it stays taken.
//
// 1. The tombstone is on disk first: a failover, a restored backup or a replay of Redis can bring the key back, and not the
//    access (H9).
//    Before it stands what is about to be done, by whom and why (outbox, rule 2): a keeper that dies here leaves both to the next one.
// 2. Then the journal, then the live connections, then the board; the answer says of the host whether it confirmed.
// 3. Taking away is never refused: with the tombstones or the journal unwritable the access ends all the same, and the refusal that
//    follows says what could not be written (law 7 guards what opens).
import type { Grant } from '../../core/grant.ts';
import type { Facts, Owed } from '../../core/owed.ts';
import { Refused } from '../../core/refusal.ts';
import { loginShape } from '../../core/ids.ts';
import { idShape, instantShape, nameShape, sessionShape } from '../../core/request.ts';
import { object } from '../../core/shape.ts';
import { sanitizeLine } from '../../core/text.ts';
import { isInStore, type GrantChecksDeps } from './grant-checks.ts';
import type { LiveGrants } from './live-grants.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { PeerConfirmations } from './peer-confirmations.ts';
import type { Reassert } from './reassert.ts';
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
  readonly reassert: Reassert;
  readonly log: Log;
}

export interface Revocation {
  /** Who revoked, in words that the person reads. */
  readonly by: string;
  readonly reason: string;
}

/** Ends a grant of this host. Resolves when nothing of it is left. */
export async function revokeHere(deps: RevokeDeps, grant: Grant, { by, reason }: Revocation): Promise<void> {
  const { id, session, who } = grant;
  const written = await writeDown(deps, revokedOf(grant, { grant: id, session, login: who.login, by, reason }));
  const said = `your access to ${grant.session} on ${deps.host} was revoked by ${by}${reason === '' ? '' : `: ${sanitizeLine(reason, 200)}`}`;
  deps.liveGrants.add({ grant, keyEnd: grant.end });
  deps.liveGrants.remove(grant.id, 'revoked', said);
  await deps.endsSettled();
  await forget(deps, grant);
  if (written !== undefined) throw written;
}

/** The record that is owed for a revocation, and how a keeper that starts buries the grant again. */
function revokedOf({ id, end }: Pick<Grant, 'id' | 'end'>, facts: Facts): Owed {
  return { event: 'revoked', is: { grant: id }, facts, redo: String(end) };
}

/** Rules 1 and 3. @returns what could not be written (yet). */
async function writeDown(deps: RevokeDeps, owed: Owed): Promise<Refused | undefined> {
  await deps.outbox.intend(owed);
  let failed: Refused | undefined;
  const addTombstone = async (): Promise<void> => buryAgain(deps, owed);
  await addTombstone().catch((error: unknown) => {
    failed = error instanceof Refused ? error : new Refused('JOURNAL_DOWN', { host: deps.host }, error);
  });
  // What could not be buried is buried behind its record, as often as it takes.
  const unwritten = await deps.outbox.record(owed, failed === undefined ? undefined : addTombstone);
  return failed ?? unwritten;
}

/** Rule 1: of a revocation that an earlier keeper began as well. */
export async function buryAgain(deps: RevokeDeps, { is, redo }: Pick<Owed, 'is' | 'redo'>): Promise<void> {
  const [grant, end] = [String(is['grant']), Number(redo)];
  if (end > deps.now()) await deps.tombstones.add(grant, end);
}

/** How long another host may take to confirm: milliseconds. */
const confirmMs = 5_000;

/** What a host signs when it takes a grant of another back: the grant's own host needs no key to be missing. */
export const revocationShape = object({
  grantId: idShape,
  host: nameShape,
  session: sessionShape,
  login: loginShape,
  end: instantShape,
});

/** A grant that nobody here has used yet ends as well. */
export async function buryRevoked(deps: RevokeDeps, revoked: ReturnType<typeof revocationShape>): Promise<void> {
  if (revoked === undefined || deps.tombstones.has(revoked.grantId) || revoked.end <= deps.now()) return;
  const { grantId: grant, session, login, end } = revoked;
  const facts = { grant, session, login, by: 'another host', reason: '' };
  const failed = await writeDown(deps, revokedOf({ id: grant, end }, facts));
  await deps.store.revoke(revoked);
  if (failed !== undefined) throw failed;
}

/**
 * Ends a grant of another host: its key goes, its keeper is told, in words that we sign.
 * @returns whether that host confirmed; without that it is told again, by the missing key or by us, until the grant's own end.
 */
export async function revokeThere(deps: RevokeDeps, grant: Grant, { by, reason }: Revocation): Promise<boolean> {
  const { id, host, session, who } = grant;
  const written = await writeDown(
    deps,
    revokedOf(grant, { grant: id, on: host, session, login: who.login, by, reason }),
  );
  const key = { host, session, login: who.login, grantId: id };
  const proof = await deps.keys.sign('revocation', { ...key, end: grant.end });
  const confirmed = deps.peerConfirmations.expect(host, id, confirmMs);
  deps.reassert.on(grant.end, async () => {
    if (await isInStore(deps, grant)) await deps.store.revoke(key, proof);
  });
  await deps.store.revoke(key, proof);
  const ended = await confirmed;
  if (written !== undefined) throw written;
  return ended;
}

/** With Redis away the tombstone holds alone; the key is deleted again when it is back. */
async function forget(deps: RevokeDeps, grant: Grant): Promise<void> {
  const { host, session, who, id } = grant;
  await deps.store.revoke({ host, session, login: who.login, grantId: id }).catch((error: unknown) => {
    deps.log.warn('revoke-not-on-board', { grant: id, error });
  });
}
