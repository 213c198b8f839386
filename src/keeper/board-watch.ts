// What Redis says, followed and checked (design section 3).
//
// 1. Events are hints: each only makes this host look for itself. A forged one costs a look.
// 2. The truth about live grants is read anew every few seconds: a grant whose key is missing from a Redis that answers ends at
//    once; from a Redis that does not answer nothing follows.
// 3. A tombstoned id that came back is deleted again (H9).
import type { BoardEvent } from '../adapters/redis/follow.ts';
import { isBreakGlass } from '../core/break-glass.ts';
import { object, text } from '../core/shape.ts';
import type { House } from './house.ts';
import { agree } from './locks.ts';
import { settle } from './visit/grant.ts';
import { revokeHere } from './revoke.ts';

const lookEveryMs = 3_000;

/** Follows until the signal aborts. */
export function watchBoard(house: House, signal: AbortSignal): void {
  void house.board.follow(async (event) => hear(house, event), signal);
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
  if (event.type === 'revoked' && event.fields['host'] === house.host) await revokedElsewhere(house, id);
}

const confirmationShape = object({ id: text(16) });

/** Only that host's own signature confirms: the word of whoever writes to Redis does not (law 8). */
async function confirmed(house: House, { fields }: BoardEvent, id: string): Promise<void> {
  const host = fields['host'] ?? '';
  const read = await house.keys.verify(fields['proof'] ?? '', 'confirmation', confirmationShape, host);
  if (read?.value.id === id) house.confirmations.give(host, id);
}

/** Confirmed once nothing of it is left, also when this host had ended it already. */
async function revokedElsewhere(house: House, id: string): Promise<void> {
  const there = await house.board.live({ host: house.host });
  if (there.some(({ key }) => key.endsWith(`:${id}`))) return;
  const live = house.book.find(id);
  if (live !== undefined) await revokeHere(house, live.grant, { by: 'another host', reason: '' });
  await house.settled();
  await house.board.confirm(house.host, id, await house.keys.sign('confirmation', { id }));
}

/** Rule 2, by the key of each: whatever else somebody put on the board hides nothing. Costs nothing while nothing is live. */
async function look(house: House): Promise<void> {
  await agree(house);
  for (const { grant } of house.book.all()) {
    const { id, host, session, who } = grant;
    if (isBreakGlass(grant)) continue;
    if ((await house.board.live({ host, session, login: who.login, id })).length === 0)
      house.book.remove(id, 'withdrawn', `your grant for ${session} on ${house.host} was withdrawn`);
  }
}

/** Rule 3: when Redis is back, and at the start. */
export async function assertTombstones(house: House): Promise<void> {
  for (const { key } of await house.board.live({})) {
    const [host = '', session = '', login = '', grantId = ''] = key.split(':').slice(-4);
    if (house.tombstones.has(grantId)) await house.board.revoke({ host, session, login, grantId });
  }
}
