// Which requests may be reviewed.
import { parseId } from '../../core/ids.ts';
import { overAs } from '../../core/messages/review.ts';
import { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import { formatDuration } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Context } from '../context.ts';
import { prolonged } from '../grants/extension-window.ts';
import { readRequest, type ReadRequest } from '../grants/read-request.ts';
import { approversOf } from '../grants/review.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import type { Visitor } from '../identity/visitor.ts';

/**
 * The request, if the visitor may review it.
 * @throws Refused when there is no such request, when it is over, or when it is the visitor's own
 */
export async function reviewable(
  context: Context,
  visitor: Visitor,
  word: string,
  command: Command,
): Promise<ReadRequest> {
  const request = parseId(word);
  if (request === undefined) throw new Refused('NO_SUCH_REQUEST', { request: word, host: context.host });
  const entry = await context.store.find(request);
  if (entry === undefined) throw new Refused('NO_SUCH_REQUEST', { request, host: context.host });
  const read = await readRequest(context, entry);
  if (read === undefined && entry.state === 'pending')
    throw new Refused('REQUEST_FORGED', { request, host: context.host });
  if (read !== undefined && entry.state === 'lapsed' && isLate(context, read)) throw tooLate(context, read);
  if (read === undefined || isOver(context, read, entry.state))
    throw new Refused('REQUEST_OVER', {
      request,
      state: entry.state === 'pending' ? overAs.answered : entry.state,
      host: context.host,
    });
  if (read.facts.who.login === visitor.login) throw await ownRequest(context, read);
  checkTime(read.facts, command);
  return read;
}

async function ownRequest(context: Context, read: ReadRequest): Promise<Refused> {
  return new Refused('SELF_REVIEW', { groups: await approversOf(context, read) });
}

/** A host knows better than Redis whether its own requests were answered. */
function isOver(context: Context, { facts }: ReadRequest, state: string): boolean {
  return facts.host === context.host ? context.tombstones.has(requestTombstoneId(facts.id)) : state !== 'pending';
}

/** Whether the grant that it was to extend is gone: the reviewer is told that, not that somebody else answered. */
export function isLate(context: Context, { facts }: ReadRequest): boolean {
  return facts.host === context.host && facts.extends !== undefined && prolonged(context, facts) === undefined;
}

/** The refusal for that. */
export function tooLate({ host }: Context, { facts: { id: request, session } }: ReadRequest): Refused {
  return new Refused('EXTENSION_LATE', { request, session, host });
}

/** @throws Refused WINDOW_TOO_LONG where a reviewer would lengthen what was asked for */
export function checkTime({ session, durationMs }: RequestFacts, { forMs }: Command): void {
  if (forMs === undefined || forMs <= durationMs) return;
  const max = formatDuration(durationMs).replace(/\s/g, '');
  throw new Refused('WINDOW_TOO_LONG', { session, max, less: `--for ${max}` });
}

/** The command without the time of a reviewer. */
export function withoutTime(command: Command): Command {
  return Object.fromEntries(Object.entries(command).filter(([name]) => name !== 'forMs')) as unknown as Command;
}
