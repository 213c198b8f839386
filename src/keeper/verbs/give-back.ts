// The verb `give-back`: a person who is done ends their own grant early, and with it everything that it keeps open.
import { parseId } from '../../core/ids.ts';
import { isSamePerson } from '../../core/identity.ts';
import type { Grant } from '../../core/grant.ts';
import { Refused } from '../../core/refusal.ts';
import { gaveBack, givenBack, grantProblems, whose } from '../../core/messages/review.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { revokeHere } from '../grants/revoke.ts';
import type { Visitor } from '../identity/visitor.ts';
import { actorOf } from '../identity/actor.ts';

/**
 * Ends the grant.
 * @throws Refused NO_SUCH_GRANT, BAD_COMMAND, CHANGED_MEANWHILE; JOURNAL_DOWN or the like when something could not be written: the grants
 * have ended all the same
 */
export async function giveBack(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const held = new Set(heldBy(context, visitor.login).map(({ session }) => session));
  const { person, name } = await actorOf(context, conversation, visitor);
  if (person === undefined) throw new Refused('NO_SUCH_GRANT', { grant: whose.root, host: context.host });
  const mine = heldBy(context, person.login).filter(({ who }) => isSamePerson(who, person));
  const failed: unknown[] = [];
  for (const grant of meant(context, mine, held, command.words[0])) {
    // A grant whose end cannot be written has ended all the same (revoke, rule 3), so the loop goes on.
    await revokeHere(context, grant, { by: name, reason: givenBack }).catch((error: unknown) => failed.push(error));
    conversation.out([gaveBack(grant)]);
  }
  if (failed.length > 0) throw failed[0];
}

function heldBy(context: Context, login: string): readonly Grant[] {
  const all = context.liveGrants.all().map(({ grant }) => grant);
  return all.filter(({ who }) => who.login === login);
}

/**
 * The grants to end. Without an id, they must all be for one session: a grant and its extensions.
 * @param held the sessions of the login before the sign-in: a grant that came during the sign-in is not what the person is done with
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
    throw new Refused('NO_SUCH_GRANT', { grant: id === undefined ? whose.yours : `"${id}"`, host: context.host });
  const isOne = more.every(({ session }) => session === grant.session);
  if (isOne && id === undefined && !held.has(grant.session))
    throw new Refused('CHANGED_MEANWHILE', { host: context.host });
  if (isOne) return named;
  const problem = grantProblems.several(named.map(({ request }) => request));
  throw new Refused('BAD_COMMAND', { problem, host: context.host });
}
