// The verb `unpin`: root says that a login belongs to somebody else from now on. The sign-ins of the person before end with the pin.
import { unpinned, wasNotPinned } from '../../core/messages/taking-away.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import { forgetSignIns } from '../identity/forget-sign-ins.ts';
import type { Context } from '../context.ts';
import type { Visitor } from '../identity/visitor.ts';

/** Removes the pin and ends the sign-ins. @throws Refused JOURNAL_DOWN; then nothing was changed */
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
  conversation.out([had ? unpinned(login) : wasNotPinned(login)]);
}
