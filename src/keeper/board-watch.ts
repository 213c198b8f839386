// What Redis says, followed and checked (design section 3).
//
// 1. Events are hints: each only makes this host look for itself. A forged one costs a look.
// 2. The truth about live grants is read anew every few seconds: a grant whose key is missing from a Redis that answers ends at
//    once; from a Redis that does not answer nothing follows.
// 3. A tombstoned id that came back is deleted again (H9).
// 4. Withdrawn once is withdrawn: it is buried, so that a key that is put back opens nothing, also after a restart.
// 5. A revocation that a peer signed ends the grant whatever its key says: put back at once, it would outlive the revocation.
// 6. Confirmed is only what is buried here, and therefore stays true. Attack: a confirmation that was drawn out of this host while
//    a key was away, kept for the day when the grant is revoked.
import type { BoardEvent } from '../adapters/redis/follow.ts';
import { isBreakGlass } from '../core/break-glass.ts';
import type { Grant } from '../core/grant.ts';
import { idShape } from '../core/request.ts';
import { object } from '../core/shape.ts';
import type { House } from './house.ts';
import { agree } from './locks.ts';
import { isOnBoard, settle } from './visit/grant.ts';
import { buryRevoked, revocationShape, revokeHere } from './revoke.ts';

const lookEveryMs = 3_000;

/** Follows until the signal aborts. */
export function watchBoard(house: House, signal: AbortSignal): void {
  void house.board.follow(async (event) => hear(house, event).finally(() => house.watchers.stir()), signal);
  const timer = setInterval(
    () => void look(house).catch((error: unknown) => house.log.warn('board-look-failed', { error })),
    lookEveryMs,
  );
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** Rule 1. */
async function hear(house: House, event: BoardEvent): Promise<void> {
  const id = event.fields['id'] ?? '';
  if (event.type === 'reviewed' || event.type === 'denied') await settle(house, id);
  if (event.type === 'locked') await agree(house);
  if (event.type === 'confirmed') await confirmed(house, event, id);
  if (event.type === 'revoked' && event.fields['host'] === house.host) await revokedElsewhere(house, event, id);
}

const confirmationShape = object({ id: idShape });

/** Only that host's own signature confirms: the word of whoever writes to Redis does not (law 8). */
async function confirmed(house: House, { fields }: BoardEvent, id: string): Promise<void> {
  const host = fields['host'] ?? '';
  const read = await house.keys.verify(fields['proof'] ?? '', 'confirmation', confirmationShape, host);
  if (read?.value.id === id) house.confirmations.give(host, id);
}

/** Rules 5 and 6. Confirmed once nothing of it is left, also when this host had ended it already. */
async function revokedElsewhere(house: House, { fields }: BoardEvent, id: string): Promise<void> {
  const said = await house.keys.verify(fields['proof'] ?? '', 'revocation', revocationShape);
  const proved = said?.value.grantId === id && said.value.host === house.host ? said.value : undefined;
  const live = house.book.find(id);
  if (live === undefined) await buryRevoked(house, proved);
  else if (proved !== undefined || !(await stands(house, live.grant)))
    await revokeHere(house, live.grant, { by: 'another host', reason: '' });
  if (!house.tombstones.has(id)) return;
  await house.settled();
  await house.board.confirm(house.host, id, await house.keys.sign('confirmation', { id }));
}

/** Break-glass never was on the board: nothing that is missing there ends it. */
async function stands(house: House, grant: Grant): Promise<boolean> {
  return isBreakGlass(grant) || (await isOnBoard(house, grant));
}

/** Rules 2 and 4, by the key of each. Costs nothing while nothing is live. */
async function look(house: House): Promise<void> {
  await agree(house);
  for (const { grant } of house.book.all()) {
    if (await stands(house, grant)) continue;
    await house.tombstones.bury(grant.id, grant.end).catch((error: unknown) => {
      house.log.error('withdrawal-not-buried', { grant: grant.id, error });
    });
    house.book.remove(grant.id, 'withdrawn', `your grant for ${grant.session} on ${house.host} was withdrawn`);
  }
  await house.insist.turn();
}

/** Rule 3: when Redis is back, and at the start. */
export async function assertTombstones(house: House): Promise<void> {
  for (const { key } of await house.board.live({})) {
    const [host = '', session = '', login = '', grantId = ''] = key.split(':').slice(-4);
    if (!house.tombstones.has(grantId)) continue;
    // A key of odd names, planted for its end, must not keep the others.
    await house.board.revoke({ host, session, login, grantId }).catch((error: unknown) => {
      house.log.warn('tombstone-not-asserted', { error });
    });
  }
}
