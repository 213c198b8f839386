// An approver who comes with `--view` so that a person may type in a moderated session. The grant that they approved lets them in without a
// request of their own (core/access-mode.ts, rule 4). Everybody else who wants to view asks for a grant.
//
// 1. The grant must be in the store too, not only in this keeper's memory; admission checks it again (law 8).
// 2. The person must be an approver now: by the groups of their live sign-in, or because they are on call. Attack: a former approver keeps
//    viewing sessions.
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

/** What a visit attaches to, and under which grant. */
export interface AttachTarget {
  readonly plan: AttachPlan;
  readonly live: LiveGrant;
}

/**
 * The target of an approver; undefined when no live grant names them, or the visit is not for viewing.
 * @throws Refused REDIS_DOWN, SESSION_FULL and what `planFor` refuses
 */
export async function viewTarget(
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
  const rule = `approver-of: ${live.grant.id}`;
  checkRoom(context, policy, who);
  const plan = await planFor(context, visitor, command, { policy, rule, mode: modeOf(policy, command.view) });
  return { live, plan: { ...plan, as: 'approver' } };
}
