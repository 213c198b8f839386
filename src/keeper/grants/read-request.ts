// Reading a request from the board (law 8).
//
// 1. It is one only if a host of this gate signed it, for itself, under this id, and its time is not over.
// 2. A review is one only as signed by the host where it was made, over this very request. Attack: somebody's genuine review of
//    another request, copied here, makes them read ALREADY_REVIEWED when they come to deny.
import { sha256, type Keys } from '../../adapters/keys.ts';
import type { StoredRequest } from '../../adapters/redis/replies.ts';
import { requestShape, reviewShape, type RequestFacts, type Review } from '../../core/request.ts';

export interface ReadRequestDeps {
  readonly keys: Keys;
  now(): number;
}

export interface ReadRequest {
  readonly facts: RequestFacts;
  /** SHA-256 of the signed request, hex: what reviews and grants are bound to. */
  readonly digest: string;
  readonly reviews: readonly Review[];
}

/** Rule 1. */
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

/** Rule 2. */
async function readReview(deps: ReadRequestDeps, jws: string): Promise<Review | undefined> {
  const read = await deps.keys.verify(jws, 'review', reviewShape);
  return read !== undefined && read.host === read.value.host ? read.value : undefined;
}
