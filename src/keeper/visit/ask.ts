// Asks for access: reason and time, the request in the store, the wait for an answer.
//
// 1. A request is signed, then journaled, then posted (grants/post-request.ts).
// 2. A wait ends by itself; a request that nobody answers opens nothing (law 1).
// 3. Leaving by a key withdraws the request. A lost connection does not, so that a person on a train can come back to the same request. Nor
//    does a restart of the keeper: the gate comes back for the answer (returning.ts).
import { setTimeout as delay } from 'node:timers/promises';
import { fits } from '../../config/pattern.ts';
import { isSamePerson } from '../../core/identity.ts';
import { requestId, idBytes } from '../../core/ids.ts';
import { decide as judge } from '../../core/policy.ts';
import type { Grant } from '../../core/grant.ts';
import { refusal, Refused } from '../../core/refusal.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import type { RequestFacts } from '../../core/request.ts';
import { modeFields } from '../../core/access-mode.ts';
import { personOf, type SignIn } from '../../core/sign-in.ts';
import { keepsTerms, termsOf } from '../../core/terms.ts';
import { sanitizeLine } from '../../core/text.ts';
import { parseDuration } from '../../core/time.ts';
import {
  askingLines,
  byRule,
  durationPrompt,
  durationSlip,
  reasonPrompt,
  reasonSlip,
} from '../../core/messages/asking.ts';
import { enterGoesOn, saysShortened, waitingFor } from '../../core/messages/waiting.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import { readRequest } from '../grants/read-request.ts';
import type { Answer } from '../grants/pending-answers.ts';
import { personName } from '../../core/person-name.ts';
import { postRequest } from '../grants/post-request.ts';
import { ruleFor, takeByRule } from './by-rule.ts';
import { refusedBy, type AttachPlan } from './decide.ts';
import { settle } from '../grants/settle.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import { withdrawRequest } from '../grants/withdraw-request.ts';
import { answeredMeanwhile, type Answered } from './returning.ts';
import type { SignedIn } from './signed-in.ts';
import { checkStillAsked } from './still-asked.ts';
import { byRuleRoom, waitingRoom } from './waiting-room.ts';

const tries = 3;

/**
 * Posts a request, or joins the one that waits, and resolves once it is approved.
 * @throws Refused DENIED, NO_ANSWER, WITHDRAWN, CANCELLED and what the policy refuses
 */
export async function ask(context: Context, visit: SignedIn, plan: AttachPlan): Promise<void> {
  const { conversation, who } = visit;
  const mine = await ownPending(context, who, plan);
  if ((await heardMeanwhile(context, visit, mine)) !== undefined) return;
  const { facts, grant, why } = mine === undefined ? await newRequest(context, visit, plan) : { facts: mine };
  if (grant?.auto !== undefined) return conversation.note(byRuleRoom(plan.policy, facts, byRule(grant.auto, why)));
  await hearAnswer(context, conversation, plan, { facts });
}

/**
 * Shows the answer to a gate that came back for a request which no longer waits (returning.ts).
 * @param mine the person's waiting request.
 * @returns that answered request; undefined when there is something to wait for, or to ask
 * @throws Refused DENIED, NO_ANSWER, WITHDRAWN and what the policy refuses
 */
export async function heardMeanwhile(
  context: Context,
  { conversation, visitor, who }: SignedIn,
  mine: RequestFacts | undefined,
): Promise<RequestFacts | undefined> {
  const { waits } = visitor.hello;
  if (waits === undefined || mine?.id === waits) return undefined;
  const answered = await answeredMeanwhile(context, who, waits);
  await tell(context, conversation, answered);
  return answered.facts;
}

interface Awaited {
  readonly facts: RequestFacts;
  /** When the wait ends at the latest, as far as is known: milliseconds since the epoch. */
  readonly until?: number;
}

/**
 * Waits for the answer and shows it; resolves if it is an approval.
 * @throws Refused DENIED, NO_ANSWER, CANCELLED and what the policy refuses
 */
