// `max_connections`: how many may be attached to one server at once, whoever they are and whether they type or view. Checked twice: before
// anybody is called, and in the same turn of the event loop in which the connection is registered, so that only one of two visits at once
// gets the last place.
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import type { Context } from '../context.ts';
import { keyOf, ownerOf, type Owner } from '../sessions/session-key.ts';

/** A connection that is ending does not count: whoever comes back after a lost connection must not be refused because of it. */
function taken(context: Context, policy: SessionPolicy, who: Owner): number {
  const key = keyOf(policy.name, ownerOf(policy, who));
  const there = context.connections
    .all()
    .filter(({ state, over }) => over === undefined && state.session === policy.name);
  return there.filter(({ state }) => keyOf(policy.name, ownerOf(policy, state.who)) === key).length;
}

/** Refuses when every place is taken. @throws Refused SESSION_FULL */
export function checkRoom(context: Context, policy: SessionPolicy, who: Owner): void {
  const { name, maxConnections: max = Infinity } = policy;
  const attached = taken(context, policy, who);
  if (attached >= max) throw new Refused('SESSION_FULL', { host: context.host, session: name, attached, max });
}
