// Says to the keeper that a recording is about to be read, so that the journal names who read it.
//
// 1. Nothing of a recording is shown before the keeper has answered that the record is on disk; without a keeper it is refused. Attack:
//    an auditor, or an intruder with root, stops the keeper and reads without a trace. (Root can still copy the file. That is what
//    encrypted recordings are for.)
import type { Reading } from '../core/reading.ts';
import { sanitizeLine } from '../core/text.ts';
import { printCommand } from '../wire/grammar.ts';
import type { Layout } from '../wire/layout.ts';
import { converse } from './converse.ts';

/** What is about to be read. */
export interface ToRead {
  readonly what: Reading;
  /** The connection that was recorded, where it is one. */
  readonly of?: string | undefined;
  /** What is searched for, or the period. */
  readonly query?: string | undefined;
  readonly reason?: string | undefined;
}

/** The longest that the keeper takes (wire/messages.ts, `query`). */
const longestQuery = 400;

/**
 * Has the keeper journal who reads what (`recording-read`). It says itself why it was refused.
 * @returns 0 when it is written; otherwise the exit code, and nothing may be shown
 */
export async function announceReading(layout: Layout, { what, of, query, reason }: ToRead): Promise<number> {
  const command = printCommand({
    ...{ verb: 'reading', words: of === undefined ? [what] : [what, of], json: false },
    ...(reason === undefined ? {} : { reason: sanitizeLine(reason, 400) }),
  });
  const more = query === undefined ? {} : { query: sanitizeLine(query, longestQuery) };
  return converse(layout.keeperSocket, { command, ...more });
}
