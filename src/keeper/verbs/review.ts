// The verbs `approve` and `deny`.
//
// 1. The whole request is shown before the code of the sign-in: who, from where, which session and account, why, for how long. Attack: an
//    approver signs in without knowing for what.
// 2. Each review takes a device login of its own, completed after it began by the very person who typed the verb. Attack: a requester
//    starts a review and sends the code to an approver.
// 3. Nobody reviews their own request: not by login (checked before the sign-in), not by subject (after it), not as root.
// 4. A review is over the digest of what was shown. It is journaled, then posted, and only the target host acts on it. If the request has
//    changed by the time the sign-in completes, it is forged. Attack: whoever can write to Redis exchanges a request during the sign-in.
//
// How a review is posted and counted, and who may make it, is in grants/review.ts.
import { proofOf, type RequestFacts, type Review, type Verdict } from '../../core/request.ts';
import type { Identity } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { sessionOf } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatDuration } from '../../core/time.ts';
import { factLines, requestHead, shorterLine } from '../../core/messages/request.ts';
import {
  approvedLine,
  decidedElsewhere,
  deniedLine,
  moreApprovalsNeeded,
  overAs,
  reviewedTooLate,
} from '../../core/messages/review.ts';
import { purposes } from '../../core/messages/waiting.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { readRequest, type ReadRequest } from '../grants/read-request.ts';
import type { Settled } from '../grants/settle.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import { reauthenticate } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import { prolonged } from '../grants/extension-window.ts';
import { approversOf, checkReviewer, take } from '../grants/review.ts';

/**
 * Approves one or more requests.
 * @throws Refused NEEDS_A_PERSON, NO_SUCH_REQUEST, REQUEST_OVER, REQUEST_FORGED, EXTENSION_LATE, WINDOW_TOO_LONG, SELF_REVIEW,
 * NOT_APPROVER, ALREADY_REVIEWED and what a sign-in refuses
 */
export async function approve(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  await review(context, { conversation, visitor, command, verdict: 'approve' });
}

/** Denies one or more requests; it takes a reason. @throws Refused REASON_NEEDED and the codes of `approve` */
export async function deny(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const [request = ''] = command.words;
  if ((command.reason ?? '') === '') throw new Refused('REASON_NEEDED', { host: context.host, request });
  await review(context, { conversation, visitor, command, verdict: 'deny' });
}

interface Reviewing {
  readonly conversation: Conversation;
  readonly visitor: Visitor;
  readonly command: Command;
  readonly verdict: Verdict;
}

async function review(context: Context, reviewing: Reviewing): Promise<void> {
  const { conversation, visitor, command, verdict } = reviewing;
  if (visitor.login === 'root') throw new Refused('NEEDS_A_PERSON', { host: context.host });
  const requests: ReadRequest[] = [];
  for (const word of new Set(command.words)) requests.push(await reviewable(context, visitor, word, command));
  for (const { facts } of requests)
    conversation.note(['', requestHead(facts.id, verdict), ...factLines(facts), ...shortened(command, facts)]);
  const ids = requests.map(({ facts }) => facts.id);
  const identity = await reauthenticate(context, conversation, visitor, purposes.review(verdict, ids));
  for (const read of requests) {
    const now = verdict === 'approve' ? await unchanged(context, visitor, command, read) : read;
    await reviewOne(context, reviewing, now, identity);
  }
}

/** Rule 4: read again before an approval is signed. A denial needs no such check: it is over the digest of what was shown. */
async function unchanged(
  context: Context,
  visitor: Visitor,
  command: Command,
  shown: ReadRequest,
): Promise<ReadRequest> {
  const { id: request } = shown.facts;
  const now = await reviewable(context, visitor, request, command);
  if (now.digest !== shown.digest) throw new Refused('REQUEST_FORGED', { request, host: context.host });
  return now;
}

function shortened({ forMs }: Command, { durationMs }: RequestFacts): readonly string[] {
  return forMs === undefined ? [] : [shorterLine(forMs, durationMs)];
}

/**
 * The request, if the visitor may review it.
 * @throws Refused when there is no such request, when it is over, or when it is the visitor's own
 */
