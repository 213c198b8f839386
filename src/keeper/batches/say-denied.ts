// Says of a denied request of a batch who denied it, and why, for whoever asked: a denial on the request's own host does not pass through the
// store (grants/settle.ts, rule 5), so the host adds it to what it says of the batch.
import type { Log } from '../../adapters/log.ts';
import type { BatchAnswer } from '../../core/batch.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Answer } from '../grants/pending-answers.ts';
import { readRequest } from '../grants/read-request.ts';
import type { ReadBatchDeps } from './read-batch.ts';

export interface SayDeniedDeps extends ReadBatchDeps {
  readonly host: string;
  readonly log: Log;
}

/** For each answer to a request of this host; in the background. Never rejects: it only informs. */
export async function sayDenied(deps: SayDeniedDeps, request: string, answer: Answer): Promise<void> {
  if (answer.state !== 'denied') return;
  try {
    const entry = await deps.store.find(request);
    const facts = entry === undefined ? undefined : (await readRequest(deps, entry))?.facts;
    if (facts?.batch === undefined || facts.host !== deps.host) return;
    const { id: batch } = facts.batch;
    const by = sanitizeLine(answer.by, 120);
    const made: BatchAnswer = { batch, host: deps.host, request, by, says: sanitizeLine(answer.reason, 300) };
    await deps.store.answerRound('batch', batch, { from: deps.host, jws: await deps.keys.sign('batch-answer', made) });
  } catch (error) {
    deps.log.info('denial-not-told', { request, error });
  }
}
