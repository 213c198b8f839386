// Asking: reason and time, the request on the board, the wait for an answer.
//
// 1. The request is journaled before it is posted, and signed before either: what a reviewer sees is what this host saw (laws 7, 8).
// 2. A wait has an end of its own; a request nobody answers opens nothing (law 1).
// 3. Leaving by a key withdraws the request; a lost line does not, so that a person on a train keeps their place. Nor does the keeper's
//    own restart: their gate comes back for the answer (returning.ts).
import { sha256 } from '../../adapters/keys.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { fitsInTime } from '../../adapters/pattern.ts';
import { isSamePerson } from '../../core/identity.ts';
import { requestId, idBytes } from '../../core/ids.ts';
import { decide as judge } from '../../core/policy.ts';
import type { Grant } from '../../core/grant.ts';
import { refusal, Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import { sightOf } from '../../core/sight.ts';
import { personOf, type SignIn } from '../../core/sign-in.ts';
import { keepsTerms, termsOf } from '../../core/terms.ts';
import { line } from '../../core/text.ts';
import { formatDuration, parseDuration } from '../../core/time.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkLock } from '../locks.ts';
import { readRequest, type ReadRequest } from '../read-request.ts';
import type { Answer } from '../answers.ts';
import { tellEnd, unansweredOf } from '../request-ends.ts';
import { byRuleLine, ruleFor, takeByRule } from './by-rule.ts';
import { refusedBy, type Wish } from './decide.ts';
import { settle, stoneOf } from './grant.ts';
import type { Visitor } from './identify.ts';
import { prolonged } from './prolong.ts';
import { answeredMeanwhile, type Answered } from './returning.ts';
import { byRuleRoom, waitingRoom } from './waiting-room.ts';

const tries = 3;

/** Resolves once the request was approved. @throws Refused DENIED, NO_ANSWER, CANCELLED and what the policy says */
export async function ask(house: House, door: Door, who: SignIn, visitor: Visitor, wish: Wish): Promise<void> {
  const mine = await ownPending(house, who, wish);
  if ((await heardMeanwhile(house, door, who, visitor, mine)) !== undefined) return;
  const { facts, grant, why } =
    mine === undefined ? await newRequest(house, door, who, visitor, wish) : { facts: mine };
  if (grant?.auto !== undefined) return door.note(byRuleRoom(wish.policy, facts, byRuleLine(grant.auto, why)));
  await hearAnswer(house, door, wish, facts);
}

/**
 * For a gate that came back for a request which waits no longer (returning.ts): tells what was answered.
 * @param mine what waits of theirs. @returns its request; undefined where there is something to wait for, or to ask.
 */
export async function heardMeanwhile(
  house: House,
  door: Door,
  who: SignIn,
  visitor: Visitor,
  mine: RequestFacts | undefined,
): Promise<RequestFacts | undefined> {
  const { waits } = visitor.hello;
  if (waits === undefined || mine?.id === waits) return undefined;
  const answered = await answeredMeanwhile(house, who, waits);
  await tell(house, door, answered);
  return answered.facts;
}

/** @param until when the wait is over at the latest, as far as can be seen: instant, milliseconds. */
export async function hearAnswer(
  house: House,
  door: Door,
  wish: Wish,
  facts: RequestFacts,
  until = facts.answerBy,
): Promise<void> {
  door.note(await waitingRoom(house, wish.policy, facts));
  await tell(house, door, { facts, answer: await awaitAnswer(house, door, facts, until) });
}

/** What was granted is another thing than what was asked for: tmux's first frame would take it off the screen at once. */
const readMs = 2_000;

async function letRead(door: Door): Promise<void> {
  await Promise.race([door.ask('  Enter goes on. '), delay(readMs, undefined, { signal: door.gone, ref: false })]);
}

async function tell(house: House, door: Door, { facts, answer }: Answered): Promise<void> {
  door.bell();
  checkLock(house, facts.who.login);
  const request = facts.id;
  if (answer.state === 'denied') throw new Refused('DENIED', { request, by: answer.by, reason: answer.reason });
  if (answer.state === 'lapsed') {
    const { names, cause } = refusedBy(house, answer.code, facts.session, 'at the approval');
    throw new Refused(answer.code, { ...names, request }, cause);
  }
  if (answer.state !== 'approved') throw new Refused('NO_ANSWER', { request });
  door.note([...answer.said, '']);
  const shortened = answer.said.some((text) => text.startsWith('  Shortened'));
  if (shortened && facts.extends === undefined) await letRead(door);
}

/**
 * Rule 3: the same person asking for the same session again takes their old place. Not that of a request which was answered here:
 * a keeper that died between its answer and the board left one that nothing answers any more (grant, rule 5).
 */
export async function ownPending(
  house: House,
  who: SignIn,
  wish: Wish,
  prolongs = false,
): Promise<RequestFacts | undefined> {
  for (const entry of await house.board.pending()) {
    if (house.tombstones.has(stoneOf(entry.id))) continue;
    const read = await readRequest(house, entry);
    if (read === undefined || read.facts.session !== wish.policy.name || read.facts.host !== house.host) continue;
    if (!keepsTerms(read.facts, wish.policy)) continue; // its approval would open nothing
    const { id, who: asker } = read.facts;
    if ((read.facts.extends !== undefined) !== prolongs) continue;
    // One that was answered would be waited for in vain, whatever Redis says of it.
    const open = !house.tombstones.has(stoneOf(id)) && (read.facts.mode ?? 'type') === wish.mode;
    if (open && asker.login === who.login && isSamePerson(asker, who)) return read.facts;
  }
  return undefined;
}

interface Made {
  readonly facts: RequestFacts;
  /** Where a rule approved it. */
  readonly grant?: Grant | undefined;
  readonly why?: string | undefined;
}

/** @param prolongs the live grant that is to go on: more of it is for people to approve, never for a rule. */
export async function newRequest(
  house: House,
  door: Door,
  who: SignIn,
  visitor: Visitor,
  wish: Wish,
  prolongs?: RequestFacts['extends'],
): Promise<Made> {
  const reason = wish.command.reason ?? (await askReason(house, door, who, wish));
  const durationMs = wish.command.forMs ?? (await askDuration(house, door, wish));
  const id = requestId(house.random(idBytes.request));
  const asked = { id, reason: line(reason, 400), durationMs };
  const approval = prolongs === undefined ? await ruleFor(house, door, who, visitor, wish, asked) : undefined;
  const requestedAt = house.now();
  const facts: RequestFacts = {
    id,
    host: house.host,
    session: wish.policy.name,
    account: wish.account.name,
    who: personOf(who),
    address: line(visitor.address, 128),
    fingerprint: visitor.fingerprint,
    reason: line(reason, 400),
    durationMs,
    requestedAt,
    answerBy: requestedAt + house.config.request.answerWithinMs,
    ...sightOf(wish.mode),
    ...(prolongs === undefined ? {} : { extends: prolongs }),
    terms: termsOf(wish.policy),
  };
  // Two terminals of one person may have got here at once: the second takes the place of the first.
  return house.oneByOne(`ask ${who.login} ${wish.policy.name}`, async () => {
    checkStillAsked(house, facts);
    const first = await ownPending(house, who, wish, prolongs !== undefined);
    if (first !== undefined) return { facts: first };
    const read = await post(house, facts, wish);
    house.requestEnds.watch(facts);
    const granted = approval === undefined ? undefined : takeByRule(house, read, wish, approval);
    const grant = await granted?.catch((error: unknown) => {
      house.links.announce(read);
      throw error;
    });
    if (grant === undefined) house.links.announce(read);
    return { facts, grant, why: approval?.auto?.why };
  });
}

/** While they typed the login may have been locked, and what was to go on have ended: nobody is woken for that. @throws Refused */
function checkStillAsked(house: House, facts: RequestFacts): void {
  const { id: request, who, session, host } = facts;
  checkLock(house, who.login);
  if (facts.extends !== undefined && prolonged(house, facts) === undefined)
    throw new Refused('EXTENSION_LATE', { request, session, host });
}

/** Rule 1. */
async function post(house: House, facts: RequestFacts, wish: Wish): Promise<ReadRequest> {
  const jws = await house.keys.sign('request', facts);
  const { id: request, ...told } = facts;
  await house.outbox.begin(unansweredOf(facts), async () => {
    await house.journal.write('requested', { request, rule: wish.rule, ...told });
    const posted = await house.board.post({ id: facts.id, jws, answerBy: facts.answerBy });
    if (!posted) throw new Refused('INTERNAL', { host: house.host }, 'the id of the request is taken');
  });
  return { facts, digest: sha256(jws), reviews: [] };
}

/** A reason that does not fit is asked again: nothing that was typed is lost to one slip. */
async function askReason(house: House, door: Door, who: SignIn, wish: Wish): Promise<string> {
  const { hint, example } = wish.policy.reason;
  const account = wish.account.name;
  door.note([
    `  Asking for ${wish.policy.name} on ${house.host}, as ${account}, for ${who.login} (${line(who.claim, 120)}).`,
    ...(example === undefined ? [] : [`  A reason that fits: ${example}`]),
    '',
  ]);
  for (let left = tries; ; left--) {
    const reason = (await door.ask(`  Reason${hint === undefined ? '' : ` (${hint})`}: `)).trim();
    const decision = judge(house.config, who, { session: wish.policy.name, reason }, fitsInTime);
    if (decision.allow) return reason;
    const fault = refusedBy(house, decision.code, wish.policy.name, decision.rule);
    if (left <= 1) throw fault;
    door.note([`  That does not fit: ${slipOf(fault)}`]);
  }
}

/** What is wrong with a reason, where it is not its form: that is what the policy's hint is about. */
function slipOf({ code, names }: Refused): string {
  if (code === 'BAD_REASON') return String(names['hint']);
  const { say, hint } = refusal(code, names);
  return `${say} ${hint}`;
}

async function askDuration(house: House, door: Door, wish: Wish): Promise<number> {
  const { defaultMs, maxMs } = wish.policy.window;
  const standard = formatDuration(defaultMs);
  for (let left = tries; ; left--) {
    const answer = (await door.ask(`  For how long? [${standard}, at most ${formatDuration(maxMs)}] `)).trim();
    const ms = answer === '' ? defaultMs : parseDuration(answer.replace(/\s+/g, ''));
    if (ms !== undefined && ms <= maxMs) return ms;
    const code = ms === undefined ? 'BAD_WINDOW' : 'WINDOW_TOO_LONG';
    if (left <= 1) throw refusedBy(house, code, wish.policy.name, 'window');
    const slip = ms === undefined ? '' : `${formatDuration(ms)} is over the limit. `;
    door.note([`  ${slip}Write a time like 45s, 20m or 1h, at most ${formatDuration(maxMs)}.`]);
  }
}

/** Rules 2 and 3. */
async function awaitAnswer(house: House, door: Door, facts: RequestFacts, until: number): Promise<Answer> {
  try {
    const task = async (signal: AbortSignal): Promise<Answer> => answerTo(house, facts, signal);
    return await door.wait(`Waiting for an answer to ${facts.id}`, until, task, facts.id);
  } catch (error) {
    const byKey = error instanceof Refused && error.code === 'CANCELLED' && error.cause === undefined;
    if (byKey) await withdraw(house, facts);
    throw error;
  }
}

/** Listens first and looks second: an answer that came in between is not missed. */
async function answerTo(house: House, facts: RequestFacts, signal: AbortSignal): Promise<Answer> {
  const answer = house.answers.of(facts, signal);
  await settle(house, facts.id);
  return answer;
}

/** In the turn of the request: what was answered first is not written down as withdrawn, and what was withdrawn stays so. */
async function withdraw(house: House, facts: RequestFacts): Promise<void> {
  const { id, who, answerBy } = facts;
  await house.oneByOne(`request ${id}`, async () => {
    const entry = await house.board.find(id);
    if (entry?.state !== 'pending') return;
    await house.journal.write('withdrawn', { request: id, login: who.login });
    await house.tombstones.bury(stoneOf(id), answerBy);
    await house.board.settle(id, 'withdrawn', house.config.request.answerWithinMs);
    tellEnd(house, facts, 'withdrawn');
  });
}
