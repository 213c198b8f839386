// Revoke: ends a grant now. Its owner, an approver of its session, or root. Taking access away is quick on purpose: a live
// sign-in suffices.
import { parseId } from '../../core/ids.ts';
import { effectiveEnd, grantShape, type Grant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatClock } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import { before } from '../../wire/to-type.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { revokeHere, revokeThere, type Revocation } from '../grants/revoke.ts';
import { readerOf, type Visitor } from '../identity/visitor.ts';
import { actorOf, type Actor } from '../identity/actor.ts';
import { mayTouch } from '../identity/visible.ts';

export async function revoke(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const actor = await actorOf(context, conversation, visitor);
  const grant = await find(context, command.words[0] ?? '');
  if (!mayRevoke(context, actor, grant)) throw new Refused('NOT_YOURS', { host: context.host });
  const revocation = { by: actor.name, reason: sanitizeLine(command.reason ?? '', 400) };
  const confirmed = await end(context, conversation, grant, revocation);
  const said = `Revoked ${grant.id} (request ${grant.request}) of ${sanitizeLine(grant.who.login, 64)} for ${sanitizeLine(grant.session, 32)}.`;
  conversation.out([
    `${said} ${sanitizeLine(grant.host, 64)}: ${confirmed ? 'confirmed' : 'NOT CONFIRMED; its keeper is told again as soon as it looks'}.`,
    ...stillHeld(context, visitor, grant),
  ]);
}

/** One grant's end never ends another: whoever revokes reads of the extension that goes on. */
function stillHeld(context: Context, visitor: Visitor, { session, who }: Grant): readonly string[] {
  const { liveGrants, host } = context;
  const live = liveGrants.latestFor(who, { host, session, login: who.login });
  if (live === undefined) return [];
  const { request } = live.grant;
  const until = formatClock(effectiveEnd(live));
  return [
    `They still hold ${request} for ${sanitizeLine(session, 32)} until ${until}: ${before('revoke', readerOf(context, visitor))} revoke ${request}`,
  ];
}

async function end(
  context: Context,
  conversation: Conversation,
  grant: Grant,
  revocation: Revocation,
): Promise<boolean> {
  if (grant.host !== context.host) {
    return conversation.wait(`Waiting for ${grant.host} to confirm`, undefined, async () =>
      revokeThere(context, grant, revocation),
    );
  }
  await revokeHere(context, grant, revocation);
  return true;
}

/** Of a session on another host this host knows no policy: there, who approved it may end it as well. */
function mayRevoke(context: Context, actor: Actor, grant: Grant): boolean {
  const { person } = actor;
  if (grant.host === context.host || person === undefined) return mayTouch(context, actor, grant.session, grant.who);
  return [grant.who, ...grant.approvers].some((one) => isSamePerson(one, person));
}

/**
 * By the grant's id or by its request's: both are on screens. What Redis forgot, the book still knows; and what the book does not know
 * (Redis was away when this keeper started, the clock stood beyond its end for a while) still stands on the board.
 */
async function find(context: Context, word: string): Promise<Grant> {
  const id = parseId(word) ?? word;
  const named = (grant: Grant): boolean => grant.id === id || grant.request === id;
  const here = context.liveGrants.all().find(({ grant }) => named(grant));
  const grant = here?.grant ?? (await onBoard(context)).find(named);
  if (grant === undefined) throw new Refused('NO_SUCH_GRANT', { grant: `"${id}"`, host: context.host });
  return grant;
}

/**
 * A grant is a host's only with that host's signature (law 8); our own among them: one that was not on the board when this keeper
 * started is in no book, and opens all the same.
 */
async function onBoard(context: Context): Promise<readonly Grant[]> {
  const entries = await context.store.live({});
  const read = await Promise.all(entries.map(async ({ jws }) => context.keys.verify(jws, 'grant', grantShape)));
  return read.flatMap((one) =>
    one !== undefined && one.host === one.value.host && !context.tombstones.has(one.value.id) ? [one.value] : [],
  );
}
