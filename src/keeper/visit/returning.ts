// A gate that waited for an answer when an earlier keeper ended, and comes back to this one (gate/come-back.ts).
//
// 1. It is checked like any visit: identified, signed in, decided, and admitted with every check. That it has waited opens nothing. Attack:
//    a login pretends to have waited.
// 2. Nothing is requested for it again: it hears the answer that was given meanwhile. Accident: a request that was denied while no keeper
//    ran is posted again by itself, and calls everybody on call.
// 3. It hears only of its own request: of the same person, under the same login, on this host. Attack: somebody names another person's
//    request and reads its answer.
import { isSamePerson } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { SignIn } from '../../core/sign-in.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Answer } from '../grants/pending-answers.ts';
import type { Context } from '../context.ts';
import { readRequest } from '../grants/read-request.ts';
import { settle } from '../grants/settle.ts';
import type { Visitor } from '../identity/visitor.ts';

/** A request and its answer. */
export interface Answered {
  readonly facts: RequestFacts;
  readonly answer: Answer;
}

/** The command of a gate that came back, with the session that the person chose before. */
export async function commandOnReturn(context: Context, visitor: Visitor, command: Command): Promise<Command> {
  const { waits } = visitor.hello;
  if (waits === undefined || command.words.length > 0) return command;
  const facts = await factsOf(context, waits);
  return facts?.who.login === visitor.login ? { ...command, words: [facts.session] } : command;
}

/**
 * The request that a gate comes back for (rule 3); undefined for a gate that comes for the first time.
 * @throws Refused NO_ANSWER when it is not theirs or is gone
 */
export async function waitedFor(context: Context, who: SignIn, { hello }: Visitor): Promise<RequestFacts | undefined> {
  return hello.waits === undefined ? undefined : ownFacts(context, who, hello.waits);
}

/** The answer that was given meanwhile (rules 2 and 3). @throws Refused NO_ANSWER when none can come any more */
export async function answeredMeanwhile(context: Context, who: SignIn, id: string): Promise<Answered> {
  const facts = await ownFacts(context, who, id);
  const given = context.pendingAnswers.given(id);
  if (given !== undefined) return { facts, answer: given };
  const stop = new AbortController();
  const heard = context.pendingAnswers.of(facts, stop.signal);
  const settled = await settle(context, id).finally(() => stop.abort());
  if (settled !== 'approved' && settled !== 'denied') throw new Refused('NO_ANSWER', { request: id });
  return { facts, answer: await heard };
}

/** The request, if it is this person's (rule 3). @throws Refused NO_ANSWER */
async function ownFacts(context: Context, who: SignIn, id: string): Promise<RequestFacts> {
  const facts = await factsOf(context, id);
  if (facts !== undefined && facts.who.login === who.login && isSamePerson(facts.who, who)) return facts;
  throw new Refused('NO_ANSWER', { request: id });
}

async function factsOf(context: Context, id: string): Promise<RequestFacts | undefined> {
  const entry = await context.store.find(id);
  const facts = entry === undefined ? undefined : (await readRequest(context, entry))?.facts;
  return facts?.host === context.host ? facts : undefined;
}
