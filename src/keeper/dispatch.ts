// The table of verbs: each has its handler, and wire/verbs.ts says which are for root alone. A word that is not in it opens nothing
// (law 1).
import { Refused } from '../core/refusal.ts';
import { parseCommand, type Command, type Parsed } from '../wire/grammar.ts';
import type { Hello } from '../wire/messages.ts';
import { mistyped } from '../wire/mistyped.ts';
import { specOf, type VerbName } from '../wire/verbs.ts';
import type { Conversation } from './conversation.ts';
import type { Context } from './context.ts';
import { checkLockPolicy } from './identity/check-lock.ts';
import { help, status, whoami } from './verbs/about.ts';
import { breakGlass } from './verbs/break-glass.ts';
import { extend } from './verbs/extend.ts';
import { giveBack } from './verbs/give-back.ts';
import { history } from './verbs/history.ts';
import { connections, grants, requests, sessions } from './verbs/listings.ts';
import { lock, locks, unlock } from './verbs/lock.ts';
import { approve, deny } from './verbs/review.ts';
import { revoke } from './verbs/revoke.ts';
import { unpin } from './verbs/unpin.ts';
import { watch } from './dashboard/watch.ts';
import { identify } from './identity/identify.ts';
import { isRoot, readerOf, type Visitor } from './identity/visitor.ts';
import type { Handlers } from './server/listen.ts';
import { stay } from './visit/stay.ts';
import { visit } from './visit/visit.ts';

/** Carries out a verb. @returns the exit code, if it is not 0. @throws Refused */
export type Handler = (
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
) => Promise<number> | Promise<void>;

/** The handler of each verb. */
export const handlers: Readonly<Record<VerbName, Handler>> = {
  attach: visit,
  requests,
  approve,
  deny,
  revoke,
  extend,
  'give-back': giveBack,
  grants,
  connections,
  watch,
  sessions,
  whoami,
  status,
  history,
  'break-glass': breakGlass,
  lock,
  unlock,
  locks,
  unpin,
  help,
};

type Unread = Exclude<Parsed, { readonly command: Command }>;

const unread = (context: Context, { code, names }: Unread): Refused =>
  new Refused(code, { host: context.host, ...names });

/** Identifies the login, reads the command, checks rights and locks, and runs the handler. @returns the exit code. @throws Refused */
export async function dispatch(context: Context, conversation: Conversation, hello: Hello): Promise<number> {
  const visitor = await identify(context, hello);
  if (hello.tooLong !== undefined)
    throw new Refused('COMMAND_TOO_LONG', { max: 4096, host: context.host }, `${hello.tooLong} characters`);
  const parsed = parseCommand(hello.command);
  if (!('command' in parsed))
    throw mistyped(readerOf(context, visitor), parsed.names['word']) ?? unread(context, parsed);
  const { command } = parsed;
  const rootOnly = specOf(command.verb).local === true;
  if (rootOnly && !isRoot(visitor)) throw new Refused('LOCAL_ONLY', { word: command.verb, host: context.host });
  checkLockPolicy(context, visitor, command.verb);
  const { verb } = command;
  return (
    (await context.eventLoop.during(verb, async () => handlers[verb](context, conversation, visitor, command))) ?? 0
  );
}

/** What the sockets call for each conversation. */
export function handlersOf(context: Context): Handlers {
  return {
    dispatch: async (conversation, hello) => dispatch(context, conversation, hello),
    stay: async (conversation, connection) => stay(context, conversation, connection),
  };
}
