// Revoke: ends a grant now. Its owner, an approver of its session, or root. Taking access away is quick on purpose: a live
// sign-in suffices.
import { parseId } from '../../core/ids.ts';
import { effectiveEnd, grantShape, type Grant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import { line } from '../../core/text.ts';
import { formatClock } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import { before } from '../../wire/to-type.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { revokeHere, revokeThere, type Revocation } from '../revoke.ts';
import { readerOf, type Visitor } from '../visit/identify.ts';
import { actorOf, mayTouch, type Actor } from './actor.ts';

export async function revoke(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const actor = await actorOf(house, door, visitor);
  const grant = await find(house, command.words[0] ?? '');
  if (!mayRevoke(house, actor, grant)) throw new Refused('NOT_YOURS', { host: house.host });
  const revocation = { by: actor.name, reason: line(command.reason ?? '', 400) };
  const confirmed = await end(house, door, grant, revocation);
  const said = `Revoked ${grant.id} (request ${grant.request}) of ${line(grant.who.login, 64)} for ${line(grant.session, 32)}.`;
  door.out([
    `${said} ${line(grant.host, 64)}: ${confirmed ? 'confirmed' : 'NOT CONFIRMED; its keeper is told again as soon as it looks'}.`,
    ...stillHeld(house, visitor, grant),
  ]);
}

/** One grant's end never ends another: whoever revokes reads of the extension that goes on. */
function stillHeld(house: House, visitor: Visitor, { session, who }: Grant): readonly string[] {
  const { book, host } = house;
  const live = book.latestFor(who, { host, session, login: who.login });
  if (live === undefined) return [];
  const { request } = live.grant;
  const until = formatClock(effectiveEnd(live));
  return [
    `They still hold ${request} for ${line(session, 32)} until ${until}: ${before('revoke', readerOf(house, visitor))} revoke ${request}`,
  ];
}

async function end(house: House, door: Door, grant: Grant, revocation: Revocation): Promise<boolean> {
  if (grant.host !== house.host) {
    return door.wait(`Waiting for ${grant.host} to confirm`, undefined, async () =>
      revokeThere(house, grant, revocation),
    );
  }
  await revokeHere(house, grant, revocation);
  return true;
}

/** Of a session on another host this host knows no policy: there, who approved it may end it as well. */
function mayRevoke(house: House, actor: Actor, grant: Grant): boolean {
  const { person } = actor;
  if (grant.host === house.host || person === undefined) return mayTouch(house, actor, grant.session, grant.who);
  return [grant.who, ...grant.approvers].some((one) => isSamePerson(one, person));
}

/**
 * By the grant's id or by its request's: both are on screens. What Redis forgot, the book still knows; and what the book does not know
 * (Redis was away when this keeper started, the clock stood beyond its end for a while) still stands on the board.
 */
async function find(house: House, word: string): Promise<Grant> {
  const id = parseId(word) ?? word;
  const named = (grant: Grant): boolean => grant.id === id || grant.request === id;
  const here = house.book.all().find(({ grant }) => named(grant));
  const grant = here?.grant ?? (await onBoard(house)).find(named);
  if (grant === undefined) throw new Refused('NO_SUCH_GRANT', { grant: `"${id}"`, host: house.host });
  return grant;
}

/**
 * A grant is a host's only with that host's signature (law 8); our own among them: one that was not on the board when this keeper
 * started is in no book, and opens all the same.
 */
async function onBoard(house: House): Promise<readonly Grant[]> {
  const entries = await house.board.live({});
  const read = await Promise.all(entries.map(async ({ jws }) => house.keys.verify(jws, 'grant', grantShape)));
  return read.flatMap((one) =>
    one !== undefined && one.host === one.value.host && !house.tombstones.has(one.value.id) ? [one.value] : [],
  );
}
