// Approval links: a device login of the approval client, sent with the facts of a request in a notice
// (docs/design.md, "Requests and reviews").
//
// 1. Link and code are in that notice and in this process's memory, nowhere else: not in the store, the journal, a log, a listing or on the
//    requester's terminal (law 11). Attack: the requester sends the link to an approver and says that it is for something else.
// 2. A link works once, whoever completes it. It ends with its request, and with the keeper. Attack: a link is kept and used later.
// 3. Their number is limited: for one request (`mostRenewals`, and one more for each approval after which it still waits), for one login
//    and for the host (link-limit.ts). Attack: requests without end fill the provider with codes.
// 4. No request waits for its link: if there is none in five seconds, the notice goes out without it (law 1: it only means that nobody can
//    approve by link). Accident: the provider is down, and nobody hears of a request.
import type { Provider, SignedIn } from '../../adapters/oidc.ts';
import type { EventFields } from '../../core/events/events.ts';
import type { Identity } from '../../core/identity.ts';
import { sessionOf } from '../../core/policy.ts';
import type { Config } from '../../core/policy-types.ts';
import { asRefused } from '../../core/refusal.ts';
import { approverLine, type ApproverDeps, type OnCall } from '../identity/on-call.ts';
import { readRequest, type ReadRequestDeps } from '../grants/read-request.ts';
import type { Settled } from '../grants/settle.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import { approveByLink, type ByLinkDeps, type Told } from './by-link.ts';
import { openLinkLimit, type Place, type LinkLimit } from './link-limit.ts';
import { refusedNotice, requestedNotice, type Link } from './told.ts';
import type { RequestEnds } from '../grants/request-ends.ts';

export interface LinksDeps extends ReadRequestDeps, ByLinkDeps, ApproverDeps {
  readonly onCall: OnCall;
}

/** How many links that nobody used are replaced by another one. */
const mostRenewals = 3;
/** How long the provider may take to give out a link (rule 4). */
const beginMs = 5_000;
/** The longest life of a code (adapters/oidc-device.ts). */
const codeMs = 300_000;

/** Announces requests, and follows their links. */
export interface Links {
  /** Tells the receivers of notices of a request, with a link if it may have one. Returns at once. */
  announce(told: Told): void;
  /** For a request that an earlier keeper announced, whose link no longer works: gives it one last link. Returns at once. */
  renew(told: Told): void;
  /** Ends the link of a request (rule 2). @param tombstone that was added for the request. */
  over(tombstone: string): void;
  /** Ends all links: when the keeper ends, and when another policy says something else of the provider. */
  close(): void;
}

interface Tools {
  readonly deps: LinksDeps;
  readonly provider: Provider;
  readonly places: LinkLimit;
  /** Sends the notice of the request. */
  send(link?: Link): void;
}

/** @param client the approval client of the policy in force; undefined when links are off. */
export function openLinks(deps: LinksDeps, client: () => Provider | undefined): Links {
  const open = new Map<string, AbortController>();
  const places = openLinkLimit(() => deps.now());
  const start = (told: Told, renewals: number): void => {
    const { id, session } = told.facts;
    const failed = (error: unknown): void => deps.log.error('link-failed', { request: id, error });
    const send = (link?: Link): void => void tell(deps, told, link).catch(failed);
    const provider = client();
    if (provider === undefined || !mayHaveLinks(deps.config, session)) return renewals === 0 ? send() : undefined;
    const stop = new AbortController();
    open.set(requestTombstoneId(id), stop);
    follow({ deps, provider, places, send }, told, renewals, stop.signal)
      .catch(failed)
      .finally(() => {
        if (open.get(requestTombstoneId(id)) === stop) open.delete(requestTombstoneId(id));
      });
  };
  return {
    announce: (told) => start(told, 0),
    renew: (told) => start(told, mostRenewals),
    over: (tombstone) => open.get(tombstone)?.abort(),
    close: () => open.forEach((stop) => stop.abort()),
  };
}

/** The approvers are named anew for each notice: another person may be on call by then. */
async function tell(deps: LinksDeps, { facts }: Told, link: Link | undefined): Promise<void> {
  const policy = sessionOf(deps.config, facts.session);
  const approvers = policy === undefined ? '?' : await approverLine(deps, policy);
  deps.notifier.send(requestedNotice(facts, approvers, link));
}

/** No link where no receiver would get it. */
function mayHaveLinks(config: Config, session: string): boolean {
  const heard = config.notify.some(({ events }) => events?.includes('requested') ?? true);
  return heard && sessionOf(config, session)?.approvers.byLink === true;
}

export interface RenewLinksDeps extends LinksDeps {
  readonly requestEnds: RequestEnds;
  readonly links: Links;
}

