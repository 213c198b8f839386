// What the guard decides: kept is only what was confirmed.
import { describe, expect, test } from '@jest/globals';
import { decideGuard, killedGraceMs, type GuardFacts } from '../../../../src/core/setup-rules/guard.ts';
import { aJournal } from './sample.ts';

const now: GuardFacts = { boot: 'boot-a', nowMs: 60_000, verdict: undefined, ownerGoneMs: undefined };

test('a change that nobody decided about waits, also when its writer is gone', () => {
  expect(decideGuard(aJournal(), now)).toEqual({ act: 'wait' });
  expect(decideGuard(aJournal(), { ...now, ownerGoneMs: 50_000 })).toEqual({ act: 'wait' });
  expect(decideGuard(aJournal({ stage: 'writing' }), now)).toEqual({ act: 'wait' });
  expect(decideGuard(aJournal({ stage: 'writing' }), { ...now, ownerGoneMs: killedGraceMs - 1 })).toEqual({
    act: 'wait',
  });
});

test('a confirmed change is kept, also when the guard looks late or after a reboot', () => {
  const facts: GuardFacts = { ...now, verdict: 'confirmed', nowMs: 500_000, boot: 'boot-b' };
  expect(decideGuard(aJournal(), facts)).toEqual({ act: 'keep' });
});

describe('everything else is undone', () => {
  test.each([
    ['late', aJournal(), { ...now, nowMs: 120_000 }],
    ['late', aJournal({ stage: 'writing' }), { ...now, nowMs: 120_000 }],
    ['reboot', aJournal(), { ...now, boot: 'boot-b' }],
    ['abandoned', aJournal(), { ...now, verdict: 'abandoned' }],
    ['abandoned', aJournal({ stage: 'writing' }), { ...now, verdict: 'abandoned' }],
    ['killed', aJournal({ stage: 'writing' }), { ...now, ownerGoneMs: killedGraceMs }],
    ['late', aJournal({ stage: 'writing' }), { ...now, verdict: 'confirmed', nowMs: 120_000 }],
    ['begun', aJournal({ stage: 'rolling-back' }), { ...now, verdict: 'confirmed' }],
  ] as const)('%s', (why, journal, facts) => {
    expect(decideGuard(journal, facts)).toEqual({ act: 'roll-back', why });
  });
});
