// A gate that waited for an answer when an earlier keeper ended comes back to this one (gate/come-back.ts).
//
// 1. It is judged like any knock: identified, signed in, decided, and admitted with every check. That it waited opens nothing.
// 2. Nothing is asked for it anew: what was answered meanwhile is what it hears. Attack: a request that was denied while no keeper ran is
//    posted again by itself, and wakes everybody.
// 3. It hears of its own request alone: of the same person, under the same login, on this host.
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

export interface Answered {
  readonly facts: RequestFacts;
  readonly answer: Answer;
}

/** The session that was picked before is not picked again. */
export async function commandOnReturn(context: Context, visitor: Visitor, command: Command): Promise<Command> {
  const { waits } = visitor.hello;
  if (waits === undefined || command.words.length > 0) return command;
  const facts = await factsOf(context, waits);
  return facts?.who.login === visitor.login ? { ...command, words: [facts.session] } : command;
}

/** Rule 3. @returns undefined where the gate knocks for the first time. @throws Refused NO_ANSWER when it can have none any more. */
export async function waitedFor(context: Context, who: SignIn, { hello }: Visitor): Promise<RequestFacts | undefined> {
  return hello.waits === undefined ? undefined : ownFacts(context, who, hello.waits);
}

/** Rules 2 and 3. @throws Refused NO_ANSWER when it can have none any more. */
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

/** Rule 3. */
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
