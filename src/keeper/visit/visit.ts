// One `ssh prod-box`, from its first message to its end: identify -> decide -> ask -> grant -> admit -> stay, each in a file of its own.
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import { admit } from './admit.ts';
import { breakGlassTarget, type BreakGlassTarget } from './break-glass-target.ts';
import { ask } from './ask.ts';
import { checkCommand, decide } from './decide.ts';
import { liveGrant } from '../grants/live-grant-of.ts';
import { requireSignIn, revalidateSignIn } from '../identity/identify.ts';
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
  const { who, plan, live } = glass ?? (await targetOf(context, conversation, visitor, command));
  const connection = await admit(context, { conversation, visitor, who }, { plan, live });
  await stay(context, conversation, connection);
}

async function targetOf(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<BreakGlassTarget> {
  const who = await requireSignIn(context, conversation, visitor);
  checkLock(context, visitor.login);
  const approvers = await viewTarget(context, who, visitor, command);
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
