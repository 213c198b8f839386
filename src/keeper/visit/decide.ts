// What a visit asks for, and whether it can be had. Everything that could fail at the attach is checked here, before a reason is asked and
// before anybody is called (docs/design.md, "Requests and reviews").
import type { Account } from '../../adapters/accounts.ts';
import { fits } from '../../config/pattern.ts';
import { effectiveEnd } from '../../core/grant.ts';
import { decide as judge, sessionOf, sessionsFor } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import { modeOf, type AccessMode } from '../../core/access-mode.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { formatDuration } from '../../core/time.ts';
import {
  closedSession,
  noSuchChoice,
  openSession,
  reasonHint,
  sessionLine,
  whichOne,
  whichSessions,
} from '../../core/messages/asking.ts';
import type { Command } from '../../wire/grammar.ts';
import { mistyped } from '../../wire/mistyped.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { isRoot, readerOf, type Visitor } from '../identity/visitor.ts';
import { accountOf } from '../sessions/session-account.ts';
import { checkSpace } from '../recordings/free-space.ts';
import { checkRoom } from './room.ts';
import type { SignedIn } from './signed-in.ts';

const tries = 3;

/** A visit that the policy allows to ask, with everything that the attach needs. */
export interface AttachPlan {
  readonly policy: SessionPolicy;
  readonly account: Account;
  readonly rule: string;
  readonly term: string;
  readonly command: Command;
  readonly mode: AccessMode;
  /** Under another person's grant, as the approver of it (view-target.ts). */
  readonly as?: 'approver';
}

/**
 * Checks what needs no identity: a terminal that can show a session, and a session that exists.
 * @throws Refused SSH_ONLY, NO_PTY, POOR_TERMINAL, UNKNOWN_SESSION, NOT_A_VERB
 */
export async function checkCommand(context: Context, visitor: Visitor, command: Command): Promise<void> {
  // The CLI has no pty to attach: a break-glass code would be used up for nothing.
  if (isRoot(visitor)) throw new Refused('SSH_ONLY', { host: context.host });
  const session = command.words[0];
  if (session !== undefined && sessionOf(context.config, session) === undefined)
    throw mistyped(readerOf(context, visitor), session) ?? unknown(context, visitor, session);
  if (!visitor.hello.tty) throw new Refused('NO_PTY', { host: context.host, session: session ?? 'SESSION' });
  await termOf(context, visitor, session ?? 'SESSION');
}

/** The name of the person's terminal, as the tmux client gets it. @throws Refused POOR_TERMINAL when tmux cannot draw on it */
export async function termOf(
  { host, terminfo }: Context,
  { hello: { term } }: Visitor,
  session: string,
): Promise<string> {
  const known = await terminfo.termFor(term);
  if (known === undefined) throw new Refused('POOR_TERMINAL', { word: term, host, session });
  return known;
}

/** Without a terminal, the word was probably meant as a command: a script, or `ssh prod-box ls`. */
function unknown({ host }: Context, { hello }: Visitor, session: string): Refused {
  return hello.tty
    ? new Refused('UNKNOWN_SESSION', { session, host })
    : new Refused('NOT_A_VERB', { word: session, host });
}

/** Chooses the session, and applies the policy. @throws Refused what the policy refuses, SESSION_FULL, RECORDINGS_FULL, and what `planFor` refuses */
export async function decide(
  context: Context,
  { conversation, visitor, who }: SignedIn,
  command: Command,
): Promise<AttachPlan> {
  const session = command.words[0] ?? (await pick(context, conversation, who));
  const { forMs, reason } = command;
  const asked = {
    session,
    ...(forMs === undefined ? {} : { durationMs: forMs }),
    ...(reason === undefined ? {} : { reason }),
  };
  const decision = judge(context.config, who, asked, fits);
  if (!decision.allow) throw refusedBy(context, decision.code, session, decision.rule);
  checkRoom(context, decision.policy, who);
  await checkSpace(context);
  return planFor(context, visitor, command, { ...decision, mode: modeOf(decision.policy, command.view) });
}

/** The plan, after checking the account, the cgroups and the terminal. @throws Refused SESSION_ACCOUNT, CGROUP_DOWN, POOR_TERMINAL */
export async function planFor(
  context: Context,
  visitor: Visitor,
  command: Command,
  { policy, rule, mode }: Pick<AttachPlan, 'policy' | 'rule' | 'mode'>,
): Promise<AttachPlan> {
  const account = await accountOf(context, policy);
  await context.cgroups.check();
  return { policy, account, rule, term: await termOf(context, visitor, policy.name), command, mode };
}

/** The refusal for a code of the policy, with the names that its hint needs. @param rule for the log. */
export function refusedBy(context: Context, code: Refused['code'], session: string, rule: string): Refused {
  const policy = sessionOf(context.config, session);
  const max = code === 'LONG_REASON' ? '400' : policy && formatDuration(policy.window.maxMs).replace(/\s/g, '');
  const names = {
    host: context.host,
    session,
    ...(max === undefined ? {} : { max, less: `--for ${max}` }),
    ...(policy === undefined ? {} : { groups: policy.who.join(', '), hint: policy.reason.hint ?? reasonHint }),
  };
  return new Refused(code, names, rule);
}

/** One line about a session: its account, and whether the person has access already. */
function offer({ liveGrants, host }: Context, who: SignIn, { name, runAs, window, approvers }: SessionPolicy): string {
  const live = liveGrants.latestFor(who, { host, session: name, login: who.login });
  if (live !== undefined) return openSession(name, runAs, effectiveEnd(live));
  const by = [...approvers.groups, ...(approvers.onCall ?? [])].join(', ');
  return closedSession(name, runAs, window.maxMs, by);
}

/** If there are several sessions, the person chooses one. @throws Refused NO_SESSION, UNKNOWN_SESSION, CANCELLED */
async function pick(context: Context, conversation: Conversation, who: SignIn): Promise<string> {
  const offered = sessionsFor(context.config, who);
  const [only, ...more] = offered;
  if (only === undefined) throw new Refused('NO_SESSION', { host: context.host });
  if (more.length === 0) return only.name;
  conversation.note([
    whichSessions,
    ...offered.map((policy, i) => sessionLine(i + 1, offer(context, who, policy))),
    '',
  ]);
  for (let left = tries; ; left--) {
    const answer = (await conversation.ask(whichOne)).trim();
    const picked = offered[Number(answer) - 1] ?? offered.find((policy) => policy.name === answer);
    if (picked !== undefined) return picked.name;
    if (left <= 1) throw new Refused('UNKNOWN_SESSION', { session: answer, host: context.host });
    conversation.note([noSuchChoice(offered.length)]);
  }
}