async function reviewable(context: Context, visitor: Visitor, word: string, command: Command): Promise<ReadRequest> {
  const request = parseId(word);
  if (request === undefined) throw new Refused('NO_SUCH_REQUEST', { request: word, host: context.host });
  const entry = await context.store.find(request);
  if (entry === undefined) throw new Refused('NO_SUCH_REQUEST', { request, host: context.host });
  const read = await readRequest(context, entry);
  if (read === undefined && entry.state === 'pending')
    throw new Refused('REQUEST_FORGED', { request, host: context.host });
  if (read !== undefined && entry.state === 'lapsed' && isLate(context, read)) throw tooLate(context, read);
  if (read === undefined || isOver(context, read, entry.state))
    throw new Refused('REQUEST_OVER', {
      request,
      state: entry.state === 'pending' ? overAs.answered : entry.state,
      host: context.host,
    });
  if (read.facts.who.login === visitor.login) throw await ownRequest(context, read);
  if (command.forMs !== undefined && command.forMs > read.facts.durationMs) {
    const max = formatDuration(read.facts.durationMs).replace(/\s/g, '');
    throw new Refused('WINDOW_TOO_LONG', { session: read.facts.session, max, less: `--for ${max}` });
  }
  return read;
}

async function ownRequest(context: Context, read: ReadRequest): Promise<Refused> {
  return new Refused('SELF_REVIEW', { groups: await approversOf(context, read) });
}

/** A host knows better than Redis whether its own requests were answered. */
function isOver(context: Context, { facts }: ReadRequest, state: string): boolean {
  return facts.host === context.host ? context.tombstones.has(requestTombstoneId(facts.id)) : state !== 'pending';
}

/** Whether the grant that it was to extend is gone: the reviewer is told that, not that somebody else answered. */
function isLate(context: Context, { facts }: ReadRequest): boolean {
  return facts.host === context.host && facts.extends !== undefined && prolonged(context, facts) === undefined;
}

function tooLate({ host }: Context, { facts: { id: request, session } }: ReadRequest): Refused {
  return new Refused('EXTENSION_LATE', { request, session, host });
}

/** Signs, journals and posts one review (rules 3 and 4). @throws Refused */
async function reviewOne(context: Context, reviewing: Reviewing, read: ReadRequest, identity: Identity): Promise<void> {
  const { conversation, visitor, verdict } = reviewing;
  const made = makeReview(context, reviewing, read, identity);
  const rule = await checkReviewer(context, read, made, identity);
  const jws = await context.keys.sign('review', made);
  await context.journal.write('reviewed', {
    ...made,
    ...(rule === undefined ? {} : { rule }),
    login: read.facts.who.login,
    session: read.facts.session,
  });
  const settled = await take(context, read, made, jws);
  context.notifier.send({
    event: 'reviewed',
    request: read.facts.id,
    verdict,
    by: visitor.login,
    session: read.facts.session,
    host: read.facts.host,
  });
  conversation.out([outcome(context, read, verdict, settled)]);
}

function makeReview(
  context: Context,
  { visitor, command, verdict }: Reviewing,
  read: ReadRequest,
  identity: Identity,
): Review {
  const { issuer, subject, claim, groups } = identity;
  return {
    request: read.facts.id,
    digest: read.digest,
    host: context.host,
    verdict,
    by: { issuer, subject, claim, login: visitor.login },
    groups,
    at: context.now(),
    ...(command.forMs === undefined ? {} : { durationMs: command.forMs }),
    ...(command.reason === undefined ? {} : { reason: sanitizeLine(command.reason, 400) }),
    proof: proofOf(identity),
    ...(visitor.local ? { local: true } : {}),
  };
}

function outcome(context: Context, read: ReadRequest, verdict: Verdict, settled: Settled | undefined): string {
  const { id, who, session, host, mode } = read.facts;
  if (settled === undefined) return decidedElsewhere(id, sanitizeLine(host, 64));
  if (settled === 'approved') {
    const isModerated = sessionOf(context.config, session)?.moderated === true && mode === undefined;
    const kind = read.facts.extends !== undefined ? 'more' : (mode ?? 'type');
    const [login, place] = [sanitizeLine(who.login, 64), { session, host: sanitizeLine(host, 64) }];
    return approvedLine({ id, login, place, kind, end: endOf(context, id), isModerated });
  }
  if (settled === 'denied') return deniedLine(id);
  if (settled === 'lapsed' && isLate(context, read)) throw tooLate(context, read);
  if (settled === 'lapsed')
    throw new Refused('REQUEST_OVER', { request: id, state: overAs.notTheirs, host: context.host });
  if (settled === 'pending') return moreApprovalsNeeded(id);
  return reviewedTooLate(id, verdict);
}

function endOf(context: Context, request: string): number | undefined {
  return context.liveGrants.all().find(({ grant }) => grant.request === request)?.grant.end;
}
