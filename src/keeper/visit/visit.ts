// One `ssh prod-box`, from its first message to its end: identify -> decide -> ask -> grant -> admit -> stay, each in a file of its own.
//
// 1. Who is let in is let in by the policy in force at that moment (admit.ts, rule 5). A visit into which another policy came is identified and
//    decided again, with the grant that it has; the person notices nothing if they still may. Attack: somebody waits for an approval while a
//    reload takes the session from them, and is then let in by the policy of before.
import { isBreakGlass } from '../../core/break-glass.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Connection } from '../connections/connection.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import { admit } from './admit.ts';
import { breakGlassTarget, type BreakGlassTarget } from './break-glass-target.ts';
import { ask } from './ask.ts';
import { checkCommand, decide } from './decide.ts';
import { liveGrant } from '../grants/live-grant-of.ts';
import { identify, requireSignInOfVisit, revalidateSignIn } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import { viewTarget, type AttachTarget } from './view-target.ts';
import { commandOnReturn } from './returning.ts';
import type { SignedIn } from './signed-in.ts';
import { stay } from './stay.ts';
import { Refused } from '../../core/refusal.ts';

/** The whole visit; resolves when its connection has ended. @throws Refused by the step that refuses */
export async function visit(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  await checkCommand(context, visitor, command);
  const glass = await breakGlassTarget(context, visitor, command);
  const began = context.policy.taken();
  const target = glass ?? (await targetOf(context, conversation, visitor, command));
  if (context.policy.taken() !== began) await identify(context, visitor.hello); // rule 1
  const connection = await admitByPolicyOfNow(context, { conversation, visitor, who: target.who }, target, command);
  await stay(context, conversation, connection);
}

/** More often than anybody reloads while one visit is let in. */
const tries = 5;

/** Rule 1. @throws Refused */
export async function admitByPolicyOfNow(
  context: Context,
  visit: SignedIn,
  first: AttachTarget,
  command: Command,
): Promise<Connection> {
  let target = first;
  for (let left = tries; ; left--) {
    try {
      return await admit(context, visit, target);
    } catch (error) {
      const isOutdated = error instanceof Refused && error.code === 'CHANGED_MEANWHILE' && left > 1;
      if (!isOutdated) throw error;
      target = await targetAnew(context, visit, command, target);
    }
  }
}

/** The same visit by the policy of now. @throws Refused what refuses any visit; GRANT_OVER */
async function targetAnew(
  context: Context,
  visit: SignedIn,
  command: Command,
  before: AttachTarget,
): Promise<AttachTarget> {
  const { visitor, who } = visit;
  const { policy } = before.plan;
  await identify(context, visitor.hello);
  const named = { ...command, words: [policy.name] };
  const back = { verb: 'attach', words: [policy.name], json: false } as const;
  const other = isBreakGlass(before.live.grant)
    ? await breakGlassTarget(context, visitor, back)
    : who.from === undefined
      ? await viewTarget(context, who, visitor, named)
      : undefined;
  if (other !== undefined) return other;
  const plan = await decide(context, visit, named);
  const live = await liveGrant(context, who, plan.policy.name, plan.mode);
  if (live === undefined) throw new Refused('GRANT_OVER', { host: context.host, session: policy.name });
  return { plan, live };
}

async function targetOf(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<BreakGlassTarget> {
  const who = await requireSignInOfVisit(context, conversation, visitor);
  checkLock(context, visitor.login);
  const approvers = who.from === undefined ? await viewTarget(context, who, visitor, command) : undefined;
  return { who, ...(approvers ?? (await ownTarget(context, { conversation, visitor, who }, command))) };
}

/** A visit under a grant of one's own, which is asked for if there is none. */
async function ownTarget(context: Context, visit: SignedIn, command: Command): Promise<AttachTarget> {
  const { conversation, visitor, who } = visit;
  const plan = await decide(context, visit, await commandOnReturn(context, visitor, command));
  let live = await liveGrant(context, who, plan.policy.name, plan.mode);
  if (live === undefined) {
    const now = await revalidateSignIn(context, conversation, visitor, who);
    await ask(context, { ...visit, who: now }, plan);
    live = await liveGrant(context, who, plan.policy.name, plan.mode);
  }
  if (live === undefined) throw new Refused('GRANT_OVER', { host: context.host, session: plan.policy.name });
  return { plan, live };
}
