// What is said of witnesses (src/core/messages/witness.ts), and what hosts of a fleet leave for each other (src/core/tlog/ask.ts).
import { describe, expect, test } from '@jest/globals';
import {
  awayAlarm,
  contradictionOf,
  forkAlarm,
  recordsOf,
  statusDetail,
  withProblem,
  witnessLine,
} from '../../../../src/core/messages/witness.ts';
import * as said from '../../../../src/core/messages/witness.ts';
import { answerShape, askShape } from '../../../../src/core/tlog/ask.ts';

describe('a contradiction', () => {
  test('names the host and both numbers', () => {
    expect(forkAlarm('prod-box', 'smaller', 1204, 1)).toBe(
      'FORK in the journal of prod-box: 1,204 records were cosigned, and it shows 1 record: it was cut or rolled back',
    );
    expect(contradictionOf('other-root', 20, 20)).toBe(
      'it shows other 20 records than those that were cosigned: it was changed or replaced',
    );
    expect(contradictionOf('not-continued', 20, 30)).toBe(
      'the 30 records that it shows do not continue the 20 records that were cosigned: it was changed or replaced',
    );
  });
});

test('a witness in status: how far, how long ago, and what is wrong', () => {
  expect(recordsOf(1)).toBe('1 record');
  expect(witnessLine('tmux-gate/prod-web', 0, 9, undefined)).toBe('tmux-gate/prod-web has cosigned nothing');
  const line = witnessLine('tmux-gate/prod-web', 1200, 1204, '12s');
  expect(line).toBe('tmux-gate/prod-web cosigned 1,200 of 1,204 records, 12s ago');
  expect(statusDetail([], [])).toBe('no witness');
  expect(statusDetail(['FORK'], [withProblem('a', 'no answer')])).toBe('FORK; a (no answer)');
  expect(awayAlarm('w', 10, undefined)).toBe('witness w has not cosigned the journal for 10 minutes');
});

test('asks and answers have one shape', () => {
  const ask = { to: 'prod-web', number: 7, request: 'old 0\n\nx' };
  const answer = { to: 'prod-box', number: 7, status: 200, size: 9, lines: 'x', contradiction: 'smaller' };
  expect([askShape(ask), answerShape(answer)]).toEqual([ask, answer]);
  for (const wrong of [
    { ...ask, number: -1 },
    { ...ask, request: 'x'.repeat(20_000) },
    { ...ask, more: 1 },
  ])
    expect(askShape(wrong)).toBeUndefined();
  for (const wrong of [
    { ...answer, status: 7 },
    { ...answer, contradiction: 'else' },
    { ...answer, lines: 5 },
  ])
    expect(answerShape(wrong)).toBeUndefined();
});

test('an alarm says which witness, and that it is over', () => {
  expect([
    said.forkOver('prod-box'),
    said.contradictedBy('w', said.moreThanHere(9, 7)),
    awayAlarm('w', 10, said.statusOf(503)),
    said.backAgain('w'),
  ]).toEqual([
    'the journal of prod-box continues what was cosigned again',
    'the journal is not the one that witness w cosigned: 9 records were cosigned, and it shows 7 records: it was cut or rolled back',
    'witness w has not cosigned the journal for 10 minutes: it answered 503',
    'witness w cosigns the journal again',
  ]);
});

test('audit verify says how far it is cosigned; audit witnessed, what this host has cosigned', () => {
  expect([
    said.cosignedBy(1200, 1204, 'w, 12s'),
    said.cosignedOther(1200, 'w, 12s'),
    said.witnessedLine('prod-box', 1204, '12s'),
    said.forkLine('prod-box', '2026-11-28', 'x'),
    said.notWitnessed('prod-box'),
    said.onlyForWitnessed('show'),
    said.acceptForkUsage('prod-box'),
    said.noFork('prod-box'),
  ]).toEqual([
    'Cosigned up to record 1,200 of 1,204 (w, 12s ago).',
    'This is NOT the journal that was cosigned up to record 1,200 (w, 12s ago).',
    'prod-box  1,204 records cosigned, the last 12s ago',
    'prod-box  FORK since 2026-11-28: x',
    'this host has cosigned nothing of prod-box',
    'audit show takes no host',
    'tmux-gate audit witnessed prod-box --accept --reason WHAT HAPPENED',
    'the journal of prod-box does not contradict what was cosigned',
  ]);
  expect(said.forkAccepted('bob', 'prod-box')).toMatch(
    /^Accepted by bob: the keeper cosigns the next checkpoint of prod-box/,
  );
});
