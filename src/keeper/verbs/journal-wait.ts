// Waiting for an answer from the journal, and printing it.
//
// 1. An answer is printed in parts, each once the gate has taken the one before, and whoever takes none for a while is refused: the answer
//    holds the one place in which the journal is read (history/reader.ts). Attack: somebody asks and does not read, and nobody else is
//    answered.
import { setTimeout as delay } from 'node:timers/promises';
import { readingJournal } from '../../core/messages/history.ts';
import { Refused } from '../../core/refusal.ts';
import { second } from '../../core/time.ts';
import type { Conversation } from '../conversation.ts';
import type { HistoryAnswer } from '../history/render.ts';

/** An answer that comes sooner is not announced: a program that reads it gets nothing on standard error. */
const patienceMs = second;

/** What is sent at once: characters, which JSON may make six times as many (wire/frames.ts), and lines (wire/messages.ts). */
const partText = 64 * 1024;
const partLines = 1_000;
/** How long a gate may take for a part (rule 1). */
const stuckMs = 30 * second;

/** Prints an answer (rule 1). @throws Refused BUSY when the gate takes nothing; the reason of `gone` */
export async function printAnswer(
  { host }: { readonly host: string },
  conversation: Conversation,
  { lines, notes }: Pick<HistoryAnswer, 'lines' | 'notes'>,
): Promise<void> {
  for (const part of partsOf(lines)) {
    conversation.out(part);
    await taken(host, conversation);
  }
  if (notes.length > 0) conversation.note(notes);
  await taken(host, conversation);
}

function* partsOf(lines: readonly string[]): Generator<readonly string[]> {
  let [from, size] = [0, 0];
  for (const [at, line] of lines.entries()) {
    if (at > from && (size + line.length > partText || at - from === partLines)) {
      yield lines.slice(from, at);
      [from, size] = [at, 0];
    }
    size += line.length;
  }
  if (from < lines.length) yield lines.slice(from);
}

async function taken(host: string, conversation: Conversation): Promise<void> {
  const late = Promise.withResolvers<'stuck'>();
  const timer = setTimeout(late.resolve, stuckMs, 'stuck');
  const how = await Promise.race([conversation.taken(), late.promise]);
  clearTimeout(timer);
  conversation.gone.throwIfAborted();
  if (how === 'stuck') throw new Refused('BUSY', { host }, 'the answer is not taken');
}

/** Waits until the answer was given, and shows that it takes long. @throws what `answer` rejects with; Refused CANCELLED */
export async function waitForJournal(conversation: Conversation, answer: Promise<void>): Promise<void> {
  const isThere = await Promise.race([answer.then(() => true), delay(patienceMs, false, { ref: false })]);
  if (!isThere) await conversation.wait(readingJournal, undefined, async () => answer);
}
