// An approver who comes with `--watch` to let a person type in a moderated session: the grant that they signed is their way in, with
// nobody left to wake (core/sight, rule 4). Everybody else who would look on asks for a grant like anybody.
//
// 1. What the book knows of the grant must stand on the board as well, as for its owner; admission looks once more (law 8).
// 2. They must be an approver now: by the groups of their live sign-in, or on call.
import { sessionOf } from '../../core/policy.ts';
import { isAnother, modeOf } from '../../core/sight.ts';
import type { SignIn } from '../../core/sign-in.ts';
import type { LiveGrant } from '../../core/grant.ts';
import type { Command } from '../../wire/grammar.ts';
import type { House } from '../house.ts';
import { approverBy } from '../on-call.ts';
import { namedIn } from '../standing.ts';
import { wishFor, type Wish } from './decide.ts';
import { readGrants } from './grant.ts';
import type { Visitor } from './identify.ts';
import { checkRoom } from './room.ts';

export interface Seat {
  readonly wish: Wish;
  readonly live: LiveGrant;
}

/** Undefined where no live grant names them. @throws Refused */
export async function lookOn(house: House, who: SignIn, visitor: Visitor, command: Command): Promise<Seat | undefined> {
  const policy = sessionOf(house.config, command.words[0] ?? '');
  if (command.watch !== true || policy?.moderated !== true) return undefined;
  for (const live of await readGrants(house, { host: house.host, session: policy.name })) house.book.add(live);
  const live = namedIn(house, policy.name, who, await approverBy(house, policy, who));
  if (live === undefined || !isAnother(who, live.grant.who)) return undefined;
  const rule = `approver of ${live.grant.id}`;
  checkRoom(house, policy, who);
  const wish = await wishFor(house, visitor, command, { policy, rule, mode: modeOf(policy, command.watch) });
  return { live, wish: { ...wish, as: 'approver' } };
}
