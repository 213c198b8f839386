// The end of a request that no review made: everybody who was told of the request is told of its end too, so that nobody is on call for
// something that is over, and no incident stays open.
//
// 1. Each has its record before its notice (law 7), in the turn of the request.
// 2. One that nobody answers has an end as well, whether or not somebody still waits for it.
import type { Notice } from '../core/notice.ts';
import type { RequestFacts } from '../core/request.ts';
import type { House } from './house.ts';
import { stoneOf } from './visit/grant.ts';

export interface RequestEnds {
  /** Sees to it that a request which waits ends, and when. */
  watch(facts: RequestFacts): void;
  /** @param stone as a request is buried. */
  over(stone: string): void;
  close(): void;
}

export function openRequestEnds(house: () => House): RequestEnds {
  const timers = new Map<string, NodeJS.Timeout>();
  const over = (stone: string): void => {
    clearTimeout(timers.get(stone));
    timers.delete(stone);
  };
  return {
    watch: (facts) => {
      const stone = stoneOf(facts.id);
      const late = (): void =>
        void endUnanswered(house(), facts).catch((error: unknown) => {
          house().log.error('end-of-request-not-written', { request: facts.id, error });
        });
      over(stone);
      const left = Math.max(0, facts.answerBy - house().now());
      timers.set(stone, setTimeout(late, left).unref());
    },
    over,
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

/** Rules 1 and 2. */
async function endUnanswered(house: House, facts: RequestFacts): Promise<void> {
  const { id, who, session } = facts;
  await house.oneByOne(`request ${id}`, async () => {
    house.requestEnds.over(stoneOf(id));
    if (house.tombstones.has(stoneOf(id))) return;
    await house.journal.write('unanswered', { request: id, login: who.login, session });
    tellEnd(house, facts, 'unanswered');
  });
}

/** @param why in words of ours. */
export function tellEnd(house: House, facts: RequestFacts, event: RequestEnd, why?: string): void {
  const { id: request, host, session, who } = facts;
  const told: Notice = { event, host, request, session, login: who.login, ...(why === undefined ? {} : { why }) };
  house.notifier.send(told);
}

type RequestEnd = Extract<Notice['event'], 'withdrawn' | 'lapsed' | 'unanswered'>;
