// The verb `reading`: root on the host says that a recording is about to be read. The programs that show one (replay, find, export,
// evidence) read root's own files, and say so here first.
//
// 1. The name in the record is that of the login behind sudo, which the kernel keeps (loginuid(8)), never one that was typed. Attack: an
//    auditor reads in a colleague's name.
// 2. Nothing is answered before the record is on disk. Attack: somebody fills the disk and then reads unrecorded.
// 3. Evidence of a period goes from head to head (evidence/find-period.ts), so one is written before it is made. Accident: a journal of a
//    minute has none yet, and the accesses since the last one would be in no population.
import { parseId } from '../../core/ids.ts';
import { notAnId, readWhat } from '../../core/messages/recordings.ts';
import { parsePeriod } from '../../core/period.ts';
import { readings } from '../../core/reading.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { actorOf } from '../identity/actor.ts';
import type { Visitor } from '../identity/visitor.ts';

const longestQuery = 400;
const longestReason = 400;

/** Journals who reads what, and why; before evidence of a period a head too. @throws Refused BAD_COMMAND; JOURNAL_DOWN or the like when it cannot be written */
export async function reading(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const [word = '', of] = command.words;
  const { host } = context;
  const what = readings.find((one) => one === word);
  if (what === undefined) throw new Refused('BAD_COMMAND', { problem: readWhat(readings), host });
  const connection = of === undefined ? undefined : parseId(of);
  if (of !== undefined && connection === undefined) throw new Refused('BAD_COMMAND', { problem: notAnId(of), host });
  const { query } = visitor.hello;
  await context.journal.write('recording-read', {
    what,
    connection,
    query: query === undefined ? undefined : sanitizeLine(query, longestQuery),
    by: (await actorOf(context, conversation, visitor)).name,
    reason: command.reason === undefined ? undefined : sanitizeLine(command.reason, longestReason),
  });
  if (what === 'evidence' && query !== undefined && parsePeriod(query) !== undefined) await context.journal.writeHead();
}
