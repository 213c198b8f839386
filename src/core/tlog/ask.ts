// What two hosts of a fleet leave for each other in the store when one is the witness of the other's log. Each is signed by its sender as a
// whole, since the request of C2SP tlog-witness has no sender and no time of its own.
//
// 1. Each names whom it is for. Attack: what was asked of one witness is shown to another, or an answer to another host.
// 2. An ask has a number, and a witness passes over one that is not higher than the last. Attack: whoever can write to the store puts an old
//    ask back, whose checkpoint is smaller, and the witness reports a log that was cut.
import { integer, object, oneOf, optional, text } from '../shape.ts';
import type { Contradiction } from './witness.ts';
import { contradictions } from './witness.ts';

const hostLimit = 64;
/** A proof of 63 hashes and a note with some cosignatures. */
const requestLimit = 16 * 1024;
const linesLimit = 1024;

/** A log asks a witness. */
export interface Ask {
  readonly to: string;
  /** Rises with each ask of this log; the instant (ms) where no higher one was used. */
  readonly number: number;
  /** An `add-checkpoint` request. */
  readonly request: string;
}

/** A witness answers. */
export interface Answer {
  readonly to: string;
  /** The number of the ask; of one that was passed over, the number of the last one. */
  readonly number: number;
  /** As in C2SP tlog-witness; 425 for an ask that was passed over (rule 2). */
  readonly status: number;
  /** What the witness cosigned last for this log; 0 for nothing. */
  readonly size: number;
  /** Its signature line, with status 200. */
  readonly lines?: string;
  readonly contradiction?: Contradiction;
}

/** HTTP calls it "too early" (RFC 8470 section 5.2); what was replayed may be sent again with a new number. */
export const passedOver = 425;

export const askShape = object({ to: text(hostLimit), number: integer(0), request: text(requestLimit) });

export const answerShape = object({
  to: text(hostLimit),
  number: integer(0),
  status: integer(200, 599),
  size: integer(0),
  lines: optional(text(linesLimit)),
  contradiction: optional(oneOf(...contradictions)),
});
