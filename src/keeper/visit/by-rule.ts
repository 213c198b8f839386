// Approval by a rule of the policy: an exception to law 3 that exists only where root wrote one.
//
// 1. The target host judges the rule, in the visit that asks, before the request is in the store. Nothing that Redis or a peer holds is
//    used (law 8); the grant is for the request that this keeper made (grants/settle.ts, rule 7). Attack: whoever can write to Redis posts
//    a request that a rule approves.
// 2. The person signs in anew, unless they did so in this visit. Attack: a stolen key with a remembered sign-in, which attaches only while
//    its owner has a live grant, makes a grant for itself.
// 3. Everything that a rule states must be true, by the groups of that sign-in. What is not true, or cannot be asked, leaves the request to
//    people (law 1).
// 4. What a ticket hook says is filtered and shortened before it reaches a screen or the journal (law 9). Attack: the text of a ticket
//    contains terminal sequences.
import { autoFault } from '../../core/auto-approve.ts';
import type { AutoRule } from '../../core/auto-rule.ts';
import type { Grant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import type { Duty, Reviewer } from '../../core/on-call.ts';
import { Refused } from '../../core/refusal.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { spellDuration } from '../../core/time.ts';
import { askingTicket, notByRule, notSignedInAnew, ruleFaults } from '../../core/messages/asking.ts';
import { failures } from '../../core/messages/ends.ts';
import { purposes } from '../../core/messages/waiting.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import type { ReadRequest } from '../grants/read-request.ts';
import type { AttachPlan } from './decide.ts';
import type { SignedIn } from './signed-in.ts';
import { grantByRule } from '../grants/settle.ts';
import { reauthenticate, isOfThisVisit } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import type { Approval } from '../grants/issue.ts';

/** What the person asks for. */
export interface Asked {
  readonly id: string;
  readonly reason: string;
  readonly durationMs: number;
}

/** The approval by the first rule that is true; undefined if none is, with the reasons on the screen. @throws Refused CANCELLED */
export async function ruleFor(
  context: Context,
  visit: SignedIn,
  { policy }: AttachPlan,
  asked: Asked,
): Promise<Approval | undefined> {
  const { conversation, visitor, who } = visit;
  const rules = policy.autoApprove ?? [];
  const mayHold = await holding(context, conversation, rules, { who, asked });
  if (mayHold.length === 0) return undefined;
  const proved = isOfThisVisit(context, who) ? who : await provedAnew(context, conversation, visitor, who);
  if (proved === undefined) return undefined;
  for (const rule of await holding(context, conversation, mayHold, { who: proved, asked })) {
    const ticket =
      rule.ticket === undefined
        ? {}
        : await askTicket(context, visit, { ...rule, ticket: rule.ticket, session: policy.name }, asked);
    if (ticket === undefined) continue;
    const { name } = rule;
    const said = [`sessions.${policy.name}.auto_approve: ${name}`];
    return { by: [], counted: 0, rules: said, durationMs: asked.durationMs, auto: { name, ...ticket } };
  }
  return undefined;
}

/** Rule 3, for the conditions that can be checked at once. @returns the rules that may still be true. */
async function holding(
  context: Context,
  conversation: Conversation,
  rules: readonly AutoRule[],
  { who, asked: { durationMs } }: { readonly who: Reviewer; readonly asked: Asked },
): Promise<readonly AutoRule[]> {
  const duty: Duty = await context.onCall.duty(rules.flatMap(({ onCall = [] }) => onCall));
  return rules.filter((rule) => {
    const fault = autoFault(rule, who, durationMs, duty);
    if (fault !== undefined) conversation.note([notByRule(rule.name, fault)]);
    return fault === undefined;
  });
}

/** Rule 2. Only a cancel ends the visit; after any other refusal, the request goes to people. */
async function provedAnew(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  who: SignIn,
): Promise<Reviewer | undefined> {
  try {
    const identity = await reauthenticate(context, conversation, visitor, purposes.byRule);
    return isSamePerson(identity, who) ? identity : undefined;
  } catch (error) {
    if (!(error instanceof Refused) || error.code === 'CANCELLED') throw error;
    context.log.info('not-proved-anew', { login: visitor.login, code: error.code, cause: error.cause });
    conversation.note([notSignedInAnew]);
    return undefined;
  }
}

const whyLimit = 200;

/** Rule 4. Undefined when the hook does not approve. */
async function askTicket(
  context: Context,
  { conversation, who: { login, claim } }: SignedIn,
  rule: AutoRule & { readonly ticket: string; readonly session: string },
  { id, reason, durationMs }: Asked,
): Promise<{ readonly why?: string } | undefined> {
  const { ticket, session } = rule;
  const facts = { id, host: context.host, login, claim, session, reason, for: spellDuration(durationMs) };
  const asking = async () => context.tickets.get(ticket)?.ask(facts);
  const answer = await conversation.wait(askingTicket(ticket), undefined, asking).catch((error: unknown) => {
    if (error instanceof Refused) throw error;
    context.log.warn('ticket-hook-failed', { ticket, error });
    context.alarms.raise(failures.ticket(ticket));
    return undefined;
  });
  const why = answer?.why === undefined ? undefined : sanitizeLine(answer.why, whyLimit);
  if (answer?.approve === true) return why === undefined ? {} : { why };
  const { ticketSilent, ticketSaysNo } = ruleFaults;
  const no = answer === undefined ? ticketSilent(ticket) : (why ?? ticketSaysNo(ticket));
  conversation.note([notByRule(rule.name, no)]);
  return undefined;
}

/** Grants the posted request. @returns undefined when people answered it first. @throws Refused LOCKED and what `grantByRule` refuses */
export async function takeByRule(
  context: Context,
  read: ReadRequest,
  { policy }: AttachPlan,
  approval: Approval,
): Promise<Grant | undefined> {
  checkLock(context, read.facts.who.login);
  return grantByRule(context, read, policy, approval);
}
