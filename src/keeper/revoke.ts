// Taking a grant back (law 5), and knowing that it stays taken.
//
// 1. The tombstone is on disk first: a failover, a restored backup or a replay of Redis can bring the key back, and not the
//    access (H9).
// 2. Then the journal, then the live connections, then the board; the answer says of the host whether it confirmed.
// 3. Taking away is never refused: with the tombstones or the journal unwritable the access ends all the same, and the refusal that
//    follows says what could not be written (law 7 guards what opens).
import type { Grant } from '../core/grant.ts';
import { Refused } from '../core/refusal.ts';
import { idShape, instantShape, nameShape, sessionShape } from '../core/request.ts';
import { object } from '../core/shape.ts';
import { line } from '../core/text.ts';
import type { House } from './house.ts';
import { isOnBoard } from './visit/grant.ts';

export interface Revocation {
  /** Who revoked, in words that the person reads. */
  readonly by: string;
  readonly reason: string;
}

/** Ends a grant of this host. Resolves when nothing of it is left. */
export async function revokeHere(house: House, grant: Grant, { by, reason }: Revocation): Promise<void> {
  const { id, session, who } = grant;
  const written = await writeDown(house, grant, { grant: id, session, login: who.login, by, reason });
  const said = `your access to ${grant.session} on ${house.host} was revoked by ${by}${reason === '' ? '' : `: ${line(reason, 200)}`}`;
  house.book.add({ grant, keyEnd: grant.end });
  house.book.remove(grant.id, 'revoked', said);
  await house.settled();
  await forget(house, grant);
  if (written !== undefined) throw written;
}

/** Rules 1 and 3. @returns what could not be written. */
async function writeDown(house: House, grant: Grant, facts: Record<string, unknown>): Promise<Error | undefined> {
  const steps = [
    async () => house.tombstones.bury(grant.id, grant.end),
    async () => house.journal.write('revoked', facts),
  ];
  let failed: Error | undefined;
  for (const step of steps) {
    await step().catch((error: unknown) => {
      failed ??= error instanceof Refused ? error : new Refused('JOURNAL_DOWN', { host: house.host }, error);
    });
  }
  return failed;
}

/** How long another host may take to confirm: milliseconds. */
const confirmMs = 5_000;

/** What a host signs when it takes a grant of another back: the grant's own host needs no key to be missing. */
export const revocationShape = object({
  grantId: idShape,
  host: nameShape,
  session: sessionShape,
  login: nameShape,
  end: instantShape,
});

/** A grant that nobody here has used yet ends as well. */
export async function buryRevoked(house: House, revoked: ReturnType<typeof revocationShape>): Promise<void> {
  if (revoked === undefined || house.tombstones.has(revoked.grantId) || revoked.end <= house.now()) return;
  await house.tombstones.bury(revoked.grantId, revoked.end);
  const { grantId: grant, session, login } = revoked;
  await house.journal.write('revoked', { grant, session, login, by: 'another host', reason: '' });
  await house.board.revoke(revoked);
}

/**
 * Ends a grant of another host: its key goes, its keeper is told, in words that we sign.
 * @returns whether that host confirmed; without that it is told again, by the missing key or by us, until the grant's own end.
 */
export async function revokeThere(house: House, grant: Grant, { by, reason }: Revocation): Promise<boolean> {
  const { id, host, session, who } = grant;
  const written = await writeDown(house, grant, { grant: id, on: host, session, login: who.login, by, reason });
  const key = { host, session, login: who.login, grantId: id };
  const proof = await house.keys.sign('revocation', { ...key, end: grant.end });
  const confirmed = house.confirmations.expect(host, id, confirmMs);
  house.insist.on(grant.end, async () => {
    if (await isOnBoard(house, grant)) await house.board.revoke(key, proof);
  });
  await house.board.revoke(key, proof);
  const ended = await confirmed;
  if (written !== undefined) throw written;
  return ended;
}

/** With Redis away the tombstone holds alone; the key is deleted again when it is back. */
async function forget(house: House, grant: Grant): Promise<void> {
  const { host, session, who, id } = grant;
  await house.board.revoke({ host, session, login: who.login, grantId: id }).catch((error: unknown) => {
    house.log.warn('revoke-not-on-board', { grant: id, error });
  });
}
