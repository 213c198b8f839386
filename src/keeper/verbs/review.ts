// Approve and deny.
//
// 1. The whole request is shown before the code is: who, from where, which session and account, why, for how long.
// 2. Each review takes a device login of its own, completed after it began by the very person who typed the verb: otherwise a
//    requester could start the review and send the code to an approver.
// 3. Nobody reviews their own request: not by login (checked before the login), not by subject (after), not as root.
// 4. The review is over the digest of what was shown; journaled, then posted; only the target host acts on it. A request that was
//    another one when the proof came is forged.
// 5. Whether somebody reviewed already is told by their own signed review, never by a field: whoever can write to Redis could fill
//    it in, and a denial would never be made.
// 6. A denial on the request's own host holds without Redis; one made elsewhere is said again while it is missing.
import { isOwn, proofOf, type Review, type Verdict } from '../../core/request.ts';
import { isSamePerson, type Identity } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { approversSaid, reviewRule } from '../../core/on-call.ts';
import { sessionOf } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import { line } from '../../core/text.ts';
import { formatDuration } from '../../core/time.ts';
import { sha256 } from '../../adapters/keys.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { readRequest, type ReadRequest } from '../read-request.ts';
import { factLines } from '../render.ts';
import { denyHere, settle, stoneOf, type Settled } from '../visit/grant.ts';
import { freshly, type Visitor } from '../visit/identify.ts';
import { prolonged } from '../visit/prolong.ts';

export async function approve(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  await review(house, door, visitor, command, 'approve');
}

export async function deny(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const [request = ''] = command.words;
  if ((command.reason ?? '') === '') throw new Refused('REASON_NEEDED', { host: house.host, request });
  await review(house, door, visitor, command, 'deny');
}

async function review(house: House, door: Door, visitor: Visitor, command: Command, verdict: Verdict): Promise<void> {
  if (visitor.login === 'root') throw new Refused('NEEDS_A_PERSON', { host: house.host });
  const requests: ReadRequest[] = [];
  for (const word of new Set(command.words)) requests.push(await reviewable(house, visitor, word, command));
  for (const { facts } of requests)
    door.note(['', `  Request ${facts.id}: ${verdict}`, ...factLines(facts), ...shortened(command)]);
  const ids = requests.map(({ facts }) => facts.id).join(' ');
  const identity = await freshly(house, door, visitor, `${verdict.toUpperCase()} ${ids}`);
  for (const read of requests) {
    const now = verdict === 'approve' ? await unchanged(house, visitor, command, read) : read;
    await reviewOne(house, door, visitor, command, verdict, now, identity);
  }
}

/** Rule 4: before anything is signed. A denial is of what was shown, whatever stands there now. */
async function unchanged(house: House, visitor: Visitor, command: Command, shown: ReadRequest): Promise<ReadRequest> {
  const { id: request } = shown.facts;
  const now = await reviewable(house, visitor, request, command);
  if (now.digest !== shown.digest) throw new Refused('REQUEST_FORGED', { request, host: house.host });
  return now;
}

function shortened({ forMs }: Command): readonly string[] {
  return forMs === undefined ? [] : [`  Shorter   at most ${formatDuration(forMs)}`];
}

/** @throws Refused when there is no such request, or it is the visitor's own. */
async function reviewable(house: House, visitor: Visitor, word: string, command: Command): Promise<ReadRequest> {
  const request = parseId(word);
  if (request === undefined) throw new Refused('NO_SUCH_REQUEST', { request: word, host: house.host });
  const entry = await house.board.find(request);
  if (entry === undefined) throw new Refused('NO_SUCH_REQUEST', { request, host: house.host });
  const read = await readRequest(house, entry);
  if (read === undefined && entry.state === 'pending')
    throw new Refused('REQUEST_FORGED', { request, host: house.host });
  if (read !== undefined && entry.state === 'lapsed' && isLate(house, read)) throw tooLate(house, read);
  if (read === undefined || isOver(house, read, entry.state))
    throw new Refused('REQUEST_OVER', {
      request,
      state: entry.state === 'pending' ? 'answered' : entry.state,
      host: house.host,
    });
  if (read.facts.who.login === visitor.login) throw await ownRequest(house, read);
  if (command.forMs !== undefined && command.forMs > read.facts.durationMs) {
    const max = formatDuration(read.facts.durationMs).replace(/\s/g, '');
    throw new Refused('WINDOW_TOO_LONG', { session: read.facts.session, max, less: `--for ${max}` });
  }
  return read;
}

async function ownRequest(house: House, read: ReadRequest): Promise<Refused> {
  return new Refused('SELF_REVIEW', { groups: await approversOf(house, read) });
}

/** Of its own requests a host knows better than Redis whether they were answered. */
function isOver(house: House, { facts }: ReadRequest, state: string): boolean {
  return facts.host === house.host ? house.tombstones.has(stoneOf(facts.id)) : state !== 'pending';
}

/** An extension that no longer finds what it was to extend says so, and not that somebody answered it. */
function isLate(house: House, { facts }: ReadRequest): boolean {
  return facts.host === house.host && facts.extends !== undefined && prolonged(house, facts) === undefined;
}

function tooLate({ host }: House, { facts: { id: request, session } }: ReadRequest): Refused {
  return new Refused('EXTENSION_LATE', { request, session, host });
}

/** What is said here of another host's session is no more than a guess: it has a policy of its own. */
async function approversOf(house: House, { facts }: ReadRequest): Promise<string> {
  const policy = sessionOf(house.config, facts.session);
  if (policy === undefined) return 'an approver of its host';
  return approversSaid(policy, await house.onCall.duty(policy.approvers.onCall ?? []));
}

