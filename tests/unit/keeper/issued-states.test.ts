// Which sign-in an address belongs to (src/keeper/identity/issued-states.ts).
import { beforeEach, expect, test } from '@jest/globals';
import { openIssuedStates, type IssuedStates } from '../../../src/keeper/identity/issued-states.ts';

let at: number;
let states: IssuedStates;
beforeEach(() => {
  at = 1_000_000;
  states = openIssuedStates(() => at);
});

test('a state is good in its own conversation alone', () => {
  const [mine, other] = [states.issue('mine', at + 1000), states.issue('other', at + 1000)];
  expect([mine.fault('mine'), mine.fault('other'), other.fault('mine'), mine.fault('forged')]).toEqual([
    ...[undefined, 'ADDRESS_OF_ANOTHER', 'ADDRESS_OF_ANOTHER'],
    'ADDRESS_UNKNOWN',
  ]);
});

test('it is used once, also where it is left afterwards', () => {
  const mine = states.issue('mine', at + 1000);
  mine.use();
  mine.end();
  expect([mine.fault('mine'), states.issue('next', at + 1000).fault('mine')]).toEqual(['ADDRESS_USED', 'ADDRESS_USED']);
});

test('it ends with its conversation, and with its time', () => {
  const [left, late] = [states.issue('left', at + 1000), states.issue('late', at + 1000)];
  left.end();
  expect(late.fault('left')).toBe('ADDRESS_OLD');
  at += 1000;
  expect(late.fault('late')).toBe('ADDRESS_OLD');
});

test('rule 2: what is over is forgotten after an hour, or when there is too much of it', () => {
  const live = states.issue('live', at + 10 * 3_600_000);
  states.issue('first', at + 1000).end();
  at += 3_600_001;
  states.issue('second', at + 1000).end();
  expect([live.fault('first'), live.fault('second')]).toEqual(['ADDRESS_UNKNOWN', 'ADDRESS_OLD']);
  for (let n = 0; n < 2000; n++) states.issue(`more ${n}`, at + 1000).end();
  expect([live.fault('second'), live.fault('more 0'), live.fault('live')]).toEqual([
    ...['ADDRESS_UNKNOWN', 'ADDRESS_OLD'],
    undefined,
  ]);
});
