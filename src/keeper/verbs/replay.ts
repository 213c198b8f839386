// The verb `replay ID --follow`: an auditor follows somebody's live connection, read-only.
//
// 1. The journal has who follows what and why before the first picture (law 7). Attack: somebody looks, and leaves no trace.
// 2. Only whom `auditors` of the session names, by a sign-in (core/auditors.ts), and never their own connection (`isOwn`). Whoever may not is told the
//    same of a connection that is live and of one that never was. Attack: ids are tried, to learn who works where.
// 3. It is asked again each second while somebody follows: lock, sign-in, groups, duty, sudo's rule. Attack: an auditor who lost their rights
//    leaves the terminal open.
// 4. Following ends: with the connection, with the sign-in, and after the longest access of the session (law 4).
// 5. The only thing that comes back from the auditor's gate is that a picture was taken, the terminal's size, and that they leave. None of it
//    goes further than the thread that draws. Attack: what an auditor types reaches the session.
import { auditRule, isAuditor } from '../../core/auditors.ts';
import { isBreakGlass } from '../../core/break-glass.ts';
import { isOwn } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { askWhyFollow, connectionOver } from '../../core/messages/recordings.ts';
import { personName } from '../../core/person-name.ts';
import { sessionOf } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import { personOf, type SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatDuration, second } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Connection } from '../connections/connection.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { actorOf } from '../identity/actor.ts';
import { checkLockPolicy } from '../identity/check-lock.ts';
import { identify } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import type { DrawTask } from '../recordings/drawer.ts';
import type { Drawing } from '../recordings/drawing.ts';

const longestReason = 400;
/** How long a terminal may take nothing: milliseconds. */
const stuckMs = 30 * second;

/** What somebody may follow, and by which rule. */
interface Followed {
  readonly connection: Connection;
  readonly policy: SessionPolicy;
  readonly rule: string;
}

/** Shows a live connection until it ends or the auditor leaves. @throws Refused */
export async function replay(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const { host } = context;
  const word = sanitizeLine(command.words[0] ?? '', 16);
  const names = { host, connection: word };
  if (command.follow !== true) throw new Refused('FOLLOW_ONLY', names);
  if (visitor.local) throw new Refused('SSH_ONLY', { host });
  const { tty, term } = visitor.hello;
  if (!tty || (await context.terminfo.termFor(term)) === undefined) throw new Refused('FOLLOW_TERMINAL', names);
  const { person } = await actorOf(context, conversation, visitor);
  if (person === undefined) throw new Refused('SSH_ONLY', { host });
  const { connection } = await followable(context, person, word);
  const { id } = connection.state;
  const reason = await reasonOf(conversation, command);
  if (reason === '') throw new Refused('FOLLOW_REASON', names);
  await context.drawings.hold({ login: visitor.login, connection: id }, async () => {
    // The person may have taken their time, or lost their right, since they were asked (law 7).
    checkLockPolicy(context, visitor, 'replay');
    const { rule, policy } = await followable(context, person, word);
    await context.journal.write('recording-read', {
      what: 'follow',
      connection: id,
      by: personName(person),
      reason,
      rule,
    });
    await show(context, conversation, { visitor, person, word, connection, policy });
  });
}

/** Rule 2. @throws Refused NOT_AUDITOR, NOT_FOLLOWED, OWN_CONNECTION */
async function followable(context: Context, person: SignIn, word: string): Promise<Followed> {
  const { host, config } = context;
  const duty = await context.onCall.duty();
  if (!isAuditor(config, person, duty)) throw new Refused('NOT_AUDITOR', { host });
  const id = parseId(word);
  const connection = context.connections.all().find(({ state, entered }) => entered && state.id === id);
  const policy = connection === undefined ? undefined : sessionOf(config, connection.state.session);
  const rule = policy === undefined ? undefined : auditRule(policy, person, duty);
  if (connection === undefined || policy === undefined || rule === undefined)
    throw new Refused('NOT_FOLLOWED', { host, connection: word });
  const { who } = connection.state;
  if (isOwn(personOf(person), who.login, isBreakGlass({ who }) ? context.pins.of(who.login) : who))
    throw new Refused('OWN_CONNECTION', { host });
  return { connection, policy, rule };
}

