// Give back: a person who is done ends their own grant early, and with it what it keeps open.
import { parseId } from '../../core/ids.ts';
import { isSamePerson } from '../../core/identity.ts';
import type { Grant } from '../../core/grant.ts';
import { Refused } from '../../core/refusal.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { revokeHere } from '../grants/revoke.ts';
import type { Visitor } from '../identity/visitor.ts';
import { actorOf } from '../identity/actor.ts';

export async function giveBack(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const held = new Set(heldBy(context, visitor.login).map(({ session }) => session));
  const { person, name } = await actorOf(context, conversation, visitor);
  if (person === undefined) throw new Refused('NO_SUCH_GRANT', { grant: 'of root', host: context.host });
  const mine = heldBy(context, person.login).filter(({ who }) => isSamePerson(who, person));
  const failed: unknown[] = [];
  for (const grant of meant(context, mine, held, command.words[0])) {
    // Also where it cannot be written it has ended (revoke, rule 3), and the next one ends as well.
    await revokeHere(context, grant, { by: name, reason: 'given back' }).catch((error: unknown) => failed.push(error));
    conversation.out([`Gave back ${grant.id} (request ${grant.request}) for ${grant.session}.`]);
  }
  if (failed.length > 0) throw failed[0];
}

function heldBy(context: Context, login: string): readonly Grant[] {
  const all = context.liveGrants.all().map(({ grant }) => grant);
  return all.filter(({ who }) => who.login === login);
}

/**
 * Without an id only one may be meant, with what extends it.
 * @param held the sessions that were theirs when they came: what they got while they signed in is not what they are done with.
 * @throws Refused
 */
function meant(
  context: Context,
  mine: readonly Grant[],
  held: ReadonlySet<string>,
  word: string | undefined,
): readonly Grant[] {
  const id = word === undefined ? undefined : (parseId(word) ?? word);
  const named = mine.filter((grant) => id === undefined || grant.id === id || grant.request === id);
  const [grant, ...more] = named;
  if (grant === undefined)
    throw new Refused('NO_SUCH_GRANT', { grant: id === undefined ? 'of yours' : `"${id}"`, host: context.host });
  const isOne = more.every(({ session }) => session === grant.session);
  if (isOne && id === undefined && !held.has(grant.session))
    throw new Refused('CHANGED_MEANWHILE', { host: context.host });
  if (isOne) return named;
  const ids = named.map(({ request }) => request).join(', ');
  throw new Refused('BAD_COMMAND', { problem: `you hold several; name one: ${ids}`, host: context.host });
}
