// The verbs `whoami` and `help`.
import { groupsUnread, signedInUntil, whoamiLines } from '../../core/messages/listings.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatInstant } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import { helpLines } from '../../wire/help.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { json } from '../../wire/listing.ts';
import { remembered } from '../identity/identify.ts';
import { columnsOf, readerOf, type Visitor } from '../identity/visitor.ts';

/** Shows what is known without a new sign-in, so that it works when the provider does not. */
export async function whoami(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const signIn = visitor.local ? undefined : await remembered(context, visitor);
  const facts = {
    login: visitor.login,
    host: context.host,
    address: sanitizeLine(visitor.address, 64),
    key: visitor.fingerprint === '' ? null : visitor.fingerprint,
    identity: signIn?.claim ?? null,
    groups: signIn?.groups ?? [],
    unreadGroups: signIn?.unreadGroups ?? null,
    signedInUntil: signIn?.until ?? null,
  };
  if (command.json) return conversation.out([json(facts)]);
  conversation.out(
    whoamiLines({
      ...{ login: facts.login, host: facts.host, address: facts.address, key: facts.key ?? undefined },
      identity: signIn && signedInUntil(sanitizeLine(signIn.claim, 120), formatInstant(signIn.until)),
      groups: signIn && groupsOf(signIn, context.config.oidc.claims.groups),
    }),
  );
}

/** With "none" alone, the person would ask for groups that the provider has given them already. */
function groupsOf({ groups, unreadGroups }: SignIn, claim: string): string {
  if (unreadGroups === undefined) return sanitizeLine(groups.join(', '), 300);
  return groupsUnread(sanitizeLine(claim, 64), unreadGroups);
}

/** Shows the help for one verb, or for all. */
export async function help(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  conversation.out(helpLines(readerOf(context, visitor), command.words[0], columnsOf(visitor)));
  return Promise.resolve();
}