/**
 * For a keeper that starts, or ended all links: watches and renews the requests that wait on this host.
 * @throws Refused REDIS_DOWN
 */
export async function renewLinks(deps: RenewLinksDeps): Promise<void> {
  for (const entry of await deps.store.pending()) {
    const read = await readRequest(deps, entry);
    if (read?.facts.host !== deps.host || deps.tombstones.has(requestTombstoneId(entry.id))) continue;
    deps.requestEnds.watch(read.facts);
    const { batch } = read.facts;
    if (batch === undefined || batch.late === true) deps.links.renew(read);
  }
}

/** Rule 3: makes one link after another, until the request is over. */
async function follow(tools: Tools, told: Told, renewed: number, stopped: AbortSignal): Promise<void> {
  const { answerBy, session } = told.facts;
  const left = Math.max(0, answerBy - tools.deps.now());
  const stop = AbortSignal.any([stopped, AbortSignal.timeout(left)]);
  const needed = sessionOf(tools.deps.config, session)?.approvers.count ?? 1;
  for (let issued = 0, renewals = renewed; issued < mostRenewals + needed; issued++) {
    const link = await issue(tools, told, stop);
    if (link !== undefined || (issued === 0 && renewed === 0)) tools.send(link);
    if (link === undefined) return;
    const settled = await settledBy(tools, told, link, stop);
    if (settled === 'unused') renewals++;
    else if (settled !== 'pending') return;
    if (renewals > mostRenewals) return;
  }
}

interface Issued extends Link {
  readonly place: Place;
}

/** Asks for a link; undefined when there is none (rule 4). */
async function issue(tools: Tools, told: Told, stop: AbortSignal): Promise<Issued | undefined> {
  const { id: request, who } = told.facts;
  const place = tools.places.take(who.login, tools.deps.now() + codeMs);
  if (place === undefined) {
    tools.deps.log.warn('link-not-issued', { request, why: 'as many as may wait do' });
    return undefined;
  }
  try {
    return await begin(tools, told, place, stop);
  } catch (error) {
    tools.places.free(place);
    if (!stop.aborted) tools.deps.log.warn('link-not-issued', { request, error });
    return undefined;
  }
}

async function begin(
  { deps: deps, provider }: Tools,
  { facts }: Told,
  place: Place,
  stop: AbortSignal,
): Promise<Issued> {
  const { id: request, session, who, answerBy } = facts;
  const began = deps.now();
  const login = await provider.begin(AbortSignal.any([stop, AbortSignal.timeout(beginMs)]));
  const ends = Math.min(login.expiresAt, answerBy);
  await deps.journal.write('link-issued', { request, session, login: who.login, ends });
  return { login, began, ends, place };
}

type Outcome = Settled | 'unused';

/** Waits until a link is completed, and makes it a review (rule 2). @returns what came of it. */
async function settledBy({ deps: deps, places }: Tools, told: Told, link: Issued, stop: AbortSignal): Promise<Outcome> {
  let proved: SignedIn;
  try {
    proved = await link.login.complete(stop);
  } catch (error) {
    if (stop.aborted) return 'over';
    places.free(link.place);
    return nobodyProved(deps, told, error);
  }
  places.free(link.place);
  const { identity } = proved;
  return approveByLink(deps, told, link.began, identity).catch(async (error: unknown) =>
    refuse(deps, told, error, identity),
  );
}

/** A link ended without a sign-in: its time was over, somebody cancelled at the provider, or the provider was down. */
async function nobodyProved(deps: LinksDeps, told: Told, error: unknown): Promise<Outcome> {
  const { code } = asRefused(error, 'INTERNAL');
  if (code === 'TOKEN_REFUSED') return refuse(deps, told, error, undefined);
  const { id: request, session, who } = told.facts;
  await deps.journal.write('link-ended', { request, session, login: who.login, why: code });
  return 'unused';
}

/** Reports a refused link to those on call, never to the requester, who would learn from it whom to try next. */
async function refuse(deps: LinksDeps, told: Told, error: unknown, identity: Identity | undefined): Promise<Outcome> {
  const refused = asRefused(error, 'INTERNAL');
  const { code } = refused;
  const { id: request, session, who } = told.facts;
  deps.log.warn('link-refused', { request, code, claim: identity?.claim, subject: identity?.subject, error });
  const by = identity === undefined ? {} : identityFacts(identity);
  deps.notifier.send(refusedNotice(told.facts, refused, identity));
  await deps.journal.write('link-refused', { request, session, login: who.login, code, ...by });
  return 'unused';
}

function identityFacts({
  issuer,
  subject,
  claim,
  groups,
  amr,
  acr,
  authenticatedAt,
}: Identity): Partial<EventFields<'link-refused'>> {
  return { identity: { issuer, subject, claim, amr, acr, authenticatedAt }, groups };
}
