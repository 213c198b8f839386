// Signs, journals and posts a request, in this order (laws 7 and 8): what a reviewer sees is what this host saw. Attack: whoever can write to
// Redis changes a request before it is reviewed.
import { sha256 } from '../../adapters/sha256.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { Outbox } from '../state/outbox.ts';
import type { ReadRequest } from './read-request.ts';
import { unansweredOf } from './request-ends.ts';

export interface PostRequestDeps {
  readonly host: string;
  readonly keys: Keys;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly store: Store;
}

/**
 * Posts a new request. Its end by time is owed to the journal from now on.
 * @param rule the rule of the policy that lets the person ask.
 * @throws Refused JOURNAL_DOWN, REDIS_DOWN
 */
export async function postRequest(deps: PostRequestDeps, facts: RequestFacts, rule: string): Promise<ReadRequest> {
  const jws = await deps.keys.sign('request', facts);
  const { id: request, ...told } = facts;
  const done = { isPosted: false };
  const post = async (): Promise<void> => {
    const posted = await deps.store.post({ id: facts.id, jws, answerBy: facts.answerBy });
    if (!posted) throw new Refused('INTERNAL', { host: deps.host }, 'the id of the request is taken');
    done.isPosted = true;
  };
  await deps.outbox.begin(unansweredOf(facts), async () => {
    await deps.journal.write('requested', { request, rule, ...told });
    await post();
  });
  // Its end is owed already: a keeper journaled it and died before it could post it.
  if (!done.isPosted) await post();
  return { facts, digest: sha256(jws), reviews: [] };
}
