// Reads a request from the store (law 8).
//
// 1. It counts only if a host of this fleet signed it, for itself and under this id, and if its time is not over. Attack: somebody writes a
//    request into Redis.
// 2. A review counts only if the host where it was made signed it, over this very request. Attack: somebody copies a genuine review of
//    another request here; its reviewer then reads ALREADY_REVIEWED when they come to deny.
import type { Keys } from '../../adapters/keys.ts';
import { sha256 } from '../../adapters/sha256.ts';
import type { StoredRequest } from '../../adapters/redis/replies.ts';
import { requestShape, reviewShape, type RequestFacts, type Review } from '../../core/request.ts';

export interface ReadRequestDeps {
  readonly keys: Keys;
  now(): number;
}

/** A verified request with its verified reviews. */
export interface ReadRequest {
  readonly facts: RequestFacts;
  /** SHA-256 of the signed request, in hex. Reviews and grants are bound to it. */
  readonly digest: string;
  readonly reviews: readonly Review[];
}

/** The request with those of its reviews that count; undefined when it does not count itself (rules 1 and 2). */
export async function readRequest(deps: ReadRequestDeps, entry: StoredRequest): Promise<ReadRequest | undefined> {
  const read = await deps.keys.verify(entry.jws, 'request', requestShape);
  if (read === undefined || read.host !== read.value.host || read.value.id !== entry.id) return undefined;
  if (read.value.answerBy <= deps.now()) return undefined;
  const [facts, digest] = [read.value, sha256(entry.jws)];
  const reviews = await Promise.all(entry.reviews.map(async (jws) => readReview(deps, jws)));
  const ofThis = (review: Review | undefined): review is Review =>
    review?.request === facts.id && review.digest === digest;
  return { facts, digest, reviews: reviews.filter(ofThis) };
}

/** A review with the signature of the host where it was made (rule 2). */
async function readReview(deps: ReadRequestDeps, jws: string): Promise<Review | undefined> {
  const read = await deps.keys.verify(jws, 'review', reviewShape);
  return read !== undefined && read.host === read.value.host ? read.value : undefined;
}
