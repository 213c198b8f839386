// Lists the requests of a batch as one.
//
// Those of one batch are put together only if all that is read of them is the same (core/batch.ts, rule 2): a host that was taken over can add a row
// of its own, and no word to anybody else's.
import type { RequestFacts } from '../../core/request.ts';
import type { ReadRequest } from '../grants/read-request.ts';

/** A request, or the requests of a batch, as one row. */
export interface OneRow {
  /** What is typed to review it. */
  readonly id: string;
  /** Of the first one. */
  readonly facts: RequestFacts;
  readonly hosts: readonly string[];
  readonly reads: readonly ReadRequest[];
}

/** The rows, in the order of the first request of each. */
export function asOne(reads: readonly ReadRequest[]): readonly OneRow[] {
  return [...Map.groupBy(reads, keyOf).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { facts } = first;
    const hosts = same.map((one) => one.facts.host).sort();
    return [{ id: facts.batch?.id ?? facts.id, facts, hosts, reads: same }];
  });
}

function keyOf({ facts }: ReadRequest): string {
  const { id, batch, who, session, reason, mode, address, fingerprint, requestedAt } = facts;
  if (batch === undefined) return id;
  const shared = [who.issuer, who.subject, who.claim, session, reason, mode, address, fingerprint, requestedAt];
  return JSON.stringify([batch.id, batch.host, ...shared]);
}
