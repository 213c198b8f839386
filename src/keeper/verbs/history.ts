// The verb `history`: each request with its reviews, grant, connections and end, from the journal, which nothing expires
// (docs/design.md, "Store"). It is read and printed in a thread of its own (history/worker.ts); this file decides who may read what.
import { day } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import { queryOf, scopeOf } from '../history/query.ts';
import type { HistoryAnswer } from '../history/render.ts';
import type { Context } from '../context.ts';
import { columnsOf, type Visitor } from '../identity/visitor.ts';
import { actorOf } from '../identity/actor.ts';
import { printAnswer, waitForJournal } from './journal-wait.ts';

const standardBackMs = 7 * day;

/** Shows the answer to the question of the command. @throws Refused BUSY */
export async function history(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const actor = await actorOf(context, conversation, visitor);
  const asked = queryOf(scopeOf(context, actor), command, context.now(), standardBackMs);
  const query = { ...asked, columns: columnsOf(visitor) };
  const login = actor.person === undefined ? undefined : visitor.login;
  const show = async (answer: HistoryAnswer): Promise<void> => printAnswer(context, conversation, answer);
  await waitForJournal(conversation, context.history.read(login, query, conversation.gone, show));
}
