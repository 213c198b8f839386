// The table of verbs: each has its handler, and wire/verbs.ts says which are for root alone. A word that is not in it opens nothing
// (law 1).
import { Refused } from '../core/refusal.ts';
import { commandLimit } from '../wire/frames.ts';
import { parseCommand, type Command, type Parsed } from '../wire/grammar.ts';
import type { Hello } from '../wire/messages.ts';
import { mistyped } from '../wire/mistyped.ts';
import { specOf, type VerbName } from '../wire/verbs.ts';
import type { Conversation } from './conversation.ts';
import type { Context } from './context.ts';
import { checkLockPolicy } from './identity/check-lock.ts';
import { help, whoami } from './verbs/about.ts';
import { breakGlass } from './verbs/break-glass.ts';
import { extend } from './verbs/extend.ts';
import { giveBack } from './verbs/give-back.ts';
import { history } from './verbs/history.ts';
import { keys } from './verbs/keys.ts';
import { connections, grants, requests, sessions } from './verbs/listings.ts';
import { accessReview } from './verbs/access-review.ts';
import { lock, locks, unlock } from './verbs/lock.ts';
import { request } from './verbs/request.ts';
import { approve, deny } from './verbs/review.ts';
import { hold, purge, release } from './verbs/keep-recording.ts';
import { replay } from './verbs/replay.ts';
import { reading } from './verbs/reading.ts';
import { reload } from './verbs/reload.ts';
import { revoke } from './verbs/revoke.ts';
import { status } from './verbs/status.ts';
import { unpin } from './verbs/unpin.ts';
import { withdraw } from './verbs/withdraw.ts';
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

/** A verb's handler, and for docs/verbs.md who may use the verb, and how. */
export interface VerbRow {
  readonly run: Handler;
  readonly who: string;
  /** Whether a terminal is needed over ssh: `ssh -t`. */
  readonly terminal?: true;
  /** On the host, where that is not `tmux-gate VERB` by root; `-`: not at all. */
  readonly onHost?: string;
}

const person = 'by a person behind sudo, not by root itself';
const anyLogin = 'every gated login, without a sign-in; root';
const own = 'the owner; approvers of the session; root';
const eachSees = 'everybody their own and what they may review; root: all';

export const handlers: Readonly<Record<VerbName, VerbRow>> = {
  attach: { run: visit, who: 'members of a group in `who` of the session', terminal: true, onHost: '-' },
  request: {
    run: request,
    who: 'members of a group in `who` of the session, by the policy of each of the hosts',
    onHost: person,
  },
  withdraw: { run: withdraw, who: 'whoever asked', onHost: person },
  requests: { run: requests, who: eachSees },
  approve: { run: approve, who: 'approvers of the session, never whoever asked; a new sign-in', onHost: person },
  deny: { run: deny, who: 'approvers of the session, never whoever asked; a new sign-in', onHost: person },
  revoke: { run: revoke, who: `${own}; of another host: the owner, whoever approved it, root` },
  extend: { run: extend, who: 'the owner of a live grant', onHost: person },
  'give-back': { run: giveBack, who: 'the owner of a live grant', onHost: '-' },
  'break-glass': {
    run: breakGlass,
    who: 'SESSION: every gated login that has a code; `review`: approvers of the session, with a new sign-in, never whoever used it, and root; the rest: root',
    terminal: true,
    onHost: 'by root, all but SESSION',
  },
  grants: { run: grants, who: eachSees },
  connections: { run: connections, who: `${eachSees}; auditors: what they may follow` },
  watch: { run: watch, who: `${eachSees}; its keys act as the verbs`, terminal: true },
  sessions: { run: sessions, who: 'every gated login: those that they may ask for; root: all' },
  whoami: { run: whoami, who: anyLogin },
  status: { run: status, who: anyLogin },
  history: { run: history, who: eachSees },
  review: {
    run: accessReview,
    who: 'approvers of the session, with a new sign-in for `--looked-at`; root, who signs off nothing',
    onHost: 'by root; `--looked-at` by a person behind sudo',
  },
  replay: {
    run: replay,
    who: 'auditors of the session, never of their own connection; after a sign-in',
    terminal: true,
    onHost: 'by root, as below',
  },
  lock: { run: lock, who: 'whoever may approve for a session of this host; root' },
  unlock: {
    run: unlock,
    who: 'whoever may approve for a session of this host, with a new sign-in, never for their own login or identity; root',
  },
  locks: { run: locks, who: 'whoever may approve for a session of this host; root' },
  unpin: { run: unpin, who: 'root' },
  reload: { run: reload, who: 'root' },
  keys: { run: keys, who: 'root' },
  reading: { run: reading, who: 'root' },
  hold: { run: hold, who: 'root' },
  release: { run: release, who: 'root' },
  purge: { run: purge, who: 'root' },
  help: { run: help, who: 'everybody', onHost: 'by everybody' },
};

type Unread = Exclude<Parsed, { readonly command: Command }>;

const unread = (context: Context, { code, names }: Unread): Refused =>
  new Refused(code, { host: context.host, ...names });

/** Identifies the login, reads the command, checks rights and locks, and runs the handler. @returns the exit code. @throws Refused */
export async function dispatch(context: Context, conversation: Conversation, hello: Hello): Promise<number> {
  const visitor = await identify(context, hello);
  if (hello.tooLong !== undefined)
    throw new Refused('COMMAND_TOO_LONG', { max: commandLimit, host: context.host }, `${hello.tooLong} characters`);
  const parsed = parseCommand(hello.command);
  if (!('command' in parsed))
    throw mistyped(readerOf(context, visitor), parsed.names['word']) ?? unread(context, parsed);
  const { command } = parsed;
  const rootOnly = specOf(command.verb).local === true;
  if (rootOnly && !isRoot(visitor)) throw new Refused('LOCAL_ONLY', { word: command.verb, host: context.host });
  checkLockPolicy(context, visitor, command.verb);
  const { verb } = command;
  return (
    (await context.eventLoop.during(verb, async () => handlers[verb].run(context, conversation, visitor, command))) ?? 0
  );
}

/** What the sockets call for each conversation. */
export function handlersOf(context: Context): Handlers {
  return {
    dispatch: async (conversation, hello) => dispatch(context, conversation, hello),
    stay: async (conversation, connection) => stay(context, conversation, connection),
  };
}
