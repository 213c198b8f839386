// A request whose session runs as something else by now (core/terms.ts): what was approved is not there any more, so it is over, and
// whoever asked asks anew.
import type { RequestFacts } from '../../core/request.ts';
import type { House } from '../house.ts';
import { tellEnd } from '../request-ends.ts';
import { stoneOf } from './grant.ts';

/** In the turn of the request. */
export async function endOutdated(house: House, facts: RequestFacts): Promise<'over'> {
  const { id, who, terms, answerBy } = facts;
  const why = 'its session no longer runs as what was asked for';
  await house.journal.write('withdrawn', { request: id, login: who.login, why, terms });
  await house.tombstones.bury(stoneOf(id), answerBy);
  await house.board.settle(id, 'withdrawn', house.config.request.answerWithinMs);
  tellEnd(house, facts, 'withdrawn', why);
  house.answers.give(id, { state: 'unanswered' });
  return 'over';
}