/** Rules 3 and 4. @throws Refused */
async function reviewOne(
  house: House,
  door: Door,
  visitor: Visitor,
  command: Command,
  verdict: Verdict,
  read: ReadRequest,
  identity: Identity,
): Promise<void> {
  const made = makeReview(house, visitor, command, verdict, read, identity);
  const rule = await checkReviewer(house, read, made, identity);
  const jws = await house.keys.sign('review', made);
  await house.journal.write('reviewed', {
    ...made,
    ...(rule === undefined ? {} : { rule }),
    login: read.facts.who.login,
    session: read.facts.session,
  });
  const settled = await take(house, read, made, jws);
  house.notifier.send({
    event: 'reviewed',
    request: read.facts.id,
    verdict,
    by: visitor.login,
    session: read.facts.session,
    host: read.facts.host,
  });
  door.out([outcome(house, read, verdict, settled)]);
}

/** Rules 5 and 6. @returns undefined when another host decides. */
export async function take(house: House, read: ReadRequest, made: Review, jws: string): Promise<Settled | undefined> {
  const { id, host, answerBy } = read.facts;
  if (host === house.host && made.verdict === 'deny') return denyHere(house, read, made);
  // In the turn of its request: of two who approve at once, none comes in between the other's count and its grant.
  if (host === house.host) {
    await house.oneByOne(`request ${id}`, async () => post(house, id, jws));
    return settle(house, id);
  }
  await post(house, id, jws);
  if (made.verdict === 'deny')
    house.insist.on(answerBy, async () => {
      if ((await house.board.find(id))?.reviews.includes(jws) === false) await house.board.review(id, sha256(jws), jws);
    });
  return undefined;
}

async function post(house: House, request: string, jws: string): Promise<void> {
  const posted = await house.board.review(request, sha256(jws), jws);
  const names = { request, host: house.host };
  if (posted === 'unknown') throw new Refused('NO_SUCH_REQUEST', names);
  if (posted === 'over') throw new Refused('REQUEST_OVER', { ...names, state: 'answered or withdrawn meanwhile' });
}

function makeReview(
  house: House,
  visitor: Visitor,
  command: Command,
  verdict: Verdict,
  read: ReadRequest,
  identity: Identity,
): Review {
  const { issuer, subject, claim, groups } = identity;
  return {
    request: read.facts.id,
    digest: read.digest,
    host: house.host,
    verdict,
    by: { issuer, subject, claim, login: visitor.login },
    groups,
    at: house.now(),
    ...(command.forMs === undefined ? {} : { durationMs: command.forMs }),
    ...(command.reason === undefined ? {} : { reason: line(command.reason, 400) }),
    proof: proofOf(identity),
    ...(visitor.local ? { local: true } : {}),
  };
}

/**
 * Of a session on another host this host knows no policy: that host judges (law 8).
 * @returns the rule that lets them review, of a session of this host. @throws Refused
 */
export async function checkReviewer(
  house: House,
  read: ReadRequest,
  made: Review,
  identity: Identity,
): Promise<string | undefined> {
  const { session, id: request, host } = read.facts;
  const names = { session, groups: await approversOf(house, read), request, host: house.host };
  if (isOwn(made.by, read.facts)) throw new Refused('SELF_REVIEW', names);
  const rule = host === house.host ? await ruleOfReviewer(house, session, identity) : undefined;
  if (host === house.host && rule === undefined) throw new Refused('NOT_APPROVER', names);
  if (read.reviews.some((other) => isSamePerson(other.by, made.by))) throw new Refused('ALREADY_REVIEWED', names);
  return rule;
}

async function ruleOfReviewer(house: House, session: string, identity: Identity): Promise<string | undefined> {
  const policy = sessionOf(house.config, session);
  if (policy === undefined) return undefined;
  return reviewRule(policy, identity, await house.onCall.duty(policy.approvers.onCall ?? []));
}

function outcome(house: House, read: ReadRequest, verdict: Verdict, settled: Settled | undefined): string {
  const { id, who, session, host, mode } = read.facts;
  if (settled === undefined) return `Review of ${id} is on the board; ${line(host, 64)} decides.`;
  if (settled === 'approved') {
    const moderated = sessionOf(house.config, session)?.moderated === true && mode === undefined;
    const keys = moderated ? ` To let them type, look on: ssh -t ${line(host, 64)} ${session} --watch` : '';
    const may = read.facts.extends !== undefined ? 'stay in' : mode === undefined ? 'attach to' : 'look on in';
    return `Approved ${id}: ${line(who.login, 64)} may ${may} ${session} until ${untilOf(house, id)}.${keys}`;
  }
  if (settled === 'denied') return `Denied ${id}.`;
  if (settled === 'lapsed' && isLate(house, read)) throw tooLate(house, read);
  if (settled === 'lapsed')
    throw new Refused('REQUEST_OVER', { request: id, state: 'its requester may no longer have it', host: house.host });
  if (settled === 'pending') return `Your approval of ${id} counts; more are needed.`;
  return verdict === 'approve' ? `Request ${id} was over before your approval counted.` : `Request ${id} was over.`;
}

function untilOf(house: House, request: string): string {
  const live = house.book.all().find(({ grant }) => grant.request === request);
  return live === undefined ? 'its end' : `${new Date(live.grant.end).toISOString().slice(11, 19)} UTC`;
}
