// Extend: more time, asked for from a second terminal before the grant ends (docs/design.md, "The end of access"). A request like any other; what it
// opens is that the window which is open goes on.
//
// 1. It is asked for by the person whose grant it is, signed in under the login that holds it.
// 2. What cannot be granted is not asked for: no further than the policy's longest window from now, nothing of what break-glass opened.
// 3. It goes on as what it is: more of a look lets nobody type.
// 4. Whoever asks twice joins what waits (ask, rule 3).
// 5. Whoever waited when a keeper ended comes back for that request alone, also when the grant has ended by then (visit/returning.ts).
import { isBreakGlass } from '../../core/break-glass.ts';
import { possibleMore } from '../../core/extension.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { decide as judge } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { formatClock, formatDuration, parseDuration, spellDuration } from '../../core/time.ts';
import { fitsInTime } from '../../adapters/pattern.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import { heardMeanwhile, hearAnswer, newRequest, ownPending } from '../visit/ask.ts';
import { accountOf, refusedBy, type AttachPlan } from '../visit/decide.ts';
import { requireSignIn } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import { prolonged } from '../grants/extension-window.ts';
import { waitedFor } from '../visit/returning.ts';
import type { SignedIn } from '../visit/signed-in.ts';

export async function extend(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const { host } = context;
  const { login } = visitor;
  if (login === 'root') throw new Refused('NEEDS_A_PERSON', { host });
  const { id, moreMs } = readWords(context, command);
  const who = await requireSignIn(context, conversation, visitor);
  checkLock(context, who.login);
  const asking = { conversation, who, visitor, command: { ...command, forMs: moreMs } };
  const waited = await waitedFor(context, who, visitor);
  const facts =
    waited === undefined
      ? await askFor(context, asking, theirs(context, who, id, command.session))
      : await hearAgain(context, asking, waited);
  await context.endsSettled();
  const granted = context.liveGrants.all().find(({ grant }) => grant.request === facts.id);
  const { id: request, session } = facts;
  if (granted === undefined) throw new Refused('EXTENSION_LATE', { request, session, host });
  const end = effectiveEnd(granted);
  const left = formatDuration(end - context.now());
  conversation.out([
    `Extended ${nameOf(context, facts)}: ${session} on ${host} until ${formatClock(end)} (${left} left).`,
  ]);
}

interface Asking extends SignedIn {
  /** With how much more. */
  readonly command: Command;
}

/** Rule 4. @returns what was approved. @throws Refused */
async function askFor(context: Context, asking: Asking, live: LiveGrant): Promise<RequestFacts> {
  const { conversation, who, command } = asking;
  const plan = await planOf(context, who, live.grant, command);
  const facts = (await ownPending(context, who, plan, true)) ?? (await newExtension(context, asking, plan, live));
  await hear(context, conversation, plan, facts);
  return facts;
}

/** Rule 5. @returns what was approved. @throws Refused */
async function hearAgain(context: Context, asking: Asking, waited: RequestFacts): Promise<RequestFacts> {
  const { conversation, who, command } = asking;
  const plan = await planOf(context, who, waited, command);
  const told = await heardMeanwhile(context, asking, await ownPending(context, who, plan, true));
  if (told === undefined) await hear(context, conversation, plan, waited);
  return waited;
}

/** No longer than what is to go on does. */
async function hear(
  context: Context,
  conversation: Conversation,
  plan: AttachPlan,
  facts: RequestFacts,
): Promise<void> {
  const live = prolonged(context, facts);
  const { answerBy } = facts;
  const until = live === undefined ? answerBy : Math.min(answerBy, effectiveEnd(live));
  await hearAnswer(context, conversation, plan, { facts, until });
}

/** What was extended, by its request; by its own id where it has ended since. */
function nameOf({ liveGrants }: Context, { extends: prolongs }: RequestFacts): string {
  const id = prolongs?.grant ?? '';
  return liveGrants.find(id)?.grant.request ?? id;
}

/** `15m`, or the id of a grant or of its request before it. */
function readWords(context: Context, { words }: Command): { id: string | undefined; moreMs: number } {
  const time = words.at(-1) ?? '';
  const moreMs = parseDuration(time);
  const problem = `"${time}" is no time: write extend 15m`;
  if (moreMs === undefined) throw new Refused('BAD_COMMAND', { problem, host: context.host });
  const id = words.length < 2 ? undefined : (parseId(words[0] ?? '') ?? words[0]);
  return { id, moreMs };
}

/** Rules 1 to 3: of the grants that hold one session open for them to do the same, the one that ends last. @throws Refused */
function theirs(context: Context, who: SignIn, id: string | undefined, session: string | undefined): LiveGrant {
  const { host } = context;
  const named = context.liveGrants
    .all()
    .filter(({ grant }) => grant.who.login === who.login && (session === undefined || grant.session === session))
    .filter(({ grant }) => id === undefined || grant.id === id || grant.request === id);
  const own = named.filter(({ grant }) => isSamePerson(grant.who, who));
  const one = own.find(({ grant }) => grant.mode === undefined) ?? own[0];
  const glass = named.find(({ grant }) => isBreakGlass(grant));
  if (one === undefined && glass !== undefined)
    throw new Refused('GLASS_FIXED', { host, session: glass.grant.session });
  if (one === undefined) throw new Refused('NO_SUCH_GRANT', { grant: id === undefined ? 'of yours' : `"${id}"`, host });
  const sessions = new Set(own.map(({ grant }) => grant.session));
  const problem = `you hold several; name one: ${own.map(({ grant }) => grant.request).join(', ')}`;
  if (sessions.size > 1) throw new Refused('BAD_COMMAND', { problem, host });
  const scope = { host, session: one.grant.session, login: who.login };
  return context.liveGrants.latestFor(who, scope, ({ grant }) => grant.mode === one.grant.mode) ?? one;
}

/** What the policy says now: its groups, its account. @throws Refused */
async function planOf(
  context: Context,
  who: SignIn,
  { session, mode }: Pick<RequestFacts, 'session' | 'mode'>,
  command: Command,
): Promise<AttachPlan> {
  const { reason } = command;
  const decision = judge(context.config, who, { session, ...(reason === undefined ? {} : { reason }) }, fitsInTime);
  if (!decision.allow) throw refusedBy(context, decision.code, session, decision.rule);
  const account = await accountOf(context, decision.policy);
  return { policy: decision.policy, account, rule: decision.rule, term: '', command, mode: mode ?? 'type' };
}

async function newExtension(
  context: Context,
  visit: SignedIn,
  plan: AttachPlan,
  live: LiveGrant,
): Promise<RequestFacts> {
  checkRoomFor(context, plan, live);
  // Nobody can be asked for a reason where there is no terminal.
  if (plan.command.reason === undefined && !visit.visitor.hello.tty)
    throw refusedBy(context, 'BAD_REASON', plan.policy.name, 'no reason');
  const prolongs = { grant: live.grant.id, until: effectiveEnd(live) };
  return (await newRequest(context, visit, plan, prolongs)).facts;
}

/** Rule 2. */
function checkRoomFor(context: Context, { policy, command }: AttachPlan, live: LiveGrant): void {
  const { maxMs } = policy.window;
  const possible = possibleMore(effectiveEnd(live), context.now(), maxMs);
  if ((command.forMs ?? 0) <= possible) return;
  const max = formatDuration(maxMs).replace(/\s/g, '');
  const less =
    possible === 0 ? 'later, when less of it is left' : `ssh ${context.host} extend ${spellDuration(possible)}`;
  throw new Refused('WINDOW_TOO_LONG', { session: policy.name, max, less });
}
