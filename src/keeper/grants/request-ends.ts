// The end of a request that nobody reviewed. Whoever was told of the request is told of its end as well, so that nobody works on something
// that is over, and no incident stays open.
//
// 1. Each end has its record before its notice (law 7), in the turn of the request.
// 2. A request that nobody answers ends as well, whether or not somebody still waits for it: the record of that end is owed (outbox) from
//    before the request is posted. Accident: its time ends while no keeper runs, Redis forgets it, and nobody on call hears of its end.
// 3. A keeper that starts finds such requests and tells of each end, but not of a request that was answered, which the journal shows.
import type { Entry, OwedOf } from '../../core/owed.ts';
import type { RequestFacts } from '../../core/request.ts';
import { tellEnd, type Ending, type TellRequestEndDeps } from './tell-request-end.ts';
import { requestOfTombstone, requestTombstoneId } from './tombstone-id.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Journal } from '../../adapters/journal/journal.ts';

export interface RequestEndsDeps extends TellRequestEndDeps {
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly tombstones: Tombstones;
  now(): number;
  readonly outbox: Outbox;
}

type Waiting = Ending & Pick<RequestFacts, 'answerBy' | 'batch'>;

/** Ends requests that nobody answers. */
export interface RequestEnds {
  /** Ends a waiting request when its time is over. */
  watch(waiting: Waiting): void;
  /** A tombstone was added: if it is a request's, the request was answered and needs no other end. */
  over(tombstone: string): void;
  /** Stops the timers; the next keeper finds the requests in the outbox. */
  close(): void;
}

/** No requests yet; `recallRequests` finds those of earlier keepers. */
export function openRequestEnds(deps: RequestEndsDeps): RequestEnds {
  const timers = new Map<string, NodeJS.Timeout>();
  const stop = (tombstone: string): boolean => {
    clearTimeout(timers.get(tombstone));
    return timers.delete(tombstone);
  };
  /** Does nothing if the request was answered before this turn. */
  const late = async (waiting: Waiting): Promise<void> => {
    const tombstone = requestTombstoneId(waiting.id);
    await deps.oneByOne(`request ${waiting.id}`, async () => {
      if (stop(tombstone) && !deps.tombstones.has(tombstone)) await endUnanswered(deps, waiting);
    });
  };
  return {
    watch: (waiting) => {
      const tombstone = requestTombstoneId(waiting.id);
      stop(tombstone);
      const left = Math.max(0, waiting.answerBy - deps.now());
      timers.set(tombstone, setTimeout(() => void late(waiting), left).unref());
    },
    over: (tombstone) => {
      stop(tombstone);
      const request = requestOfTombstone(tombstone);
      if (request !== undefined) void deps.outbox.withdraw(endOf(request));
    },
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

const event = 'unanswered';
const endOf = (request: string): Pick<OwedOf<'unanswered'>, 'event' | 'is'> => ({ event, is: { request } });

/** The record `unanswered`, which the journal is owed from before a request is posted (rule 2). */
export function unansweredOf(waiting: Waiting): OwedOf<'unanswered'> {
  const { id: request, who, session, answerBy: until, batch } = waiting;
  const facts = { request, login: who.login, session, ...(batch === undefined ? {} : { batch }) };
  return { ...endOf(request), facts, began: 'requested', until };
}

/** Journals the end of a request that nobody answered, then tells of it (rules 1 and 2). */
async function endUnanswered(deps: RequestEndsDeps, waiting: Waiting): Promise<void> {
  await deps.outbox.record({ ...unansweredOf(waiting), began: undefined }, async () => {
    tellEnd(deps, waiting, event);
    return Promise.resolve();
  });
}

/** Whether an entry of the outbox is the end of a request. */
export const isOfRequest = (entry: Entry): boolean => entry.event === event;

export interface RecallRequestsDeps extends RequestEndsDeps {
  readonly requestEnds: RequestEnds;
  readonly journal: Journal;
}

/** Rule 3, for a keeper that starts. @throws Error when the journal cannot be read */
export async function recallRequests(deps: RecallRequestsDeps): Promise<void> {
  const owed = deps.outbox.all().filter(isOfRequest);
  const isLate = ({ ending, until = 0 }: Entry): boolean => ending || until <= deps.now();
  const answered = await answeredOf(deps, owed.filter(isLate));
  for (const entry of owed) {
    const waiting = waitingOf(entry);
    if (!entry.ending && answered.has(waiting.id)) await deps.outbox.withdraw(entry);
    else if (isLate(entry)) await endUnanswered(deps, waiting);
    else deps.requestEnds.watch(waiting);
  }
}

function waitingOf({ facts, until = 0 }: Entry): Waiting {
  const [id, session, login] = [facts['request'], facts['session'], facts['login']].map(String) as [
    string,
    string,
    string,
  ];
  const batch = facts['batch'] as RequestFacts['batch'];
  return { id, session, who: { login }, answerBy: until, ...(batch === undefined ? {} : { batch }) };
}

const answers: ReadonlySet<unknown> = new Set(['granted', 'denied', 'withdrawn', 'lapsed']);

/** The requests for which the journal has an answer. */
async function answeredOf({ journal }: RecallRequestsDeps, late: readonly Entry[]): Promise<ReadonlySet<unknown>> {
  const answered = new Set<unknown>();
  if (late.length === 0) return answered;
  const from = Math.min(...late.map((entry) => entry.from));
  for await (const record of journal.records(undefined, from))
    if (answers.has(record['event'])) answered.add(record['request']);
  return answered;
}
