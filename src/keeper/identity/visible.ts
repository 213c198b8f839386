// Which rows somebody sees, in a listing and on the dashboard alike. Root on the host sees all. A person sees what is theirs and what they
// may review.
import { auditRule } from '../../core/auditors.ts';
import type { LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import type { Config } from '../../core/policy-types.ts';
import { isNamed, mayReview, sessionOf } from '../../core/policy.ts';
import type { Person } from '../../core/request.ts';
import type { Connection } from '../connections/connection.ts';
import type { ReadRequest } from '../grants/read-request.ts';
import type { Actor } from './actor.ts';

export interface MayTouchDeps {
  readonly config: Config;
}

export interface VisibleDeps extends MayTouchDeps {
  readonly host: string;
  readonly connections: { all(): readonly Connection[] };
}

/** Whether this actor may see, and end, what belongs to `owner` in a session. */
export function mayTouch(deps: MayTouchDeps, actor: Actor, session: string, owner: Person): boolean {
  if (actor.person === undefined || isSamePerson(actor.person, owner)) return true;
  const policy = sessionOf(deps.config, session);
  return policy !== undefined && mayReview(policy, actor.person, actor.duty);
}

/**
 * The requests that this actor sees. For a session of another host, this host has no policy; there, those see a request whom this host's
 * own policy names to ask or to review. Attack: anybody with a login reads the reasons, such as what is broken, of the whole fleet.
 */
export function requestsFor(deps: VisibleDeps, actor: Actor, all: readonly ReadRequest[]): readonly ReadRequest[] {
  const { person } = actor;
  const elsewhere = person === undefined || isNamed(deps.config, person, actor.duty);
  return all.filter(({ facts }) =>
    facts.host === deps.host
      ? mayTouch(deps, actor, facts.session, facts.who)
      : elsewhere || isSamePerson(person, facts.who),
  );
}

/** The grants that this actor sees. */
export function grantsFor(deps: VisibleDeps, actor: Actor, all: readonly LiveGrant[]): readonly LiveGrant[] {
  return all.filter(({ grant }) => mayTouch(deps, actor, grant.session, grant.who));
}

/** The connections that this actor sees: an auditor sees what they may follow as well, and may not end it. */
export function connectionsFor(deps: VisibleDeps, actor: Actor): readonly Connection[] {
  const maySee = ({ state: { session, who } }: Connection): boolean =>
    mayTouch(deps, actor, session, who) || mayFollow(deps, actor, session);
  return deps.connections.all().filter(maySee);
}

function mayFollow({ config }: MayTouchDeps, { person, duty }: Actor, session: string): boolean {
  const policy = sessionOf(config, session);
  return person !== undefined && policy !== undefined && auditRule(policy, person, duty) !== undefined;
}
