// The verb `revoke`: ends a grant now, or all grants of a batch. Its owner may, an approver of its session, and root. To take access away must be quick, so a live
// sign-in is enough.
import { parseId } from '../../core/ids.ts';
import { effectiveEnd, type Grant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { hostsSaid, notEndedThere, onHosts } from '../../core/messages/batch.ts';
import {
  confirmed,
  confirmedThere,
  revokedFor,
  revokedOf,
  copiesLine,
  stillHas,
  waitingForHost,
} from '../../core/messages/taking-away.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatClock } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import { before } from '../../wire/to-type.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { allGrants } from '../grants/all-grants.ts';
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
  const found = await find(context, command.words[0] ?? '');
  const grants = found.filter((one) => mayRevoke(context, actor, one));
  if (grants.length === 0) throw new Refused('NOT_YOURS', { host: context.host });
  const revocation = { by: actor.name, reason: sanitizeLine(command.reason ?? '', 400) };
  const [grant, ...others] = grants;
  const revoking = { conversation, visitor, revocation };
  if (grant !== undefined && others.length === 0) conversation.out(await revokeOne(context, revoking, grant));
  else await revokeBatch(context, revoking, grants);
  const left = found.filter((one) => !grants.includes(one)).map(({ host }) => host);
  if (left.length > 0) conversation.out([notEndedThere(left, parseId(command.words[0] ?? '') ?? '')]);
}

interface Revoking {
  readonly conversation: Conversation;
  readonly visitor: Visitor;
  readonly revocation: Revocation;
}

async function revokeOne(
  context: Context,
  { conversation, visitor, revocation }: Revoking,
  grant: Grant,
): Promise<readonly string[]> {
  const ended = await end(context, conversation, grant, revocation);
  return [
    `${revokedOf(namesOf(grant))} ${confirmed(sanitizeLine(grant.host, 64), ended.confirmed)}`,
    ...copiesLine(ended.copies),
    ...stillHeld(context, visitor, grant),
  ];
}

/**
 * Ends the access on all hosts of a batch, at the same time: one that does not answer delays no other.
 * @throws the first refusal, once all of them are done
 */
async function revokeBatch(context: Context, revoking: Revoking, grants: readonly Grant[]): Promise<void> {
  const { conversation, revocation } = revoking;
  const hosts = grants.map(({ host }) => host);
  const ends = await conversation.wait(waitingForHost(hostsSaid(hosts)), undefined, async () =>
    Promise.allSettled(grants.map(async (grant) => endOf(context, grant, revocation))),
  );
  const said = grants.map((grant, at) => {
    const end = ends[at];
    const sure = end?.status === 'fulfilled' && end.value.confirmed;
    const { login, session } = namesOf(grant);
    return { host: grant.host, line: `${revokedFor(login, session)} ${confirmedThere(sure)}` };
  });
  conversation.out(
    [...Map.groupBy(said, ({ line }) => line)].map(([line, same]) =>
      onHosts(
        same.map(({ host }) => host),
        line,
      ),
    ),
  );
  const copies = ends.flatMap((end) => (end.status === 'fulfilled' ? (end.value.copies ?? []) : []));
  if (copies.length > 0) conversation.out(copiesLine(Math.min(...copies)));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason as Error;
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
  if (grant.host === context.host) return endOf(context, grant, revocation);
  return conversation.wait(waitingForHost(grant.host), undefined, async () => endOf(context, grant, revocation));
}

async function endOf(context: Context, grant: Grant, revocation: Revocation): ReturnType<typeof revokeThere> {
  if (grant.host !== context.host) return revokeThere(context, grant, revocation);
  return { confirmed: true, copies: await revokeHere(context, grant, revocation) };
}

/** For a session of another host this host has no policy; there, the grant's owner and its approvers may revoke it. */
function mayRevoke(context: Context, actor: Actor, grant: Grant): boolean {
  const { person } = actor;
  if (grant.host === context.host || person === undefined) return mayTouch(context, actor, grant.session, grant.who);
  return [grant.who, ...grant.approvers].some((one) => isSamePerson(one, person));
}

/**
 * By the id of the grant, of its request, or of the batch of that, since screens show all of them; only a batch has several. Live grants of this
 * keeper first, also if Redis lost them; then those of the store, also if this keeper does not know them (Redis was away when it started, or
 * the clock was past their end for a while).
 * @throws Refused NO_SUCH_GRANT, REDIS_DOWN
 */
async function find(context: Context, word: string): Promise<readonly Grant[]> {
  const id = parseId(word) ?? word;
  const named = (grant: Grant): boolean => grant.id === id || grant.request === id;
  const own = context.liveGrants.all().map(({ grant }) => grant);
  const here = own.find(named);
  if (here !== undefined) return [here];
  const stored = await allGrants(context);
  const there = stored.find(named);
  if (there !== undefined) return [there];
  const ofBatch = new Map([...stored, ...own].filter(({ batch }) => batch === id).map((grant) => [grant.id, grant]));
  if (ofBatch.size === 0) throw new Refused('NO_SUCH_GRANT', { grant: `"${id}"`, host: context.host });
  return [...ofBatch.values()];
}
