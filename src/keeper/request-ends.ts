// The end of a request that no review made: everybody who was told of the request is told of its end too, so that nobody is on call for
// something that is over, and no incident stays open.
//
// 1. Each has its record before its notice (law 7), in the turn of the request.
// 2. One that nobody answers has an end as well, whether or not somebody still waits for it: it is owed (outbox) from before the request
//    is posted. Accident: its time runs out while no keeper runs, Redis has forgotten it by then, and nobody on call hears of its end.
// 3. A keeper that starts finds those, and tells of each; not of one that was answered, which the journal shows.
import type { Notice } from '../core/notice.ts';
import type { Entry, Owed } from '../core/owed.ts';
import type { Person, RequestFacts } from '../core/request.ts';
import type { House } from './house.ts';
import { requestOf, stoneOf } from './visit/grant.ts';

/** What of a request its end is told by. */
interface Ending extends Pick<RequestFacts, 'id' | 'session'> {
  readonly who: Pick<Person, 'login'>;
}
type Waiting = Ending & Pick<RequestFacts, 'answerBy'>;

export interface RequestEnds {
  /** Sees to it that a request which waits ends, and when. */
  watch(waiting: Waiting): void;
  /** @param stone as a request is buried. */
  over(stone: string): void;
  close(): void;
}

export function openRequestEnds(house: () => House): RequestEnds {
  const timers = new Map<string, NodeJS.Timeout>();
  const stop = (stone: string): boolean => {
    clearTimeout(timers.get(stone));
    return timers.delete(stone);
  };
  /** What was answered while it waited for its turn is not ended. */
  const late = async (waiting: Waiting): Promise<void> => {
    const stone = stoneOf(waiting.id);
    await house().oneByOne(`request ${waiting.id}`, async () => {
      if (stop(stone) && !house().tombstones.has(stone)) await endUnanswered(house(), waiting);
    });
  };
  return {
    watch: (waiting) => {
      const stone = stoneOf(waiting.id);
      stop(stone);
      const left = Math.max(0, waiting.answerBy - house().now());
      timers.set(stone, setTimeout(() => void late(waiting), left).unref());
    },
    over: (stone) => {
      stop(stone);
      const request = requestOf(stone);
      if (request !== undefined) void house().outbox.withdraw(endOf(request));
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
async function endUnanswered(house: House, waiting: Waiting): Promise<void> {
  await house.outbox.record({ ...unansweredOf(waiting), began: undefined }, async () => {
    tellEnd(house, waiting, event);
    return Promise.resolve();
  });
}

export const isOfRequest = (entry: Entry): boolean => entry.event === event;

/** Rule 3. */
export async function recallRequests(house: House): Promise<void> {
  const owed = house.outbox.all().filter(isOfRequest);
  const isLate = ({ ending, until = 0 }: Entry): boolean => ending || until <= house.now();
  const answered = await answeredOf(house, owed.filter(isLate));
  for (const entry of owed) {
    const waiting = waitingOf(entry);
    if (!entry.ending && answered.has(waiting.id)) await house.outbox.withdraw(entry);
    else if (isLate(entry)) await endUnanswered(house, waiting);
    else house.requestEnds.watch(waiting);
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
async function answeredOf({ journal }: House, late: readonly Entry[]): Promise<ReadonlySet<unknown>> {
  const answered = new Set<unknown>();
  if (late.length === 0) return answered;
  const from = Math.min(...late.map((entry) => entry.from));
  for await (const record of journal.records(undefined, from))
    if (answers.has(record['event'])) answered.add(record['request']);
  return answered;
}

/** @param why in words of ours. */
export function tellEnd(house: House, ending: Ending, event: RequestEnd, why?: string): void {
  const { id: request, session, who } = ending;
  const told: Notice = {
    event,
    host: house.host,
    request,
    session,
    login: who.login,
    ...(why === undefined ? {} : { why }),
  };
  house.notifier.send(told);
}

type RequestEnd = Extract<Notice['event'], 'withdrawn' | 'lapsed' | 'unanswered'>;