export async function hearAnswer(
  context: Context,
  conversation: Conversation,
  plan: AttachPlan,
  { facts, until = facts.answerBy }: Awaited,
): Promise<void> {
  conversation.note(await waitingRoom(context, plan.policy, facts));
  await tell(context, conversation, { facts, answer: await awaitAnswer(context, conversation, facts, until) });
}

/** When less was granted than asked for, the person needs time to read that: tmux's first frame covers it at once. */
const readMs = 2_000;

async function letRead(conversation: Conversation): Promise<void> {
  await Promise.race([
    conversation.ask(enterGoesOn),
    delay(readMs, undefined, { signal: conversation.gone, ref: false }),
  ]);
}

async function tell(context: Context, conversation: Conversation, { facts, answer }: Answered): Promise<void> {
  conversation.bell();
  checkLock(context, facts.who.login);
  const request = facts.id;
  if (answer.state === 'denied') throw new Refused('DENIED', { request, by: answer.by, reason: answer.reason });
  if (answer.state === 'lapsed') {
    const { names, cause } = refusedBy(context, answer.code, facts.session, 'at-approval');
    throw new Refused(answer.code, { ...names, request }, cause);
  }
  if (answer.state === 'withdrawn') throw new Refused('WITHDRAWN', { request });
  if (answer.state !== 'approved') throw new Refused('NO_ANSWER', { request });
  conversation.note([...answer.said, '']);
  const shortened = answer.said.some(saysShortened);
  if (shortened && facts.extends === undefined) await letRead(conversation);
}

/**
 * Rule 3: the request of the same person for the same session that still waits, so that a further visit joins it. A request that was
 * answered here does not count: if the keeper died between the answer and the store, nothing answers it any more (grants/settle.ts,
 * rule 4).
 * @param prolongs whether to look for a request for an extension.
 */
export async function ownPending(
  context: Context,
  who: SignIn,
  plan: AttachPlan,
  prolongs = false,
): Promise<RequestFacts | undefined> {
  for (const entry of await context.store.pending()) {
    if (context.tombstones.has(requestTombstoneId(entry.id))) continue;
    const read = await readRequest(context, entry);
    if (read === undefined || read.facts.session !== plan.policy.name || read.facts.host !== context.host) continue;
    if (!keepsTerms(read.facts, plan.policy)) continue; // its approval could not be granted
    const { id, who: asker } = read.facts;
    if ((read.facts.extends !== undefined) !== prolongs) continue;
    // An answered request would never be answered again, whatever Redis says.
    const open = !context.tombstones.has(requestTombstoneId(id)) && (read.facts.mode ?? 'type') === plan.mode;
    if (open && asker.login === who.login && isSamePerson(asker, who)) return read.facts;
  }
  return undefined;
}

interface Made {
  readonly facts: RequestFacts;
  /** If a rule approved it. */
  readonly grant?: Grant | undefined;
  readonly why?: string | undefined;
}

/**
 * Asks for what the command does not say, and posts the request.
 * @param prolongs the grant to extend; only people approve extensions, never a rule.
 * @throws Refused CANCELLED, LOCKED, EXTENSION_LATE, CHANGED_MEANWHILE, JOURNAL_DOWN, REDIS_DOWN and what the policy refuses
 */
