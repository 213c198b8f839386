// The verb `withdraw`: a person takes back what they asked for, also after they left the command that waited for it.
import { isSamePerson } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { askedElsewhere, withdrew } from '../../core/messages/batch.ts';
import { overAs } from '../../core/messages/review.ts';
import { Refused } from '../../core/refusal.ts';
import type { SignIn } from '../../core/sign-in.ts';
import type { Command } from '../../wire/grammar.ts';
import { hostStates } from '../batches/host-states.ts';
import { readBatch } from '../batches/read-batch.ts';
import { tellEndOfBatch } from '../batches/tell-batch.ts';
import { withdrawBatch } from '../batches/withdraw-batch.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { readRequest } from '../grants/read-request.ts';
import { withdrawRequest } from '../grants/withdraw-request.ts';
import { requireSignIn } from '../identity/identify.ts';
import { isRoot, type Visitor } from '../identity/visitor.ts';

/**
 * Withdraws a request of one's own: of this host, or one for several hosts that was made here.
 * @throws Refused NEEDS_A_PERSON, NO_SUCH_REQUEST, NOT_YOURS, BAD_COMMAND, REQUEST_OVER, JOURNAL_DOWN, REDIS_DOWN and what a sign-in refuses
 */
export async function withdraw(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const { host } = context;
  if (isRoot(visitor)) throw new Refused('NEEDS_A_PERSON', { host });
  const [word = ''] = command.words;
  const id = parseId(word);
  if (id === undefined) throw new Refused('NO_SUCH_REQUEST', { request: word, host });
  const who = await requireSignIn(context, conversation, visitor);
  if (!(await withdrawnBatch(context, who, id))) await withdrawOne(context, who, id);
  conversation.out([withdrew(id)]);
}

/** @returns whether the id is that of a batch */
async function withdrawnBatch(context: Context, who: SignIn, id: string): Promise<boolean> {
  const { host } = context;
  const read = await readBatch(context, id);
  if (read === undefined) return false;
  if (!isSamePerson(read.batch.who, who)) throw new Refused('NOT_YOURS', { host });
  if (read.batch.host !== host)
    throw new Refused('BAD_COMMAND', { problem: askedElsewhere(id, read.batch.host), host });
  if (read.isWithdrawn) throw new Refused('REQUEST_OVER', { request: id, state: 'withdrawn', host });
  const states = await hostStates(context, read);
  if (!states.some(({ state }) => state === 'pending' || state === 'silent'))
    throw new Refused('REQUEST_OVER', { request: id, state: overAs.answered, host });
  await withdrawBatch(context, read.batch);
  await tellEndOfBatch(context, id, 'withdrawn');
  return true;
}

async function withdrawOne(context: Context, who: SignIn, request: string): Promise<void> {
  const { host } = context;
  const entry = await context.store.find(request);
  const facts = entry === undefined ? undefined : (await readRequest(context, entry))?.facts;
  if (entry === undefined || facts?.host !== host) throw new Refused('NO_SUCH_REQUEST', { request, host });
  if (!isSamePerson(facts.who, who)) throw new Refused('NOT_YOURS', { host });
  if (entry.state !== 'pending') throw new Refused('REQUEST_OVER', { request, state: overAs.answered, host });
  await withdrawRequest(context, facts);
}
