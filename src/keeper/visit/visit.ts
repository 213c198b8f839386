// One `ssh prod-box`, from the knock to the end: identify -> decide -> ask -> grant -> admit -> watch, a file each.
import type { SignIn } from '../../core/sign-in.ts';
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
import { type Visitor } from '../identity/visitor.ts';
import { lookOn, type AttachTarget } from './look-on.ts';
import { commandOnReturn } from './returning.ts';
import { stay } from './stay.ts';
import { Refused } from '../../core/refusal.ts';

/** @throws Refused at whichever step refuses. */
export async function visit(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  await checkCommand(context, visitor, command);
  const glass = await breakGlassTarget(context, visitor, command);
  const { who, plan, live } = glass ?? (await seatOf(context, conversation, visitor, command));
  const connection = await admit(context, conversation, who, visitor, plan, live);
  await stay(context, conversation, connection);
}

async function seatOf(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<BreakGlassTarget> {
  const who = await requireSignIn(context, conversation, visitor);
  checkLock(context, visitor.login);
  const subscription = await lookOn(context, who, visitor, command);
  return { who, ...(subscription ?? (await ownSeat(context, conversation, who, visitor, command))) };
}

/** Under a grant of their own, asked for where there is none. */
async function ownSeat(
  context: Context,
  conversation: Conversation,
  who: SignIn,
  visitor: Visitor,
  command: Command,
): Promise<AttachTarget> {
  const plan = await decide(context, conversation, who, visitor, await commandOnReturn(context, visitor, command));
  let live = await liveGrant(context, who, plan.policy.name, plan.mode);
  if (live === undefined) {
    await ask(context, conversation, await revalidateSignIn(context, conversation, visitor, who), visitor, plan);
    live = await liveGrant(context, who, plan.policy.name, plan.mode);
  }
  if (live === undefined) throw new Refused('GRANT_OVER', { host: context.host, session: plan.policy.name });
  return { plan, live };
}