async function reasonOf(conversation: Conversation, { reason }: Command): Promise<string> {
  return sanitizeLine((reason ?? (await conversation.ask(askWhyFollow))).trim(), longestReason);
}

interface Following {
  readonly visitor: Visitor;
  readonly person: SignIn;
  /** The id, as it was typed. */
  readonly word: string;
  readonly connection: Connection;
  readonly policy: SessionPolicy;
}

/** Pictures to the gate, one after another, until one of the ends of rule 4. @throws Refused */
async function show(context: Context, conversation: Conversation, following: Following): Promise<void> {
  const { id } = following.connection.state;
  const over = new AbortController();
  const left = Promise.withResolvers<'left'>();
  let takingSince: number | undefined;
  conversation.onKey((key) => {
    if (key.t === 'leave') left.resolve('left');
  });
  const drawing = context.drawings.begin(taskOf(context, following), (part) => {
    takingSince = context.monotonicNow();
    conversation.picture(part);
  });
  conversation.onShown(({ cols, rows }) => {
    takingSince = undefined;
    void conversation.taken().then(() => drawing.ready({ cols, rows }));
  });
  const isStuck = (): boolean => takingSince !== undefined && context.monotonicNow() - takingSince > stuckMs;
  try {
    const how = await Promise.race([
      left.promise,
      endOf(drawing, { host: context.host, connection: id }),
      goneOf(conversation, over.signal),
      guard(context, following, isStuck, over.signal),
    ]);
    if (how === 'over') conversation.out([connectionOver(id)]);
  } finally {
    over.abort();
    await drawing.stop();
  }
}

function taskOf({ layout }: Context, { visitor, connection: { state } }: Following): DrawTask {
  const { cols, rows, plain } = visitor.hello;
  const { id, who, session, recording } = state;
  return {
    ...{ connection: id, base: recording.replace(/\.cast$/, ''), connections: layout.connections },
    ...{ title: `${who.login}@${session} ${id}`, colour: plain !== true, size: { cols, rows } },
  };
}

async function endOf(
  { over }: Drawing,
  names: { readonly host: string; readonly connection: string },
): Promise<'over'> {
  try {
    await over;
    return 'over';
  } catch (error) {
    throw new Refused('FOLLOW_FAILED', names, error);
  }
}

async function goneOf({ gone }: Conversation, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const lost = (): void => reject(gone.reason as Error);
    if (gone.aborted) lost();
    gone.addEventListener('abort', lost, { once: true, signal });
  });
}

/** @throws the reason of the signal when that has aborted */
async function nextLook(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, second).unref());
  signal.throwIfAborted();
}

/** Rules 3 and 4: looks each second. @throws Refused when following has to end */
async function guard(
  context: Context,
  { visitor, person, word, policy }: Following,
  isStuck: () => boolean,
  signal: AbortSignal,
): Promise<never> {
  const { host, config, tombstones, rechecks } = context;
  const now = (): number => context.now();
  const names = { host, connection: word, session: policy.name };
  const until = now() + policy.window.maxMs;
  let identified = now();
  for (;;) {
    await nextLook(signal);
    if (isStuck()) throw new Refused('FOLLOWER_STUCK', { ...names, max: formatDuration(stuckMs) });
    if (now() >= until) throw new Refused('FOLLOWED_LONGEST', { ...names, max: formatDuration(policy.window.maxMs) });
    checkLockPolicy(context, visitor, 'replay');
    if (now() - identified >= config.signIn.recheckMs) {
      await identify(context, visitor.hello);
      identified = now();
    }
    const groups = await rechecks.groupsOf(person);
    const isSignedIn = now() < person.until && person.at > tombstones.barredUntil(visitor.login);
    if (groups === 'gone' || !isSignedIn) throw new Refused('FOLLOW_SIGN_IN', names);
    const duty = await context.onCall.duty();
    const current = sessionOf(config, policy.name); // a reload may have changed who audits
    const who = { ...person, groups: groups ?? person.groups };
    if (current === undefined || auditRule(current, who, duty) === undefined)
      throw new Refused('NOT_AUDITOR', { host });
  }
}
