// What the thread does with the records of the journal, whatever was asked.

/** Takes the records in their order, and then has the answer. */
export interface Reading<A> {
  /** @param line of the record, counted from 1. @param verified whether the chain verified it */
  take(entry: Readonly<Record<string, unknown>>, line: number, verified: boolean): void;
  /** The records from this line on, up to the newest, may not be what was written. */
  doubt(from: number): void;
  answer(): A;
}
