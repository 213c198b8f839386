// The verb `history`: each request with its reviews, grant, connections and end, from the journal, which nothing expires
// (docs/design.md, "Store"). It is read and printed in a thread of its own (history/worker.ts); this file decides who may read what.
import { noCsvOfFleet } from '../../core/messages/fleet.ts';
import { Refused } from '../../core/refusal.ts';
import { day } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import { queryOf, scopeOf } from '../history/query.ts';
import type { HistoryAnswer } from '../history/render.ts';
import type { Context } from '../context.ts';
import { columnsOf, type Visitor } from '../identity/visitor.ts';
import { actorOf } from '../identity/actor.ts';
import { printAnswer, waitForJournal } from './journal-wait.ts';
import { ofFleet, type FleetListing } from './of-fleet.ts';

const standardBackMs = 7 * day;

/** The rows of this host, for the fleet. @throws Refused BUSY; the reason of the signal */
export const historyFor: FleetListing = async (context, { actor, command, columns, signal }) => {
  const query = { ...queryOf(scopeOf(context, actor), command, context.now(), standardBackMs), columns };
  let lines: readonly string[] = [];
  await context.history.read(actor.person?.login, query, signal, async (answer) => {
    lines = [...answer.lines, ...(query.form === 'table' ? answer.notes : [])];
    return Promise.resolve();
  });
  return lines;
};

/** Shows the answer to the question of the command; with `--fleet`, of every host. @throws Refused BUSY, BAD_COMMAND */
export async function history(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  if (command.fleet === true) return historyOfFleet(context, conversation, visitor, command);
  const actor = await actorOf(context, conversation, visitor);
  const asked = queryOf(scopeOf(context, actor), command, context.now(), standardBackMs);
  const query = { ...asked, columns: columnsOf(visitor) };
  const login = actor.person === undefined ? undefined : visitor.login;
  const show = async (answer: HistoryAnswer): Promise<void> => printAnswer(context, conversation, answer);
  await waitForJournal(conversation, context.history.read(login, query, conversation.gone, show));
}

async function historyOfFleet(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  if (command.csv === true) throw new Refused('BAD_COMMAND', { problem: noCsvOfFleet, host: context.host });
  await ofFleet(context, conversation, { visitor, command, here: historyFor });
}
