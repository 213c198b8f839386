// A rule of the policy that approves by itself: the policy's own exception to law 3, off unless root wrote it.
//
// 1. The target host judges it, in the very visit that asks, before anything is on the board. Nothing that Redis or a peer holds comes
//    here (law 8); what is granted is what this keeper made (grant.ts, rule 8).
// 2. The person proves who they are anew, unless they signed in in this very visit. Attack: a stolen key under a remembered sign-in, which
//    attaches only where its owner has a live grant, makes one for itself.
// 3. All that a rule states must hold, by the groups of that proof; what fails, or does not answer, leaves the request to people (law 1).
// 4. What a ticket hook says is filtered and cut before it reaches a screen or the journal (law 9).
import { autoFault, type AutoRule } from '../../core/auto-approve.ts';
import type { Grant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import type { Duty, Reviewer } from '../../core/on-call.ts';
import { Refused } from '../../core/refusal.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { line } from '../../core/text.ts';
import { spellDuration } from '../../core/time.ts';
import { raise } from '../alarms.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkLock } from '../locks.ts';
import type { ReadRequest } from '../read-request.ts';
import type { Wish } from './decide.ts';
import { grantByRule } from './grant.ts';
import { freshly, isOfThisVisit, type Visitor } from './identify.ts';
import type { Approval } from './make-grant.ts';

export interface Asked {
  readonly id: string;
  readonly reason: string;
  readonly durationMs: number;
}

/** The approval of the first rule that holds; undefined, with the reasons on the screen, when none does. @throws Refused CANCELLED */
export async function ruleFor(
  house: House,
  door: Door,
  who: SignIn,
  visitor: Visitor,
  { policy }: Wish,
  asked: Asked,
): Promise<Approval | undefined> {
  const rules = policy.autoApprove ?? [];
  const mayHold = await holding(house, door, rules, who, asked);
  if (mayHold.length === 0) return undefined;
  const proved = isOfThisVisit(who) ? who : await provedAnew(house, door, visitor, who);
  if (proved === undefined) return undefined;
  for (const rule of await holding(house, door, mayHold, proved, asked)) {
    const ticket =
      rule.ticket === undefined ? {} : await askTicket(house, door, rule, rule.ticket, who, policy.name, asked);
    if (ticket === undefined) continue;
    const { name } = rule;
    const said = [`sessions.${policy.name}.auto_approve: ${name}`];
    return { by: [], rules: said, durationMs: asked.durationMs, auto: { name, ...ticket } };
  }
  return undefined;
}

/** Rule 3, for all that costs nothing to look at. */
async function holding(
  house: House,
  door: Door,
  rules: readonly AutoRule[],
  who: Reviewer,
  { durationMs }: Asked,
): Promise<readonly AutoRule[]> {
  const duty: Duty = await house.onCall.duty(rules.flatMap(({ onCall = [] }) => onCall));
  return rules.filter((rule) => {
    const fault = autoFault(rule, who, durationMs, duty);
    if (fault !== undefined) door.note([notBy(rule, fault)]);
    return fault === undefined;
  });
}

const notBy = ({ name }: AutoRule, why: string): string => `  Rule ${name} does not approve this by itself: ${why}.`;

/** Rule 2. Whoever does not want to, leaves; what else goes wrong leaves it to people. */
async function provedAnew(house: House, door: Door, visitor: Visitor, who: SignIn): Promise<Reviewer | undefined> {
  try {
    const identity = await freshly(house, door, visitor, 'ASK WITHOUT AN APPROVER');
    return isSamePerson(identity, who) ? identity : undefined;
  } catch (error) {
    if (!(error instanceof Refused) || error.code === 'CANCELLED') throw error;
    house.log.info('not-proved-anew', { login: visitor.login, code: error.code, cause: error.cause });
    door.note(['  No rule approves this: you were not signed in anew.']);
    return undefined;
  }
}

const whyLimit = 200;

/** Rule 4. Undefined when the hook does not say yes. */
async function askTicket(
  house: House,
  door: Door,
  rule: AutoRule,
  ticket: string,
  { login, claim }: SignIn,
  session: string,
  { id, reason, durationMs }: Asked,
): Promise<{ readonly why?: string } | undefined> {
  const facts = { id, host: house.host, login, claim, session, reason, for: spellDuration(durationMs) };
  const asking = async () => house.tickets.get(ticket)?.ask(facts);
  const answer = await door.wait(`Asking ${ticket}`, undefined, asking).catch((error: unknown) => {
    if (error instanceof Refused) throw error;
    house.log.warn('ticket-hook-failed', { ticket, error });
    raise(house, `ticket hook ${ticket} does not answer`);
    return undefined;
  });
  const why = answer?.why === undefined ? undefined : line(answer.why, whyLimit);
  if (answer?.approve === true) return why === undefined ? {} : { why };
  door.note([notBy(rule, answer === undefined ? `${ticket} does not answer` : (why ?? `${ticket} says no`))]);
  return undefined;
}

/** Undefined when people answered first. @throws Refused */
export async function takeByRule(
  house: House,
  read: ReadRequest,
  { policy }: Wish,
  approval: Approval,
): Promise<Grant | undefined> {
  checkLock(house, read.facts.who.login);
  return grantByRule(house, read, policy, approval);
}

export function byRuleLine(auto: string, why: string | undefined): string {
  return `  Approved by rule ${auto} of this host's policy, and by nobody else${why === undefined ? '.' : `: ${why}`}`;
}
