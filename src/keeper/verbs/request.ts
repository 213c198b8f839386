// The verb `request`: asks for a session of several hosts at once (core/batch.ts). Each host makes its own request of it, they are reviewed as
// one, and each host gives its own grant; `ssh HOST` then opens.
//
// 1. Only hosts that root named in the policy of this host can be asked for (core/host-pattern.ts).
// 2. The person is signed in here, by a sign-in that the provider still vouches for, like for a visit.
// 3. Leaving by a key withdraws everywhere what is not answered yet; a lost line does not.
import { knownHosts } from '../../core/known-hosts.ts';
import { hostsOf } from '../../core/host-pattern.ts';
import { exits } from '../../core/exits.ts';
import {
  askingHosts,
  batchHead,
  batchLines,
  batchProblems,
  notOnLine,
  openLine,
  patternProblem,
  whoReviews,
} from '../../core/messages/batch.ts';
import { forwardLine } from '../../core/messages/request.ts';
import { waitingFor } from '../../core/messages/waiting.ts';
import { reasonLimit } from '../../core/policy.ts';
import { isSessionName } from '../../core/ids.ts';
import { Refused } from '../../core/refusal.ts';
import { holdsUnseen, sanitizeLine } from '../../core/text.ts';
import { membersWithinMs, type Batch } from '../../core/batch.ts';
import type { Command } from '../../wire/grammar.ts';
import { json } from '../../wire/listing.ts';
import { askBatch, type AskedOfHosts } from '../batches/ask-batch.ts';
import { endLinesOf, notOn, rowsOf, shownOf } from '../batches/batch-screen.ts';
import { hostStates, type HostState } from '../batches/host-states.ts';
import { isReviewed, tellEndOfBatch, tellOfBatch } from '../batches/tell-batch.ts';
import { readBatch } from '../batches/read-batch.ts';
import { withdrawBatch } from '../batches/withdraw-batch.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import { requireSignIn, revalidateSignIn } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';

/** A lost event delays an answer by no more than this. */
const lookMs = 2_000;

/**
 * Asks, waits for the answers, and says of each host what came of it.
 * @returns 0 when every host that was named gave access
 * @throws Refused NEEDS_A_PERSON, BAD_COMMAND, LONG_REASON, UNSEEN_REASON, LOCKED, MANY_BATCHES, CANCELLED, JOURNAL_DOWN, REDIS_DOWN and what
 * a sign-in refuses
 */
