// One table: verb -> whether it is root's alone -> handler. What is not in it opens nothing.
import { Refused } from '../core/refusal.ts';
import { parseCommand, type Command, type Parsed } from '../wire/grammar.ts';
import type { Hello } from '../wire/messages.ts';
import { mistyped } from '../wire/mistyped.ts';
import { specOf, type VerbName } from '../wire/verbs.ts';
import type { Door } from './door.ts';
import type { House } from './house.ts';
import { checkOpen } from './open.ts';
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
import { watch } from './verbs/watch.ts';
import { identify, isRoot, readerOf, type Visitor } from './visit/identify.ts';
import { visit } from './visit/receive.ts';

/** @returns the exit code, where it is not 0. @throws Refused */
export type Handler = (house: House, door: Door, visitor: Visitor, command: Command) => Promise<number> | Promise<void>;

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

const unread = (house: House, { code, names }: Unread): Refused => new Refused(code, { host: house.host, ...names });

/** From the first line of a conversation to its exit code. @throws Refused */
export async function dispatch(house: House, door: Door, hello: Hello): Promise<number> {
  const visitor = await identify(house, hello);
  if (hello.tooLong !== undefined)
    throw new Refused('COMMAND_TOO_LONG', { max: 4096, host: house.host }, `${hello.tooLong} characters`);
  const parsed = parseCommand(hello.command);
  if (!('command' in parsed)) throw mistyped(readerOf(house, visitor), parsed.names['word']) ?? unread(house, parsed);
  const { command } = parsed;
  const rootOnly = specOf(command.verb).local === true;
  if (rootOnly && !isRoot(visitor)) throw new Refused('LOCAL_ONLY', { word: command.verb, host: house.host });
  checkOpen(house, visitor, command.verb);
  const { verb } = command;
  return (await house.loop.during(verb, async () => handlers[verb](house, door, visitor, command))) ?? 0;
}
