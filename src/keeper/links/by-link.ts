// An approval link that somebody completed: whether that is an approval (laws 2 and 3).
//
// 1. Who it was is told by the verified ID token of the approval client alone, issued after the link was. Attack: a token of an
//    ordinary sign-in, or an older one.
// 2. The identity must map to a login, none of its logins may be the requester's or locked, and the login's pin must agree. A login
//    without a pin is pinned last, by an approval that counts: whoever may not review takes no login from anybody.
// 3. From there on it is a review like any other: of the request as it was told, judged by the policy of now, journaled before it is
//    posted, counted by the same rules.
import { loginsOf, type Identity } from '../../core/identity.ts';
import { isLogin } from '../../core/ids.ts';
import { line } from '../../core/text.ts';
import { Refused } from '../../core/refusal.ts';
import { proofOf, type RequestFacts, type Review } from '../../core/request.ts';
import type { House } from '../house.ts';
import { checkLock } from '../locks.ts';
import { readRequest, type ReadRequest } from '../read-request.ts';
import { checkReviewer, take } from '../verbs/review.ts';
import { stoneOf, type Settled } from '../visit/grant.ts';
import { checkOwner } from '../visit/identify.ts';

/** A request as the receivers of notices were told of it. */
export type Told = Pick<ReadRequest, 'facts' | 'digest'>;

/** @param began when the link was asked for: instant, milliseconds. @throws Refused when it is no approval. */
export async function approveByLink(house: House, told: Told, began: number, identity: Identity): Promise<Settled> {
  const { host } = house;
  if (identity.issuedAt < Math.floor(began / 1000) * 1000)
    throw new Refused('TOKEN_REFUSED', { host }, 'iat is older than the link');
  const read = await stillWaiting(house, told);
  const login = reviewerOf(house, read.facts, identity);
  const made = reviewOf(house, read, login, identity);
  const rule = await checkReviewer(house, read, made, identity);
  await checkOwner(house, login, identity);
  const jws = await house.keys.sign('review', made);
  const { id: request, session, who } = read.facts;
  await house.journal.write('reviewed', { ...made, rule, login: who.login, session });
  const settled = await take(house, read, made, jws);
  // Told to the approver themselves: somebody may have talked them into it.
  house.notifier.send({ event: 'signed-in', host, request, login, from: 'an approval link', identity: identity.claim });
  const verdict = 'approve';
  house.notifier.send({ event: 'reviewed', request, verdict, by: login, session, host, how: 'by approval link' });
  return settled ?? 'over';
}

/** Rule 3. */
async function stillWaiting(house: House, { facts, digest }: Told): Promise<ReadRequest> {
  const names = { request: facts.id, host: house.host, state: 'answered or withdrawn' };
  const entry = await house.board.find(facts.id);
  const read = entry === undefined ? undefined : await readRequest(house, entry);
  if (read === undefined || entry?.state !== 'pending' || house.tombstones.has(stoneOf(facts.id)))
    throw new Refused('REQUEST_OVER', names);
  if (read.digest !== digest) throw new Refused('REQUEST_FORGED', names);
  return read;
}

/** Rule 2. Of several logins the one that is pinned: the pin says whose they are. */
function reviewerOf(house: House, { who }: RequestFacts, { claim }: Identity): string {
  const logins = loginsOf(claim, house.config.oidc.claims.login).filter(isName);
  if (logins.includes(who.login)) throw new Refused('SELF_REVIEW', {}, 'the identity maps to the login that asked');
  for (const login of logins) checkLock(house, login);
  const login = logins.find((name) => house.pins.of(name) !== undefined) ?? logins[0];
  if (login === undefined) throw new Refused('NOT_THIS_LOGIN', { login: '(none)', claim: line(claim, 120) });
  return login;
}

/** What a review may be signed with; root has no identity. */
const isName = (login: string): boolean => isLogin(login) && login !== 'root';

function reviewOf(house: House, { facts, digest }: ReadRequest, login: string, identity: Identity): Review {
  const { issuer, subject, claim, groups } = identity;
  return {
    request: facts.id,
    digest,
    host: house.host,
    verdict: 'approve',
    by: { issuer, subject, claim, login },
    groups,
    at: house.now(),
    proof: { ...proofOf(identity), byLink: true },
  };
}
