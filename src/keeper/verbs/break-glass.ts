// Break-glass: access by a one-time code when nobody can be asked (docs/design.md, "When something is gone").
//
// 1. Root issues codes beforehand. A code opens one session once, for a short window whose length the policy fixes.
// 2. It works without Redis and without the provider, but never without the journal (law 7).
// 3. Everybody is told, and no other code works until somebody has reviewed this use. Attack: codes are used one after another and nobody
//    notices.
import { fits } from '../../config/pattern.ts';
import { breakGlassPerson, stateOf, type Use } from '../../core/break-glass.ts';
import type { Grant, LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { grantId, idBytes } from '../../core/ids.ts';
import { anApprover, approversSaid } from '../../core/messages/approvers.ts';
import { decide as judge, isCurrent, mayReview, sessionOf } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import { modeFields } from '../../core/access-mode.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatClock, formatInstant, windowEnd } from '../../core/time.ts';
import {
  codePrompt,
  codeProblems,
  codesShownOnce,
  noCodes,
  nothingToReview,
  reviewed,
  useWaits,
  voided,
} from '../../core/messages/break-glass.ts';
import { purposes } from '../../core/messages/waiting.ts';
import { personName } from '../../core/person-name.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { reviewedOf, tellOfUse, voidedOf } from '../grants/break-glass-use.ts';
import { grantEnd } from '../grants/on-grant-end.ts';
import { checkLock } from '../identity/check-lock.ts';
import { json, table } from '../../wire/listing.ts';
import { ownGlass, signInByGlass } from '../visit/break-glass-target.ts';
import { checkCommand, refusedBy, planFor, type AttachPlan } from '../visit/decide.ts';
import { reauthenticate } from '../identity/identify.ts';
import { columnsOf, isRoot, type Visitor } from '../identity/visitor.ts';
import { stay } from '../visit/stay.ts';
import { admitByPolicyOfNow } from '../visit/visit.ts';

/** A part of the verb that manages codes. */
type Subcommand = (
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
) => Promise<void> | void;

const subcommands: Readonly<Record<string, Subcommand>> = { issue, list, void: voidCodes, review };

/**
 * The verb `break-glass`: manages codes, or opens a session with one.
 * @throws Refused LOCAL_ONLY, BAD_COMMAND, JOURNAL_DOWN, GLASS_UNREVIEWED, GLASS_PAUSED, GLASS_WRONG, LOCKED and what an admission refuses
 */
export async function breakGlass(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const [word = ''] = command.words;
  const work = Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
  await (work ?? breakIn)(context, conversation, visitor, command);
}

function checkRoot(context: Context, visitor: Visitor, word: string): void {
  if (!isRoot(visitor)) throw new Refused('LOCAL_ONLY', { word: `break-glass ${word}`, host: context.host });
}

const mostCodes = 20;

async function issue(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  { words: [, count = '1'] }: Command,
): Promise<void> {
  checkRoot(context, visitor, 'issue');
  const wanted = /^\d{1,2}$/.test(count) ? Number(count) : 0;
  if (wanted < 1 || wanted > mostCodes)
    throw new Refused('BAD_COMMAND', { problem: codeProblems.howMany(mostCodes), host: context.host });
  await context.journal.write('break-glass-issued', { count: wanted, by: visitor.login });
  const codes = await context.breakGlass.issue(wanted);
  conversation.note([codesShownOnce]);
  conversation.out(codes);
}

function list(context: Context, conversation: Conversation, visitor: Visitor, command: Command): void {
  checkRoot(context, visitor, 'list');
  const rows = context.breakGlass.all().map((code) => {
    const { id, issuedAt, usedAt, usedBy } = code;
    return { id, issuedAt, state: stateOf(code), usedAt: usedAt ?? null, usedBy: usedBy ?? null };
  });
  const unreviewed = context.breakGlass.unreviewed() ?? null;
  if (command.json) return conversation.out([json({ codes: rows, unreviewed })]);
  if (rows.length === 0) return conversation.out([noCodes]);
  const cells = rows.map(({ id, issuedAt, state, usedAt, usedBy }) => [
    ...[id, formatInstant(issuedAt), state],
    usedAt === null ? '-' : `${usedBy ?? '?'}, ${formatInstant(usedAt)}`,
  ]);
  conversation.out(table(['CODE', 'ISSUED', 'STATE', 'USED BY'], cells, columnsOf(visitor)));
  if (unreviewed !== null) conversation.out(['', useWaits(unreviewed.login)]);
}

async function voidCodes(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  { words: [, id], all }: Command,
): Promise<void> {
  checkRoot(context, visitor, 'void');
  if ((id === undefined) === (all !== true))
    throw new Refused('BAD_COMMAND', { problem: codeProblems.which, host: context.host });
  let count = 0;
  await context.outbox.allow(voidedOf(id?.toUpperCase(), visitor.login), async () => {
    count = await context.breakGlass.void(id?.toUpperCase());
  });
  conversation.out([voided(count)]);
}

/** Root may review a use, or somebody who may approve for that session and is not the person who used the code. */
async function review(context: Context, conversation: Conversation, visitor: Visitor, command: Command): Promise<void> {
  const use = context.breakGlass.unreviewed();
  if (use === undefined) return conversation.out([nothingToReview]);
  const reason = sanitizeLine(command.reason ?? '', 400);
  if (reason === '') throw new Refused('REVIEW_REASON', { host: context.host });
  const by = isRoot(visitor) ? visitor.login : await reviewer(context, conversation, visitor, use);
  await context.oneByOne('break-glass', async () => {
    // During the sign-in, somebody else may have reviewed this use, and another code may have been used: that use was not shown here.
    if (context.breakGlass.unreviewed()?.grant !== use.grant)
      throw new Refused('CHANGED_MEANWHILE', { host: context.host });
    await context.outbox.allow(reviewedOf(use, { by, reason }), async () => context.breakGlass.review(use.grant));
  });
  conversation.out([reviewed(use.login, use.session, use.at)]);
}

async function reviewer(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  { session, login: user }: Use,
): Promise<string> {
  if (visitor.login === user) throw new Refused('SELF_REVIEW', { groups: anApprover });
  const identity = await reauthenticate(context, conversation, visitor, purposes.breakGlass);
  // Nor under a second login of theirs (law 3): the pin of the login that used the code says who that person is.
  const pin = context.pins.of(user);
  if (pin !== undefined && isSamePerson(pin, identity)) throw new Refused('SELF_REVIEW', { groups: anApprover });
  const policy = sessionOf(context.config, session);
  const duty = await context.onCall.duty(policy?.approvers.onCall ?? []);
  if (policy === undefined || !mayReview(policy, identity, duty))
    throw new Refused('NOT_APPROVER', {
      session,
      groups: policy === undefined ? '-' : approversSaid(policy, duty),
      request: `of ${user}`,
    });
  return personName({ login: visitor.login, claim: identity.claim });
}

async function breakIn(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const plan = await planOf(context, visitor, command);
  const mine = ownGlass(context, visitor.login, plan.policy.name, plan.mode);
  const live = mine ?? (await open(context, conversation, visitor, plan));
  const visit = { conversation, visitor, who: signInByGlass(context, visitor, live.grant) };
  const connection = await admitByPolicyOfNow(context, visit, { plan, live }, command);
  await stay(context, conversation, connection);
}

/** Checks what a visit checks before it asks, and the reason. Whether the person may ask for the session does not matter. */
async function planOf(context: Context, visitor: Visitor, command: Command): Promise<AttachPlan> {
  await checkCommand(context, visitor, command);
  const [session = ''] = command.words;
  const policy = sessionOf(context.config, session);
  if (policy === undefined) throw new Refused('UNKNOWN_SESSION', { session, host: context.host });
  const reason = command.reason ?? '';
  const decision = judge(context.config, { groups: policy.who }, { session, reason }, fits);
  if (!decision.allow) throw refusedBy(context, decision.code, session, decision.rule);
  return planFor(context, visitor, command, { policy, rule: 'break-glass', mode: policy.mode });
}

/**
 * Asks for a code and opens the session with it (rules 2 and 3).
 * @throws Refused GLASS_UNREVIEWED, GLASS_PAUSED, GLASS_WRONG, LOCKED, JOURNAL_DOWN
 */
async function open(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  plan: AttachPlan,
): Promise<LiveGrant> {
  const { host } = context;
  const blocking = context.breakGlass.unreviewed();
  if (blocking !== undefined) throw new Refused('GLASS_UNREVIEWED', { host, login: blocking.login });
  const typed = await conversation.ask(codePrompt, { hide: true });
  const { login } = visitor;
  const tried = await context.breakGlass.try(typed, login);
  if ('pausedUntil' in tried) throw new Refused('GLASS_PAUSED', { host, login, until: formatClock(tried.pausedUntil) });
  if ('problem' in tried) {
    await context.journal.write('break-glass-wrong', { login, session: plan.policy.name });
    throw new Refused('GLASS_WRONG', { host });
  }
  return context.oneByOne('break-glass', async () => useUp(context, visitor, plan, tried.code));
}

/** Uses up the code and tells everybody before the grant takes effect (law 7). @throws Refused */
async function useUp(context: Context, visitor: Visitor, plan: AttachPlan, code: string): Promise<LiveGrant> {
  const { host } = context;
  checkLock(context, visitor.login); // again, after the typing, so that the code is not used up in vain
  if (!isCurrent(context.config, plan.policy)) throw new Refused('CHANGED_MEANWHILE', { host });
  const blocking = context.breakGlass.unreviewed();
  if (blocking !== undefined) throw new Refused('GLASS_UNREVIEWED', { host, login: blocking.login });
  const grant = grantFor(context, visitor, plan, code);
  const { id, session, start: at, reason } = grant;
  const { login, address, fingerprint } = visitor;
  const use = { code, login, session, grant: id, at, reason, address };
  if (!(await context.breakGlass.begin(use))) throw new Refused('GLASS_WRONG', { host });
  const claimed = { address, fingerprint };
  const facts = { grant: id, code, session, login, reason, end: grant.end, claimed };
  await context.outbox.begin(grantEnd(grant, 'break-glass'), async () => context.journal.write('break-glass', facts));
  tellOfUse(context, use);
  await context.breakGlass.finish(grant);
  const live = { grant, keyEnd: grant.end };
  context.liveGrants.add(live);
  return live;
}

function grantFor(context: Context, visitor: Visitor, plan: AttachPlan, code: string): Grant {
  const start = context.now();
  const id = grantId(context.random(idBytes.grant));
  const { name: session } = plan.policy;
  return {
    ...{ id, request: `GLASS${code}`, digest: '0'.repeat(64), host: context.host, session },
    who: breakGlassPerson(visitor.login, code),
    reason: sanitizeLine(plan.command.reason ?? '', 400),
    approvers: [],
    ...{ start, end: windowEnd(start, context.config.breakGlass.windowMs), ...modeFields(plan.mode) },
  };
}
