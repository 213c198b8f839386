import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { autoFault, ticketShape } from '../../../src/core/auto-approve.ts';
import type { AutoRule } from '../../../src/core/auto-rule.ts';
import { approvedBy } from '../../../src/core/grant.ts';
import { approversSaid } from '../../../src/core/messages/approvers.ts';
import { claimOf, namedBy, onTurn, reviewRule } from '../../../src/core/on-call.ts';
import { dutyOf, loginRule, person, policy } from './sample.ts';

const at = (text: string): number => Date.parse(`2026-11-${text}Z`);
const week = 7 * 86_400_000;

describe('a rota', () => {
  const once = { from: at('23T08:00'), until: at('30T08:00'), people: ['bob', 'carol'] };

  test('names its people from the first instant to before the last', () => {
    expect(onTurn([once], once.from - 1)).toEqual([]);
    expect(onTurn([once], once.from)).toEqual(['bob', 'carol']);
    expect(onTurn([once], once.until - 1)).toEqual(['bob', 'carol']);
    expect(onTurn([once], once.until)).toEqual([]);
  });

  test('takes turns: each comes again after so long, and not before it began', () => {
    const turn = (name: string, from: number) => ({ from, until: from + week, everyMs: 2 * week, people: [name] });
    const rota = [turn('bob', once.from), turn('carol', once.from + week)];
    expect(onTurn(rota, once.from - 1)).toEqual([]);
    for (const [weeks, name] of [
      [0, 'bob'],
      [1, 'carol'],
      [2, 'bob'],
      [51, 'carol'],
    ] as const)
      expect(onTurn(rota, once.from + weeks * week)).toEqual([name]);
  });

  test('of turns that hand over to each other exactly one holds at any instant', () => {
    const rota = ['bob', 'carol', 'dave'].map((name, n) => {
      const from = once.from + n * week;
      return { from, until: from + week, everyMs: 3 * week, people: [name] };
    });
    fc.assert(
      fc.property(fc.integer({ min: once.from + 2 * week, max: once.from + 500 * week }), (now) => {
        expect(onTurn(rota, now)).toHaveLength(1);
      }),
    );
  });
});

describe('law 2: whom a word names', () => {
  const by = (word: string, claim: string, rule: Parameters<typeof claimOf>[1] = loginRule) =>
    namedBy(['primary'], claim, { ...dutyOf({ primary: [word] }), rule });

  test('a login that the verified claim maps to, or the claim itself', () => {
    expect(by('bob', 'bob@example.com')).toBe('primary');
    expect(by('bob@example.com', 'bob@example.com')).toBe('primary');
    expect(by('bob@Example.COM', 'bob@example.com')).toBe('primary');
    expect(by('Bob@example.com', 'bob@example.com')).toBeUndefined();
    expect(by('bob', 'carol@example.com')).toBeUndefined();
    expect(by('', 'bob@example.com')).toBeUndefined();
  });

  test('nobody of another domain, however their claim is spelt', () => {
    expect(by('bob', 'bob@evil.example')).toBeUndefined();
    expect(by('bob', 'bob')).toBeUndefined();
    expect(by('bob@example.com', 'bob@example.com@example.com')).toBeUndefined();
    expect(by('bob@evil.example', 'bob@evil.example')).toBeUndefined();
  });

  test('by a table of logins; a word that is a login is never read as a claim', () => {
    const rule = { claim: 'sub', map: { alice: '9f1c', bob: 'alice' } };
    expect(by('bob', 'alice', rule)).toBe('primary');
    expect(by('9f1c', '9f1c', rule)).toBe('primary');
    expect(by('alice', '9f1c', rule)).toBe('primary');
    expect(by('alice', 'alice', rule)).toBeUndefined();
    expect(by('constructor', 'constructor', rule)).toBeUndefined();
  });

  test('asked about somebody who is not there: the claim that their login has', () => {
    expect(claimOf('bob', loginRule)).toBe('bob@example.com');
    expect(claimOf('bob@x.example', loginRule)).toBe('bob@x.example');
    expect(claimOf('bob', { claim: 'name' })).toBe('bob');
    const rule = { claim: 'sub', map: { alice: '9f1c' } };
    expect(claimOf('alice', rule)).toBe('9f1c');
    expect(claimOf('41aa', rule)).toBe('41aa');
  });
});

