// On which grant a connection stands: the one that keeps it, and whose end is its own.
//
// 1. One that types stands on grants for typing alone. Attack: a short window to type in is lengthened by asking for a long one to
//    look on (law 4).
// 2. An approver who looks on under somebody else's grant stands on the grants of that session that name them, and only while the
//    policy calls them an approver and the session moderated (core/sight, rule 4). When those end, so does their look.
import { latest, type LiveGrant } from '../core/grant.ts';
import type { SamePerson } from '../core/identity.ts';
import { sessionOf } from '../core/policy.ts';
import { mayLookOn, servesMode } from '../core/sight.ts';
import type { ConnectionState } from './connections.ts';
import type { House } from './house.ts';

type Standing = Pick<ConnectionState, 'who' | 'session' | 'mode' | 'as' | 'approves'>;

export function standsOn(house: House, state: Standing): LiveGrant | undefined {
  const { who, session, mode = 'type' } = state;
  if (state.as === 'approver') return namedIn(house, session, who, state.approves ?? []);
  const door = { host: house.host, session, login: who.login };
  return house.book.latestFor(who, door, ({ grant }) => servesMode(grant, mode));
}

/** Rule 2: of the live grants for this session that this person approved, the one that ends last. */
export function namedIn(
  house: House,
  session: string,
  who: SamePerson,
  rules: readonly string[],
): LiveGrant | undefined {
  const policy = sessionOf(house.config, session);
  if (policy === undefined) return undefined;
  return latest(house.book.all().filter(({ grant }) => mayLookOn(policy, grant, who, rules)));
}
