// Waiting for an answer from the journal.
import { setTimeout } from 'node:timers/promises';
import { readingJournal } from '../../core/messages/history.ts';
import { second } from '../../core/time.ts';
import type { Conversation } from '../conversation.ts';

/** An answer that comes sooner is not announced: a program that reads it gets nothing on standard error. */
const patienceMs = second;

/** Waits until the answer was given, and shows that it takes long. @throws what `answer` rejects with; Refused CANCELLED */
export async function waitForJournal(conversation: Conversation, answer: Promise<void>): Promise<void> {
  const isThere = await Promise.race([answer.then(() => true), setTimeout(patienceMs, false, { ref: false })]);
  if (!isThere) await conversation.wait(readingJournal, undefined, async () => answer);
}
