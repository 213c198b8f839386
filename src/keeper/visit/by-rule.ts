// A rule of the policy that approves by itself: the policy's own exception to law 3, off unless root wrote it.
//
// 1. The target host judges it, in the very visit that asks, before anything is on the board. Nothing that Redis or a peer holds comes
//    here (law 8); what is granted is what this keeper made (grants/settle.ts, rule 7).
// 2. The person proves who they are anew, unless they signed in in this very visit. Attack: a stolen key under a remembered sign-in, which
//    attaches only where its owner has a live grant, makes one for itself.
// 3. All that a rule states must hold, by the groups of that proof; what fails, or does not answer, leaves the request to people (law 1).
// 4. What a ticket hook says is filtered and cut before it reaches a screen or the journal (law 9).
import { autoFault } from '../../core/auto-approve.ts';
import type { AutoRule } from '../../core/auto-rule.ts';
import type { Grant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import type { Duty, Reviewer } from '../../core/on-call.ts';
import { Refused } from '../../core/refusal.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { spellDuration } from '../../core/time.ts';
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

export interface Asked {
  readonly id: string;
  readonly reason: string;
  readonly durationMs: number;
}

/** The approval of the first rule that holds; undefined, with the reasons on the screen, when none does. @throws Refused CANCELLED */
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

/** Rule 3, for all that costs nothing to look at. */
async function holding(
  context: Context,
  conversation: Conversation,
  rules: readonly AutoRule[],
  { who, asked: { durationMs } }: { readonly who: Reviewer; readonly asked: Asked },
): Promise<readonly AutoRule[]> {
  const duty: Duty = await context.onCall.duty(rules.flatMap(({ onCall = [] }) => onCall));
  return rules.filter((rule) => {
    const fault = autoFault(rule, who, durationMs, duty);
    if (fault !== undefined) conversation.note([notBy(rule, fault)]);
    return fault === undefined;
  });
}

const notBy = ({ name }: AutoRule, why: string): string => `  Rule ${name} does not approve this by itself: ${why}.`;

/** Rule 2. Whoever does not want to, leaves; what else goes wrong leaves it to people. */
async function provedAnew(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  who: SignIn,
): Promise<Reviewer | undefined> {
  try {
    const identity = await reauthenticate(context, conversation, visitor, 'ASK WITHOUT AN APPROVER');
    return isSamePerson(identity, who) ? identity : undefined;
  } catch (error) {
    if (!(error instanceof Refused) || error.code === 'CANCELLED') throw error;
    context.log.info('not-proved-anew', { login: visitor.login, code: error.code, cause: error.cause });
    conversation.note(['  No rule approves this: you were not signed in anew.']);
    return undefined;
  }
}

const whyLimit = 200;

/** Rule 4. Undefined when the hook does not say yes. */
async function askTicket(
  context: Context,
  { conversation, who: { login, claim } }: SignedIn,
  rule: AutoRule & { readonly ticket: string; readonly session: string },
  { id, reason, durationMs }: Asked,
): Promise<{ readonly why?: string } | undefined> {
  const { ticket, session } = rule;
  const facts = { id, host: context.host, login, claim, session, reason, for: spellDuration(durationMs) };
  const asking = async () => context.tickets.get(ticket)?.ask(facts);
  const answer = await conversation.wait(`Asking ${ticket}`, undefined, asking).catch((error: unknown) => {
    if (error instanceof Refused) throw error;
    context.log.warn('ticket-hook-failed', { ticket, error });
    context.alarms.raise(`ticket hook ${ticket} does not answer`);
    return undefined;
  });
  const why = answer?.why === undefined ? undefined : sanitizeLine(answer.why, whyLimit);
  if (answer?.approve === true) return why === undefined ? {} : { why };
  conversation.note([notBy(rule, answer === undefined ? `${ticket} does not answer` : (why ?? `${ticket} says no`))]);
  return undefined;
}

/** Undefined when people answered first. @throws Refused */
export async function takeByRule(
  context: Context,
  read: ReadRequest,
  { policy }: AttachPlan,
  approval: Approval,
): Promise<Grant | undefined> {
  checkLock(context, read.facts.who.login);
  return grantByRule(context, read, policy, approval);
}

export function byRuleLine(auto: string, why: string | undefined): string {
  return `  Approved by rule ${auto} of this host's policy, and by nobody else${why === undefined ? '.' : `: ${why}`}`;
}
