// What a starting keeper does about the records that an earlier one owed (outbox).
//
// 1. First, what was begun is done again, before anything that was found is checked against it: a revoked grant gets its tombstone, a lock
//    is taken over. An act that needs its record first (an unlock, a review) is done if that record is there; if not, it never happened.
// 2. What the journal has already is not written again; what it lacks is written.
// 3. Something whose beginning was never recorded is owed no end. Something that still exists has not ended.
// 4. A grant that this keeper cannot look up, because the store does not answer, is left alone until its window is over.
import type { EventName } from '../core/events/events.ts';
import type { Entry, Facts } from '../core/owed.ts';
import { endedUnwritten } from '../core/messages/ends.ts';
import type { Context } from './context.ts';
import { takeAgain } from './identity/locks.ts';
import { rotateAgain } from './key-rotation.ts';
import { isOfRequest } from './grants/request-ends.ts';
import { addTombstoneAgain } from './grants/revoke.ts';

interface Redone {
  readonly act: (context: Context, redo: string, entry: Entry) => Promise<unknown>;
  /** Whether the act needs its record first. */
  readonly allowed: boolean;
}

const redone: Readonly<Partial<Record<EventName, Redone>>> = {
  revoked: { act: async (context, _, entry) => addTombstoneAgain(context, entry), allowed: false },
  locked: { act: takeAgain, allowed: false },
  unlocked: { act: takeAgain, allowed: true },
  'key-rotated': { act: rotateAgain, allowed: true },
  'break-glass-voided': {
    act: async ({ breakGlass }, id) => breakGlass.void(id === '' ? undefined : id),
    allowed: true,
  },
  'break-glass-reviewed': { act: async ({ breakGlass }, grant) => breakGlass.review(grant), allowed: true },
  'recording-held': { act: async ({ keeping }, redo) => keeping.again('recording-held', redo), allowed: true },
  'recording-released': { act: async ({ keeping }, redo) => keeping.again('recording-released', redo), allowed: true },
  'recording-purged': { act: async ({ keeping }, redo) => keeping.again('recording-purged', redo), allowed: true },
};

/** Rules 1 to 3, before anything is taken over. @throws Error when the journal cannot be read */
export async function redoOwed(context: Context): Promise<void> {
  const open = context.outbox.all().filter(({ ending, began }) => ending || began !== undefined);
  const { recorded, began } = await context.outbox.found(open);
  for (const entry of open) {
    if (!entry.ending && !began.has(entry)) await context.outbox.withdraw(entry);
    const how = redone[entry.event as EventName];
    if (!entry.ending || how === undefined) continue;
    if (how.allowed && !recorded.has(entry)) await context.outbox.withdraw(entry);
    else await redo(context, entry, how);
  }
}

async function redo(context: Context, entry: Entry, { act }: Redone): Promise<void> {
  try {
    await act(context, entry.redo ?? '', entry);
    await context.outbox.record(entry);
  } catch (error) {
    context.log.error('not-redone', { event: entry.event, error });
  }
}

/** Rules 2 to 4, after everything was taken over or ended. @param storeAnswers whether the store answered at the start. Never rejects. */
export async function settleOwed(context: Context, storeAnswers: boolean): Promise<void> {
  for (const entry of context.outbox.all()) {
    if (isOfRequest(entry)) continue; // grants/request-ends.ts does these, with their notice
    if (entry.ending) await context.outbox.record(entry);
    else if (!isThere(context, entry, storeAnswers))
      await context.outbox.record({ ...entry, facts: { ...entry.facts, ...whyOver(context, entry) } });
  }
}

function isThere(context: Context, { event, is, until }: Entry, storeAnswers: boolean): boolean {
  if (event === 'disconnected') return context.connections.all().some(({ state }) => state.id === is['connection']);
  if (event === 'session-ended') return context.sessions.all().some(({ id }) => id === is['id']);
  return context.liveGrants.find(String(is['grant'])) !== undefined || (!storeAnswers && !isOver(context, until));
}

function whyOver(context: Context, { event, is, until }: Entry): Facts {
  if (event !== 'grant-ended') return { why: endedUnwritten };
  if (context.tombstones.has(String(is['grant']))) return { why: 'revoked' };
  return { why: isOver(context, until) ? 'expired' : 'withdrawn' };
}

/** Whether the window of a grant has ended. */
const isOver = (context: Context, until: number | undefined): boolean => until !== undefined && until <= context.now();
