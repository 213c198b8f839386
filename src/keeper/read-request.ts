// Reading a request from the board: it is one only if a host of this gate signed it, for itself (law 8).
import { sha256 } from '../adapters/keys.ts';
import type { BoardEntry } from '../adapters/redis/board.ts';
import { requestShape, reviewShape, type RequestFacts, type Review } from '../core/request.ts';
import type { House } from './house.ts';

export interface ReadRequest {
  readonly facts: RequestFacts;
  /** SHA-256 of the signed request, hex: what reviews and grants are bound to. */
  readonly digest: string;
  readonly reviews: readonly Review[];
}

/** @returns undefined when it was not written by the host it names, or names another id. */
export async function readRequest(house: House, entry: BoardEntry): Promise<ReadRequest | undefined> {
  const read = await house.keys.verify(entry.jws, 'request', requestShape);
  if (read === undefined || read.host !== read.value.host || read.value.id !== entry.id) return undefined;
  if (read.value.answerBy <= house.now()) return undefined;
  const reviews = await Promise.all(entry.reviews.map((jws) => readReview(house, jws)));
  return { facts: read.value, digest: sha256(entry.jws), reviews: reviews.filter((review) => review !== undefined) };
}

/** A review counts only as signed by the host where it was made. */
async function readReview(house: House, jws: string): Promise<Review | undefined> {
  const read = await house.keys.verify(jws, 'review', reviewShape);
  return read !== undefined && read.host === read.value.host ? read.value : undefined;
}
