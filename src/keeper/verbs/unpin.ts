// Unpin: root says that a login belongs to somebody else from now on. The old person's sign-ins go with the pin.
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import { forgetSignIns } from '../identity/forget-sign-ins.ts';
import type { Context } from '../context.ts';
import type { Visitor } from '../identity/visitor.ts';

export async function unpin(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const login = command.words[0] ?? '';
  await context.journal.write('unpinned', { login, by: visitor.login });
  const had = await context.pins.remove(login);
  await forgetSignIns(context, login);
  conversation.out([had ? `Login ${login} is pinned anew at its next sign-in.` : `Login ${login} was not pinned.`]);
}
