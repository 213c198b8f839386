// The verb `extend`: asks for more time from a second terminal, before the grant ends (docs/design.md, "The end of access"). It makes a
// request like any other; its grant overlaps the live one and moves the end of access.
//
// 1. Only the person whose grant it is may ask, signed in under the login that has it.
// 2. What cannot be granted is not asked for: nothing beyond the policy's longest window from now, nothing for a break-glass grant.
// 3. An extension keeps the access mode. Attack: an extension of a grant to view lets somebody type.
// 4. Whoever asks twice joins the request that waits (ask, rule 3).
// 5. A person who waited when a keeper ended comes back for that request only, also if the grant has ended by then (visit/returning.ts).
import { isBreakGlass } from '../../core/break-glass.ts';
import { possibleMore } from '../../core/extension.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { decide as judge } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { formatDuration, parseDuration, spellDuration } from '../../core/time.ts';
import { extendedLine, grantProblems, lessTime, whose } from '../../core/messages/review.ts';
import { fits } from '../../config/pattern.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import { heardMeanwhile, hearAnswer, newRequest, ownPending } from '../visit/ask.ts';
import { accountOf } from '../sessions/session-account.ts';
import { refusedBy, type AttachPlan } from '../visit/decide.ts';
import { requireSignIn } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import { isOnTerms } from '../grants/grant-checks.ts';
import { prolonged } from '../grants/extension-window.ts';
import { waitedFor } from '../visit/returning.ts';
import type { SignedIn } from '../visit/signed-in.ts';

/**
 * Asks, waits, and prints the new end.
 * @throws Refused NEEDS_A_PERSON, BAD_COMMAND, NO_SUCH_GRANT, GLASS_FIXED, WINDOW_TOO_LONG, EXTENSION_LATE and what a visit's request
 * refuses
 */
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
  conversation.out([extendedLine(nameOf(context, facts), { session, host }, end, end - context.now())]);
}

interface Asking extends SignedIn {
  /** With the additional time in `forMs`. */
  readonly command: Command;
}

/** Rule 4. @returns the approved request. @throws Refused */
async function askFor(context: Context, asking: Asking, live: LiveGrant): Promise<RequestFacts> {
  const { conversation, who, command } = asking;
  const plan = await planOf(context, who, live.grant, command);
  const facts = (await ownPending(context, who, plan, true)) ?? (await newExtension(context, asking, plan, live));
  await hear(context, conversation, plan, facts);
  return facts;
}

/** Rule 5. @returns the approved request. @throws Refused */
async function hearAgain(context: Context, asking: Asking, waited: RequestFacts): Promise<RequestFacts> {
  const { conversation, who, command } = asking;
  const plan = await planOf(context, who, waited, command);
  const told = await heardMeanwhile(context, asking, await ownPending(context, who, plan, true));
  if (told === undefined) await hear(context, conversation, plan, waited);
  return waited;
}

/** Waits no longer than the grant that is to be extended lasts. */
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

/** The request of the extended grant; the grant's own id if it has ended since. */
function nameOf({ liveGrants }: Context, { extends: prolongs }: RequestFacts): string {
  const id = prolongs?.grant ?? '';
  return liveGrants.find(id)?.grant.request ?? id;
}

/** Reads `15m`, or `ID 15m` with the id of a grant or of its request. @throws Refused BAD_COMMAND */
function readWords(context: Context, { words }: Command): { id: string | undefined; moreMs: number } {
  const time = words.at(-1) ?? '';
  const moreMs = parseDuration(time);
  const problem = grantProblems.noTime(time);
  if (moreMs === undefined) throw new Refused('BAD_COMMAND', { problem, host: context.host });
  const id = words.length < 2 ? undefined : (parseId(words[0] ?? '') ?? words[0]);
  return { id, moreMs };
}

/** Rules 1 to 3: of the person's grants for one session in one access mode, the one that ends last. @throws Refused */
function theirs(context: Context, who: SignIn, id: string | undefined, session: string | undefined): LiveGrant {
  const { host } = context;
  const named = context.liveGrants
    .all()
    .filter(({ grant }) => grant.who.login === who.login && (session === undefined || grant.session === session))
    .filter(({ grant }) => id === undefined || grant.id === id || grant.request === id)
    .filter(({ grant }) => isOnTerms(context, grant));
  const own = named.filter(({ grant }) => isSamePerson(grant.who, who));
  const one = own.find(({ grant }) => grant.mode === undefined) ?? own[0];
  const glass = named.find(({ grant }) => isBreakGlass(grant));
  if (one === undefined && glass !== undefined)
    throw new Refused('GLASS_FIXED', { host, session: glass.grant.session });
  if (one === undefined)
    throw new Refused('NO_SUCH_GRANT', { grant: id === undefined ? whose.yours : `"${id}"`, host });
  const sessions = new Set(own.map(({ grant }) => grant.session));
  const problem = grantProblems.several(own.map(({ grant }) => grant.request));
  if (sessions.size > 1) throw new Refused('BAD_COMMAND', { problem, host });
  const scope = { host, session: one.grant.session, login: who.login };
  return context.liveGrants.latestFor(who, scope, ({ grant }) => grant.mode === one.grant.mode) ?? one;
}

/** The plan by the policy of now. @throws Refused */
async function planOf(
  context: Context,
  who: SignIn,
  { session, mode }: Pick<RequestFacts, 'session' | 'mode'>,
  command: Command,
): Promise<AttachPlan> {
  const { reason } = command;
  const decision = judge(context.config, who, { session, ...(reason === undefined ? {} : { reason }) }, fits);
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
  // Without a terminal, the person cannot be asked for a reason.
  if (plan.command.reason === undefined && !visit.visitor.hello.tty)
    throw refusedBy(context, 'BAD_REASON', plan.policy.name, 'no-reason');
  const prolongs = { grant: live.grant.id, until: effectiveEnd(live) };
  return (await newRequest(context, visit, plan, prolongs)).facts;
}

/** Rule 2. @throws Refused WINDOW_TOO_LONG */
function checkRoomFor(context: Context, { policy, command }: AttachPlan, live: LiveGrant): void {
  const { maxMs } = policy.window;
  const possible = possibleMore(effectiveEnd(live), context.now(), maxMs);
  if ((command.forMs ?? 0) <= possible) return;
  const max = formatDuration(maxMs).replace(/\s/g, '');
  const less = lessTime(possible === 0 ? undefined : `ssh ${context.host} extend ${spellDuration(possible)}`);
  throw new Refused('WINDOW_TOO_LONG', { session: policy.name, max, less });
}
