// A review: who may make it, and how it is posted and counted.
//
// 1. Nobody reviews their own request: not by login, not by subject (law 3).
// 2. Whether somebody has reviewed already is read from their own signed review, never from a field. Attack: whoever can write to Redis
//    sets the field, and a denial is refused.
// 3. A denial on the request's own host holds without Redis. One made on another host is announced again while it is missing. Attack:
//    whoever can write to Redis deletes the denial.
import { isOwn, isSamePerson, type Identity } from '../../core/identity.ts';
import { approversSaid, approverThere } from '../../core/messages/approvers.ts';
import { reviewRule } from '../../core/on-call.ts';
import { sessionOf } from '../../core/policy.ts';
import type { Review } from '../../core/request.ts';
import { Refused } from '../../core/refusal.ts';
import { overAs } from '../../core/messages/review.ts';
import type { ReadRequest } from './read-request.ts';
import { sha256 } from '../../adapters/sha256.ts';
import { denyHere, settle, type Settled, type SettleDeps } from './settle.ts';
import type { Reassert } from './reassert.ts';

export interface ReviewDeps extends SettleDeps {
  readonly reassert: Reassert;
}

/**
 * Posts a signed review, and settles the request if it is of this host (rules 2 and 3).
 * @returns undefined when another host decides
 * @throws Refused NO_SUCH_REQUEST, REQUEST_OVER, REDIS_DOWN
 */
export async function take(
  deps: ReviewDeps,
  read: ReadRequest,
  made: Review,
  jws: string,
): Promise<Settled | undefined> {
  const { id, host, answerBy } = read.facts;
  if (host === deps.host && made.verdict === 'deny') return denyHere(deps, read, made);
  // In the turn of its request: a second approval cannot come between the count of the first and its grant.
  if (host === deps.host) {
    await deps.oneByOne(`request ${id}`, async () => post(deps, read, jws));
    return settle(deps, id);
  }
  await post(deps, read, jws);
  if (made.verdict === 'deny')
    deps.reassert.on(answerBy, async () => {
      if ((await deps.store.find(id))?.reviews.includes(jws) === false)
        await deps.store.review(id, { name: sha256(jws), jws, host });
    });
  return undefined;
}

async function post(deps: ReviewDeps, { facts: { id, host } }: ReadRequest, jws: string): Promise<void> {
  const posted = await deps.store.review(id, { name: sha256(jws), jws, host });
  const names = { request: id, host: deps.host };
  if (posted === 'unknown') throw new Refused('NO_SUCH_REQUEST', names);
  if (posted === 'over') throw new Refused('REQUEST_OVER', { ...names, state: overAs.meanwhile });
}

/**
 * Whether this person may make this review. For a session of another host this host has no policy; that host decides (law 8).
 * @returns the rule that lets them review a session of this host
 * @throws Refused SELF_REVIEW, NOT_APPROVER, ALREADY_REVIEWED
 */
export async function checkReviewer(
  deps: ReviewDeps,
  read: ReadRequest,
  made: Review,
  identity: Identity,
): Promise<string | undefined> {
  const { session, id: request, host } = read.facts;
  const names = { session, groups: await approversOf(deps, read), request, host: deps.host };
  if (isOwn(made.by, read.facts.who.login, read.facts.who)) throw new Refused('SELF_REVIEW', names);
  const rule = host === deps.host ? await ruleOfReviewer(deps, session, identity) : undefined;
  if (host === deps.host && rule === undefined) throw new Refused('NOT_APPROVER', names);
  if (read.reviews.some((other) => isSamePerson(other.by, made.by))) throw new Refused('ALREADY_REVIEWED', names);
  return rule;
}

async function ruleOfReviewer(deps: ReviewDeps, session: string, identity: Identity): Promise<string | undefined> {
  const policy = sessionOf(deps.config, session);
  if (policy === undefined) return undefined;
  return reviewRule(policy, identity, await deps.onCall.duty(policy.approvers.onCall ?? []));
}

/** Who may review, in words for a screen. For another host's session this is only a guess, since that host has its own policy. */
export async function approversOf(deps: ReviewDeps, { facts }: ReadRequest): Promise<string> {
  const policy = sessionOf(deps.config, facts.session);
  if (policy === undefined) return approverThere;
  return approversSaid(policy, await deps.onCall.duty(policy.approvers.onCall ?? []));
}
