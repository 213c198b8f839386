// Whose rows somebody sees, in a listing and on a board alike: root on the host all, a person what is theirs and what they may
// review.
import type { LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { isNamed } from '../../core/policy.ts';
import type { Connection } from '../connections.ts';
import type { House } from '../house.ts';
import { readRequest, type ReadRequest } from '../read-request.ts';
import { mayTouch, type Actor } from './actor.ts';

/** Every request that waits and that a host of this gate signed. */
export async function readRequests(house: House): Promise<readonly ReadRequest[]> {
  const read = await Promise.all((await house.board.pending()).map(async (entry) => readRequest(house, entry)));
  return read.filter((request) => request !== undefined);
}

/**
 * Of a session on another host this host knows no policy: those whom its own policy names to ask or to review see them. Attack:
 * anybody with a login reads the reasons, such as what is broken, of the whole fleet.
 */
export function requestsFor(house: House, actor: Actor, all: readonly ReadRequest[]): readonly ReadRequest[] {
  const { person } = actor;
  const elsewhere = person === undefined || isNamed(house.config, person, actor.duty);
  return all.filter(({ facts }) =>
    facts.host === house.host
      ? mayTouch(house, actor, facts.session, facts.who)
      : elsewhere || isSamePerson(person, facts.who),
  );
}

export function grantsFor(house: House, actor: Actor, all: readonly LiveGrant[]): readonly LiveGrant[] {
  return all.filter(({ grant }) => mayTouch(house, actor, grant.session, grant.who));
}

export function connectionsFor(house: House, actor: Actor): readonly Connection[] {
  return house.connections.all().filter(({ state }) => mayTouch(house, actor, state.session, state.who));
}
