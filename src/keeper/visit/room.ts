// max_connections: how many may be attached to one server at once, whoever they are and whether they type or only look on.
// Asked twice: before anybody is woken, and again in the same turn of the event loop as the connection is registered, so that of
// two who come at once one gets the last place.
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import type { Context } from '../context.ts';
import { keyOf, ownerOf, type Owner } from '../sessions/session-key.ts';

/** One that is on its way out has left its place already: whoever comes back after a dropped line is not in their own way. */
function taken(context: Context, policy: SessionPolicy, who: Owner): number {
  const key = keyOf(policy.name, ownerOf(policy, who));
  const there = context.connections
    .all()
    .filter(({ state, over }) => over === undefined && state.session === policy.name);
  return there.filter(({ state }) => keyOf(policy.name, ownerOf(policy, state.who)) === key).length;
}

/** @throws Refused SESSION_FULL */
export function checkRoom(context: Context, policy: SessionPolicy, who: Owner): void {
  const { name, maxConnections: max = Infinity } = policy;
  const attached = taken(context, policy, who);
  if (attached >= max) throw new Refused('SESSION_FULL', { host: context.host, session: name, attached, max });
}