export async function request(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<number> {
  const { host } = context;
  const { login } = visitor;
  if (login === 'root') throw new Refused('NEEDS_A_PERSON', { host });
  const asked = askedBy(context, command);
  const remembered = await requireSignIn(context, conversation, visitor);
  checkLock(context, remembered.login);
  const who = await revalidateSignIn(context, conversation, visitor, remembered);
  const batch = await askBatch(context, visitor, who, asked);
  const ended = await unlessLeft(context, batch, async () => {
    const states = await heardFrom(context, conversation, batch);
    const waits = states.some(({ state }) => state === 'pending');
    return waits ? answered(context, conversation, batch, states) : states;
  });
  conversation.bell();
  say(conversation, batch, command, ended);
  return ended.every(({ state }) => state === 'approved') ? 0 : exits.noperm;
}

/** Rule 1. @throws Refused BAD_COMMAND, LONG_REASON, UNSEEN_REASON */
function askedBy(context: Context, command: Command): AskedOfHosts {
  const { host } = context;
  const bad = (problem: string): Refused => new Refused('BAD_COMMAND', { problem, host });
  const [target = ''] = command.words;
  const at = target.indexOf('@');
  if (at < 1 || !isSessionName(target.slice(0, at))) throw bad(batchProblems.target(target));
  const named = hostsOf(target.slice(at + 1), knownHosts(context.config));
  if ('fault' in named) throw bad(patternProblem(named));
  const { reason = '' } = command;
  if (reason.trim() === '') throw bad(batchProblems.noReason);
  if (reason.length > reasonLimit) throw new Refused('LONG_REASON', { host, max: reasonLimit });
  if (holdsUnseen(reason)) throw new Refused('UNSEEN_REASON', { host });
  return {
    session: target.slice(0, at),
    hosts: named.hosts,
    reason: sanitizeLine(reason, reasonLimit),
    ...(command.forMs === undefined ? {} : { durationMs: command.forMs }),
    view: command.view === true,
  };
}

/** Waits until every host has made its request or said why not, then tells receivers of notices. */
async function heardFrom(context: Context, conversation: Conversation, batch: Batch): Promise<readonly HostState[]> {
  const until = context.now() + membersWithinMs;
  const states = await conversation.wait(askingHosts(batch.hosts.length), until, async (signal) => {
    for (;;) {
      const now = await statesOf(context, batch);
      if (now.every(({ state }) => state !== 'silent') || context.now() >= until || signal.aborted) return now;
      await context.batchNews.next([batch.id], signal, Math.min(lookMs, Math.max(1, until - context.now())));
    }
  });
  const shown = shownOf(batch, factsOf(states), states);
  if (shown === undefined) {
    conversation.note(['', ...notOn(states).map(notOnLine), '']);
    return states;
  }
  await tellOfBatch(context, batch, shown);
  const lines = [batchHead(batch.id, factsOf(states).length), ...batchLines(shown), whoReviews];
  conversation.note(['', ...lines, forwardLine(context.host, batch.id), '']);
  return states;
}

const factsOf = (states: readonly HostState[]): Parameters<typeof shownOf>[1] =>
  states.flatMap((one) => ('member' in one ? [one.member.facts] : []));

/** Rule 3. @throws what the task throws */
async function unlessLeft<T>(context: Context, batch: Batch, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const byKey = error instanceof Refused && error.code === 'CANCELLED' && error.cause === undefined;
    if (byKey) {
      await withdrawBatch(context, batch);
      await tellEndOfBatch(context, batch.id, 'withdrawn');
    }
    throw error;
  }
}

/** Waits until every host has decided. */
async function answered(
  context: Context,
  conversation: Conversation,
  batch: Batch,
  first: readonly HostState[],
): Promise<readonly HostState[]> {
  return conversation.wait(waitingFor(batch.id), batch.answerBy, async (signal) => {
    let states = first;
    while (states.some(({ state }) => state === 'pending') && !signal.aborted) {
      if (context.now() >= batch.answerBy) break;
      await context.batchNews.next(idsOf(batch, states), signal, lookMs);
      states = await statesOf(context, batch, states);
    }
    // Who denied it, and why, comes a moment after the denial (batches/say-denied.ts).
    if (states.some((one) => one.state === 'denied' && one.by === '')) {
      await context.batchNews.next([batch.id], signal, lookMs);
      states = await statesOf(context, batch, states);
    }
    if (!signal.aborted) await tellEndOfBatch(context, batch.id, isReviewed(states) ? 'reviewed' : 'unanswered');
    return states;
  });
}

const idsOf = ({ id }: Batch, states: readonly HostState[]): readonly string[] => [
  id,
  ...factsOf(states).map((facts) => facts.id),
];

/** @param before what is shown when the batch's own time is over, since the store then forgets it */
async function statesOf(
  context: Context,
  batch: Batch,
  before: readonly HostState[] = batch.hosts.map((host) => ({ host, state: 'silent' })),
): Promise<readonly HostState[]> {
  const read = await readBatch(context, batch.id);
  return read === undefined ? before : hostStates(context, read);
}

function say(conversation: Conversation, batch: Batch, { json: wanted }: Command, states: readonly HostState[]): void {
  if (wanted) return conversation.out([json({ batch: batch.id, session: batch.session, hosts: rowsOf(states) })]);
  const open = states.find(({ state }) => state === 'approved');
  conversation.out([...endLinesOf(states), ...(open === undefined ? [] : [openLine(open.host, batch.session)])]);
}