describe('law 1: who may review', () => {
  const onCall = { ...policy, approvers: { groups: ['leads'], onCall: ['primary', 'pager'], count: 1, byLink: true } };
  const bob = { groups: [] as string[], claim: 'bob@example.com' };

  test('is told by the first rule that lets them: groups, then sources in their order', () => {
    const duty = dutyOf({ primary: ['carol'], pager: ['bob'], other: ['bob'] });
    expect(reviewRule(onCall, { ...bob, groups: ['leads'] }, duty)).toBe('sessions.prod-db.approvers.groups: leads');
    expect(reviewRule(onCall, bob, duty)).toBe('sessions.prod-db.approvers.on_call: pager');
    expect(reviewRule(onCall, bob, dutyOf({ other: ['bob'] }))).toBeUndefined();
    expect(reviewRule(policy, bob, duty)).toBeUndefined();
  });

  test('a source that did not answer names nobody, and the groups beside it go on', () => {
    expect(reviewRule(onCall, bob, dutyOf())).toBeUndefined();
    expect(reviewRule(onCall, { ...bob, groups: ['leads'] }, dutyOf())).toBeDefined();
  });

  test('is on a screen in words, whatever a source said', () => {
    expect(approversSaid(policy, dutyOf())).toBe('oncall, leads');
    expect(approversSaid(onCall, dutyOf({ primary: ['bob', 'carol'] }))).toBe(
      'leads, or whoever is on call (primary: bob, carol; pager: nobody now)',
    );
    const alone = { ...policy, approvers: { groups: [], onCall: ['primary'], count: 1, byLink: true } };
    const many = ['\u001b[2Jx', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect(approversSaid(alone, dutyOf({ primary: many }))).toBe(
      'whoever is on call (primary: \uFFFD[2Jx, b, c, d, e, f, 2 more)',
    );
  });
});

describe('law 3: a rule that approves by itself', () => {
  const rule: AutoRule = { name: 'own-rota', who: ['oncall'], onCall: ['primary'], forMs: 900_000 };
  const bob = { groups: ['oncall'], claim: 'bob@example.com' };
  const duty = dutyOf({ primary: ['bob'] });

  test('holds when all that it states holds', () => {
    expect(autoFault(rule, bob, 900_000, duty)).toBeUndefined();
    const byTicket = { name: 'jira', ticket: 'jira', forMs: 900_000 };
    expect(autoFault(byTicket, { ...bob, groups: [] }, 900_000, dutyOf())).toBeUndefined();
  });

  test.each([
    ['a longer window', bob, 900_001, duty, 'it approves at most 15m'],
    ['another group', { ...bob, groups: ['engineers'] }, 1, duty, 'it is only for oncall'],
    ['somebody else on call', bob, 1, dutyOf({ primary: ['carol'] }), 'you are not on call now (primary)'],
    ['a source that did not answer', bob, 1, dutyOf(), 'you are not on call now (primary)'],
  ])('not with %s', (_, who, durationMs, said, fault) => {
    expect(autoFault(rule, who, durationMs, said)).toBe(fault);
  });

  test('a ticket says yes in exactly one form', () => {
    expect(ticketShape({ approve: true, why: 'INC-1 is open' })).toEqual({ approve: true, why: 'INC-1 is open' });
    for (const other of [{}, { approve: 'true' }, { approve: 1 }, { approve: true, more: 1 }, [], true, null])
      expect(ticketShape(other)).toBeUndefined();
  });

  test('is named where people would be', () => {
    expect(approvedBy({ approvers: [person('bob'), person('carol')] })).toBe('bob, carol');
    expect(approvedBy({ approvers: [], auto: 'own-rota' })).toBe('rule own-rota');
  });
});
