// An approver who comes with `--view` to let a person type in a moderated session: the grant that they signed is their way in, with
// nobody left to wake (core/sight, rule 4). Everybody else who would look on asks for a grant like anybody.
//
// 1. What the book knows of the grant must stand on the board as well, as for its owner; admission looks once more (law 8).
// 2. They must be an approver now: by the groups of their live sign-in, or on call.
import { sessionOf } from '../../core/policy.ts';
import { isAnother, modeOf } from '../../core/access-mode.ts';
import type { SignIn } from '../../core/sign-in.ts';
import type { LiveGrant } from '../../core/grant.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Context } from '../context.ts';
import { approverBy } from '../identity/on-call.ts';
import { grantApprovedBy } from '../connections/governing-grant.ts';
import { planFor, type AttachPlan } from './decide.ts';
import { readGrants } from '../grants/read-grants.ts';
import type { Visitor } from '../identity/visitor.ts';
import { checkRoom } from './room.ts';

export interface AttachTarget {
  readonly plan: AttachPlan;
  readonly live: LiveGrant;
}

/** Undefined where no live grant names them. @throws Refused */
export async function lookOn(
  context: Context,
  who: SignIn,
  visitor: Visitor,
  command: Command,
): Promise<AttachTarget | undefined> {
  const policy = sessionOf(context.config, command.words[0] ?? '');
  if (command.view !== true || policy?.moderated !== true) return undefined;
  for (const live of await readGrants(context, { host: context.host, session: policy.name }))
    context.liveGrants.add(live);
  const live = grantApprovedBy(context, policy.name, who, await approverBy(context, policy, who));
  if (live === undefined || !isAnother(who, live.grant.who)) return undefined;
  const rule = `approver of ${live.grant.id}`;
  checkRoom(context, policy, who);
  const plan = await planFor(context, visitor, command, { policy, rule, mode: modeOf(policy, command.view) });
  return { live, plan: { ...plan, as: 'approver' } };
}
