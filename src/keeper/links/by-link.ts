// Decides whether a completed approval link is an approval (laws 2 and 3).
//
// 1. Only a verified ID token of the approval client, issued after the link, says who completed it. Attack: a token of an ordinary sign-in,
//    or an older one, is used.
// 2. The identity must map to a login; none of its logins may be the requester's, or locked; and the login's pin must name this person. A
//    login without a pin is pinned last, by an approval that counts. Attack: somebody who may not review takes another person's login by
//    pinning it.
// 3. From here on it is a review like any other: of the request as it was announced, under the policy of now, journaled before it is
//    posted, counted by the same rules.
import { loginsOf, type Identity } from '../../core/identity.ts';
import { isLogin } from '../../core/ids.ts';
import { anApprovalLink, byApprovalLink } from '../../core/messages/notices.ts';
import { sanitizeLine } from '../../core/text.ts';
import { Refused } from '../../core/refusal.ts';
import { proofOf, type RequestFacts, type Review } from '../../core/request.ts';
import { overAs } from '../../core/messages/review.ts';
import { checkLock, type CheckLockDeps } from '../identity/check-lock.ts';
import { readRequest, type ReadRequest, type ReadRequestDeps } from '../grants/read-request.ts';
import { checkReviewer, take, type ReviewDeps } from '../grants/review.ts';
import type { Settled } from '../grants/settle.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import { checkOwner, type CheckOwnerDeps } from '../identity/check-owner.ts';

export interface ByLinkDeps extends ReviewDeps, CheckOwnerDeps, ReadRequestDeps, CheckLockDeps {}

/** A request as the receivers of notices were told of it. */
export type Told = Pick<ReadRequest, 'facts' | 'digest'>;

/**
 * Makes the review.
 * @param began when the link was asked for: milliseconds since the epoch.
 * @throws Refused when it is no approval: TOKEN_REFUSED, REQUEST_OVER, REQUEST_FORGED, SELF_REVIEW, LOCKED, NOT_THIS_LOGIN, PIN_MISMATCH,
 * NOT_APPROVER, ALREADY_REVIEWED
 */
export async function approveByLink(deps: ByLinkDeps, told: Told, began: number, identity: Identity): Promise<Settled> {
  const { host } = deps;
  if (identity.issuedAt < Math.floor(began / 1000) * 1000)
    throw new Refused('TOKEN_REFUSED', { host }, 'iat is older than the link');
  const read = await stillWaiting(deps, told);
  const login = reviewerOf(deps, read.facts, identity);
  const made = reviewOf(deps, read, login, identity);
  const rule = await checkReviewer(deps, read, made, identity);
  await checkOwner(deps, login, identity);
  const jws = await deps.keys.sign('review', made);
  const { id: request, session, who } = read.facts;
  await deps.journal.write('reviewed', { ...made, rule, login: who.login, session });
  const settled = await take(deps, read, made, jws);
  // The approver gets a notice too: somebody may have tricked them into signing in.
  deps.notifier.send({ event: 'signed-in', host, request, login, from: anApprovalLink, identity: identity.claim });
  const verdict = 'approve';
  deps.notifier.send({ event: 'reviewed', request, verdict, by: login, session, host, how: byApprovalLink });
  return settled ?? 'over';
}

/** Rule 3. @throws Refused REQUEST_OVER, REQUEST_FORGED */
async function stillWaiting(deps: ByLinkDeps, { facts, digest }: Told): Promise<ReadRequest> {
  const names = { request: facts.id, host: deps.host, state: overAs.answeredOrWithdrawn };
  const entry = await deps.store.find(facts.id);
  const read = entry === undefined ? undefined : await readRequest(deps, entry);
  if (read === undefined || entry?.state !== 'pending' || deps.tombstones.has(requestTombstoneId(facts.id)))
    throw new Refused('REQUEST_OVER', names);
  if (read.digest !== digest) throw new Refused('REQUEST_FORGED', names);
  return read;
}

/** Rule 2. If the identity maps to several logins, the pinned one counts, because its pin says whose it is. */
function reviewerOf(deps: ByLinkDeps, { who }: RequestFacts, { claim }: Identity): string {
  const logins = loginsOf(claim, deps.config.oidc.claims.login).filter(isName);
  if (logins.includes(who.login)) throw new Refused('SELF_REVIEW', {}, 'the identity maps to the login that asked');
  for (const login of logins) checkLock(deps, login);
  const login = logins.find((name) => deps.pins.of(name) !== undefined) ?? logins[0];
  if (login === undefined) throw new Refused('NOT_THIS_LOGIN', { login: '(none)', claim: sanitizeLine(claim, 120) });
  return login;
}

/** Whether a review may name this login; root has no identity. */
const isName = (login: string): boolean => isLogin(login) && login !== 'root';

function reviewOf(deps: ByLinkDeps, { facts, digest }: ReadRequest, login: string, identity: Identity): Review {
  const { issuer, subject, claim, groups } = identity;
  return {
    request: facts.id,
    digest,
    host: deps.host,
    verdict: 'approve',
    by: { issuer, subject, claim, login },
    groups,
    at: deps.now(),
    proof: { ...proofOf(identity), byLink: true },
  };
}
