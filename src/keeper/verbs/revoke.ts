// The verb `revoke`: ends a grant now. Its owner may, an approver of its session, and root. To take access away must be quick, so a live
// sign-in is enough.
import { parseId } from '../../core/ids.ts';
import { effectiveEnd, grantShape, type Grant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { confirmed, revokedOf, copiesLine, stillHas, waitingForHost } from '../../core/messages/taking-away.ts';
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

/**
 * Ends a grant of this or another host, and says whether that host confirmed.
 * @throws Refused NO_SUCH_GRANT, NOT_YOURS, REDIS_DOWN; JOURNAL_DOWN or the like when something could not be written: the grant has ended
 * all the same
 */
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
  const ended = await end(context, conversation, grant, revocation);
  conversation.out([
    `${revokedOf(namesOf(grant))} ${confirmed(sanitizeLine(grant.host, 64), ended.confirmed)}`,
    ...copiesLine(ended.copies),
    ...stillHeld(context, visitor, grant),
  ]);
}

function namesOf(grant: Grant): Parameters<typeof revokedOf>[0] {
  const names = { login: sanitizeLine(grant.who.login, 64), session: sanitizeLine(grant.session, 32) };
  return { grant: grant.id, request: grant.request, ...names };
}

/** The end of one grant does not end another: whoever revokes is told of an extension that is still live. */
function stillHeld(context: Context, visitor: Visitor, { session, who }: Grant): readonly string[] {
  const { liveGrants, host } = context;
  const live = liveGrants.latestFor(who, { host, session, login: who.login });
  if (live === undefined) return [];
  const { request } = live.grant;
  const until = formatClock(effectiveEnd(live));
  const command = `${before('revoke', readerOf(context, visitor))} revoke ${request}`;
  return [stillHas(sanitizeLine(who.login, 64), sanitizeLine(session, 32), until, command)];
}

async function end(
  context: Context,
  conversation: Conversation,
  grant: Grant,
  revocation: Revocation,
): ReturnType<typeof revokeThere> {
  if (grant.host !== context.host) {
    return conversation.wait(waitingForHost(grant.host), undefined, async () =>
      revokeThere(context, grant, revocation),
    );
  }
  return { confirmed: true, copies: await revokeHere(context, grant, revocation) };
}

/** For a session of another host this host has no policy; there, the grant's owner and its approvers may revoke it. */
function mayRevoke(context: Context, actor: Actor, grant: Grant): boolean {
  const { person } = actor;
  if (grant.host === context.host || person === undefined) return mayTouch(context, actor, grant.session, grant.who);
  return [grant.who, ...grant.approvers].some((one) => isSamePerson(one, person));
}

/**
 * By the id of the grant or of its request, since screens show both. Live grants of this keeper first, also if Redis lost them; then those
 * of the store, also if this keeper does not know them (Redis was away when it started, or the clock was past their end for a while).
 * @throws Refused NO_SUCH_GRANT, REDIS_DOWN
 */
async function find(context: Context, word: string): Promise<Grant> {
  const id = parseId(word) ?? word;
  const named = (grant: Grant): boolean => grant.id === id || grant.request === id;
  const here = context.liveGrants.all().find(({ grant }) => named(grant));
  const grant = here?.grant ?? (await inStore(context)).find(named);
  if (grant === undefined) throw new Refused('NO_SUCH_GRANT', { grant: `"${id}"`, host: context.host });
  return grant;
}

/**
 * The grants of the store, each with the signature of its own host (law 8). Those of this host are among them: this keeper may have started
 * while the store did not have one, and a visit may use it all the same.
 */
async function inStore(context: Context): Promise<readonly Grant[]> {
  const entries = await context.store.live({});
  const read = await Promise.all(entries.map(async ({ jws }) => context.keys.verify(jws, 'grant', grantShape)));
  return read.flatMap((one) =>
    one !== undefined && one.host === one.value.host && !context.tombstones.has(one.value.id) ? [one.value] : [],
  );
}
