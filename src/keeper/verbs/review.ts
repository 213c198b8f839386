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
// 5. The requests of a batch are shown as one and reviewed by one sign-in, each with a review of its own (batches/read-batch.ts).
//
// How a review is posted and counted, and who may make it, is in grants/review.ts.
import { proofOf, type Review, type Verdict } from '../../core/request.ts';
import type { Identity } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { sessionOf } from '../../core/policy.ts';
import { refusal, Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import {
  batchDecidedElsewhere,
  batchHead,
  batchLines,
  hostsSaid,
  onHosts,
  type BatchShown,
} from '../../core/messages/batch.ts';
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
import { shownOf } from '../batches/batch-screen.ts';
import { hostStates } from '../batches/host-states.ts';
import { readBatch } from '../batches/read-batch.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import type { ReadRequest } from '../grants/read-request.ts';
import type { Settled } from '../grants/settle.ts';
import { reauthenticate } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import { checkReviewer, take } from '../grants/review.ts';
import { checkTime, isLate, reviewable, tooLate, withoutTime } from './reviewable.ts';

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
  const asked: Asked[] = [];
  for (const word of new Set(command.words)) asked.push(await askedBy(context, visitor, word, command));
  for (const one of asked) conversation.note(['', ...headOf(one, verdict), ...shortened(command, one)]);
  const ids = asked.map(({ id }) => id);
  const identity = await reauthenticate(context, conversation, visitor, purposes.review(verdict, ids));
  for (const one of asked) {
    const lines =
      one.batch === undefined
        ? await reviewSingle(context, reviewing, one, identity)
        : await reviewBatch(context, reviewing, one, identity);
    conversation.out(lines);
  }
}

/** What one id names: a request, or the requests of a batch. */
interface Asked {
  readonly id: string;
  readonly reads: readonly ReadRequest[];
  /** Of a batch: what is shown, and how notices name it. */
  readonly batch?: { readonly shown: BatchShown; readonly hosts: readonly string[] };
}

function headOf({ id, reads, batch }: Asked, verdict: Verdict): readonly string[] {
  if (batch !== undefined) return [batchHead(id, reads.length, verdict), ...batchLines(batch.shown)];
  return [requestHead(id, verdict), ...reads.flatMap(({ facts }) => factLines(facts))];
}

/** @throws Refused what `reviewable` refuses */
async function askedBy(context: Context, visitor: Visitor, word: string, command: Command): Promise<Asked> {
  const id = parseId(word) ?? '';
  const read = id === '' ? undefined : await readBatch(context, id);
  if (read === undefined) return { id, reads: [await reviewable(context, visitor, word, command)] };
  if (read.isWithdrawn) throw new Refused('REQUEST_OVER', { request: id, state: 'withdrawn', host: context.host });
  const states = await hostStates(context, read);
  const reads: ReadRequest[] = [];
  for (const one of states)
    if (one.state === 'pending') reads.push(await unchanged(context, visitor, withoutTime(command), one.member));
  const longest = reads.toSorted((a, b) => b.facts.durationMs - a.facts.durationMs)[0];
  // Hosts may give different times by themselves: a shorter time holds where it is shorter.
  if (longest !== undefined) checkTime(longest.facts, command);
  const shown = shownOf(
    read.batch,
    reads.map(({ facts }) => facts),
    states,
  );
  if (shown === undefined)
    throw new Refused('REQUEST_OVER', { request: id, state: overAs.answered, host: context.host });
  return { id, reads, batch: { shown, hosts: read.batch.hosts } };
}

async function reviewSingle(
  context: Context,
  reviewing: Reviewing,
  { reads }: Asked,
  identity: Identity,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const read of reads) {
    const { facts } = read;
    lines.push(await reviewOne(context, reviewing, read, identity));
    tellReviewed(context, reviewing, { id: facts.id, session: facts.session, host: facts.host });
  }
  return lines;
}

/** Each request of a batch for itself: one that cannot be reviewed any more does not keep the others from it. */
async function reviewBatch(
  context: Context,
  reviewing: Reviewing,
  { id, reads, batch }: Asked,
  identity: Identity,
): Promise<readonly string[]> {
  const results: { host: string; line: string }[] = [];
  const refused: Refused[] = [];
  for (const read of reads) {
    const { host } = read.facts;
    const line = await reviewOne(context, reviewing, read, identity).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      refused.push(error);
      return `${refusal(error.code, { host: context.host, ...error.names }).say} [${error.code}]`;
    });
    results.push({ host, line });
  }
  const [first] = refused;
  if (first !== undefined && refused.length === reads.length) throw first;
  tellReviewed(context, reviewing, { id, session: batch?.shown.session ?? '', host: hostsSaid(batch?.hosts ?? []) });
  return [...Map.groupBy(results, ({ line }) => line)].map(([line, same]) => {
    const hosts = same.map(({ host }) => host);
    return line === '' ? batchDecidedElsewhere(id, hosts) : onHosts(hosts, line);
  });
}

/** Rule 4: read again before an approval is signed. A denial needs no such check: it is over the digest of what was shown. */
async function unchanged(
  context: Context,
  visitor: Visitor,
  command: Command,
  shown: ReadRequest,
): Promise<ReadRequest> {
  const { id: request } = shown.facts;
  const now = await reviewable(context, visitor, request, withoutTime(command)); // which was looked at before
  if (now.digest !== shown.digest) throw new Refused('REQUEST_FORGED', { request, host: context.host });
  return now;
}

function shortened({ forMs }: Command, { reads }: Asked): readonly string[] {
  const longest = Math.max(...reads.map(({ facts }) => facts.durationMs));
  return forMs === undefined ? [] : [shorterLine(forMs, longest)];
}

/**
 * Signs, journals and posts one review (rules 3 and 4).
 * @returns what came of it; empty when another host decides about a request of a batch
 * @throws Refused
 */
async function reviewOne(
  context: Context,
  reviewing: Reviewing,
  shown: ReadRequest,
  identity: Identity,
): Promise<string> {
  const { visitor, command, verdict } = reviewing;
  const read = verdict === 'approve' ? await unchanged(context, visitor, command, shown) : shown;
  const made = makeReview(context, reviewing, read, identity);
  const rule = await checkReviewer(context, read, made, identity);
  const jws = await context.keys.sign('review', made);
  await context.journal.write('reviewed', {
    ...made,
    ...(rule === undefined ? {} : { rule }),
    login: read.facts.who.login,
    session: read.facts.session,
  });
  return outcome(context, read, verdict, await take(context, read, made, jws));
}

/** What a notice names: a request, or a batch. */
interface Reviewed {
  readonly id: string;
  readonly session: string;
  readonly host: string;
}

function tellReviewed(
  { notifier }: Context,
  { visitor, verdict }: Reviewing,
  { id: request, session, host }: Reviewed,
): void {
  notifier.send({ event: 'reviewed', request, verdict, by: visitor.login, session, host });
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
  const { id, who, session, host, mode, batch } = read.facts;
  if (settled === undefined) return batch === undefined ? decidedElsewhere(id, sanitizeLine(host, 64)) : '';
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
