// The end of a request that no review made: everybody who was told of the request is told of its end too, so that nobody is on call for
// something that is over, and no incident stays open.
//
// 1. Each has its record before its notice (law 7), in the turn of the request.
// 2. One that nobody answers has an end as well, whether or not somebody still waits for it: it is owed (outbox) from before the request
//    is posted. Accident: its time runs out while no keeper runs, Redis has forgotten it by then, and nobody on call hears of its end.
// 3. A keeper that starts finds those, and tells of each; not of one that was answered, which the journal shows.
import type { Entry, Owed } from '../../core/owed.ts';
import type { RequestFacts } from '../../core/request.ts';
import { tellEnd, type Ending, type TellRequestEndDeps } from './tell-request-end.ts';
import { requestOfTombstone, requestTombstoneId } from './tombstone-id.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Journal } from '../../adapters/journal.ts';

export interface RequestEndsDeps extends TellRequestEndDeps {
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly tombstones: Tombstones;
  now(): number;
  readonly outbox: Outbox;
}

type Waiting = Ending & Pick<RequestFacts, 'answerBy'>;

export interface RequestEnds {
  /** Sees to it that a request which waits ends, and when. */
  watch(waiting: Waiting): void;
  /** @param tombstone as a request is buried. */
  over(tombstone: string): void;
  close(): void;
}

export function openRequestEnds(deps: RequestEndsDeps): RequestEnds {
  const timers = new Map<string, NodeJS.Timeout>();
  const stop = (tombstone: string): boolean => {
    clearTimeout(timers.get(tombstone));
    return timers.delete(tombstone);
  };
  /** What was answered while it waited for its turn is not ended. */
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
const endOf = (request: string): Pick<Owed, 'event' | 'is'> => ({ event, is: { request } });

/** Rule 2. */
export function unansweredOf({ id: request, who: { login }, session, answerBy: until }: Waiting): Owed {
  return { ...endOf(request), facts: { request, login, session }, began: 'requested', until };
}

/** Rules 1 and 2. */
async function endUnanswered(deps: RequestEndsDeps, waiting: Waiting): Promise<void> {
  await deps.outbox.record({ ...unansweredOf(waiting), began: undefined }, async () => {
    tellEnd(deps, waiting, event);
    return Promise.resolve();
  });
}

export const isOfRequest = (entry: Entry): boolean => entry.event === event;

export interface RecallRequestsDeps extends RequestEndsDeps {
  readonly requestEnds: RequestEnds;
  readonly journal: Journal;
}

/** Rule 3. */
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
  return { id, session, who: { login }, answerBy: until };
}

const answers: ReadonlySet<unknown> = new Set(['granted', 'denied', 'withdrawn', 'lapsed']);

/** The requests that have an end in the journal. */
async function answeredOf({ journal }: RecallRequestsDeps, late: readonly Entry[]): Promise<ReadonlySet<unknown>> {
  const answered = new Set<unknown>();
  if (late.length === 0) return answered;
  const from = Math.min(...late.map((entry) => entry.from));
  for await (const record of journal.records(undefined, from))
    if (answers.has(record['event'])) answered.add(record['request']);
  return answered;
}