export async function newRequest(
  context: Context,
  visit: SignedIn,
  plan: AttachPlan,
  prolongs?: RequestFacts['extends'],
): Promise<Made> {
  const { conversation, visitor, who } = visit;
  const reason = plan.command.reason ?? (await askReason(context, conversation, who, plan));
  const durationMs = plan.command.forMs ?? (await askDuration(context, conversation, plan));
  const id = requestId(context.random(idBytes.request));
  const asked = { id, reason: sanitizeLine(reason, 400), durationMs };
  const approval = prolongs === undefined ? await ruleFor(context, visit, plan, asked) : undefined;
  const requestedAt = context.now();
  const facts: RequestFacts = {
    id,
    host: context.host,
    session: plan.policy.name,
    account: plan.account.name,
    who: personOf(who),
    address: sanitizeLine(visitor.address, 128),
    fingerprint: visitor.fingerprint,
    reason: sanitizeLine(reason, 400),
    durationMs,
    requestedAt,
    answerBy: requestedAt + context.config.request.answerWithinMs,
    ...modeFields(plan.mode),
    ...(prolongs === undefined ? {} : { extends: prolongs }),
    terms: termsOf(plan.policy),
  };
  // Two terminals of one person may get here at once: the second one joins the request of the first.
  return context.oneByOne(`ask ${who.login} ${plan.policy.name}`, async () => {
    checkStillAsked(context, who, plan, facts);
    const first = await ownPending(context, who, plan, prolongs !== undefined);
    if (first !== undefined) return { facts: first };
    const read = await postRequest(context, facts, plan.rule);
    context.requestEnds.watch(facts);
    const granted = approval === undefined ? undefined : takeByRule(context, read, plan, approval);
    const grant = await granted?.catch((error: unknown) => {
      context.links.announce(read);
      throw error;
    });
    if (grant === undefined) context.links.announce(read);
    return { facts, grant, why: approval?.auto?.why };
  });
}

const ofReason: readonly RefusalCode[] = ['LONG_REASON', 'UNSEEN_REASON', 'BAD_REASON'];

/** A reason that does not fit is asked again, up to three times, so that one mistake does not end the visit. */
async function askReason(context: Context, conversation: Conversation, who: SignIn, plan: AttachPlan): Promise<string> {
  const account = plan.account.name;
  const asked = { session: plan.policy.name, host: context.host, account, who: personName(who) };
  conversation.note(askingLines(asked));
  for (let left = tries; ; left--) {
    const reason = (await conversation.ask(reasonPrompt(plan.policy.reason))).trim();
    const decision = judge(context.config, who, { session: plan.policy.name, reason }, fits);
    if (decision.allow) return reason;
    const fault = refusedBy(context, decision.code, plan.policy.name, decision.rule);
    // Another policy may have come meanwhile, by which no reason would do.
    if (left <= 1 || !ofReason.includes(decision.code)) throw fault;
    conversation.note([reasonSlip(refusal(fault.code, fault.names), plan.policy.reason)]);
  }
}

async function askDuration(context: Context, conversation: Conversation, plan: AttachPlan): Promise<number> {
  const { defaultMs, maxMs } = plan.policy.window;
  for (let left = tries; ; left--) {
    const answer = (await conversation.ask(durationPrompt(defaultMs, maxMs))).trim();
    const ms = answer === '' ? defaultMs : parseDuration(answer.replace(/\s+/g, ''));
    if (ms !== undefined && ms <= maxMs) return ms;
    const code = ms === undefined ? 'BAD_WINDOW' : 'WINDOW_TOO_LONG';
    if (left <= 1) throw refusedBy(context, code, plan.policy.name, 'window');
    conversation.note([durationSlip(ms, maxMs)]);
  }
}

/** Waits for the answer; a cancel by a key withdraws the request (rules 2 and 3). */
async function awaitAnswer(
  context: Context,
  conversation: Conversation,
  facts: RequestFacts,
  until: number,
): Promise<Answer> {
  try {
    const task = async (signal: AbortSignal): Promise<Answer> => answerTo(context, facts, signal);
    return await conversation.wait(waitingFor(facts.id), until, task, facts.id);
  } catch (error) {
    const byKey = error instanceof Refused && error.code === 'CANCELLED' && error.cause === undefined;
    if (byKey) await withdrawRequest(context, facts);
    throw error;
  }
}

/** Listens first and settles second, so that an answer in between is not missed. */
async function answerTo(context: Context, facts: RequestFacts, signal: AbortSignal): Promise<Answer> {
  const answer = context.pendingAnswers.of(facts, signal);
  await settle(context, facts.id);
  return answer;
}
