// The listing of an access review: who may, who had access, who may and did not.
import { describe, expect, test } from '@jest/globals';
import {
  csvCells,
  csvHead,
  hadAccess,
  lookedAt,
  rowsOf,
  type Row,
} from '../../../../src/core/access-review/listing.ts';
import { breakGlassPerson } from '../../../../src/core/break-glass.ts';
import { parsePeriod, type Period } from '../../../../src/core/period.ts';
import { hour } from '../../../../src/core/time.ts';
import {
  alice,
  at,
  bob,
  carol,
  connected,
  disconnected,
  granted,
  kind,
  on,
  period,
  policy,
  reviewOf,
  rowsIn,
  session,
  signIn,
  used,
  type Case,
  type Entry,
} from './sample.ts';

describe('who had access', () => {
  const july = [
    signIn('2026-07-02T09:00', alice, 'engineers'),
    granted('2026-07-02T10:00', alice),
    connected('2026-07-02T10:00', alice, 'C1'),
    disconnected('2026-07-02T10:20', 'C1'),
    granted('2026-07-02T10:10', alice, { extends: 'G2026-07-02T10:00', approvers: [carol] }),
    connected('2026-07-03T10:00', alice, 'C2'),
    disconnected('2026-07-03T10:30', 'C2', { happened: '2026-07-03 10:10:00 UTC' }),
  ];

  test('each person once: grants, connections, their time, first and last, and who approved', () => {
    const row = { what: 'access', login: 'alice', identity: 'alice@example.com', by: 'bob carol', grants: 1, times: 2 };
    const times = { first: at('2026-07-02T10:00'), last: at('2026-07-03T10:10'), totalMs: hour / 2 };
    expect(kind(rowsIn(july), 'access')).toEqual([{ ...row, ...times, note: '' }]);
  });

  test('time is cut at the ends of the period, and what is still attached counts up to now', () => {
    const over = [
      connected('2026-06-30T23:30', alice, 'C1', { approvers: [carol] }),
      disconnected('2026-07-01T00:10', 'C1'),
      connected('2026-09-30T23:00', bob, 'C2'),
      disconnected('2026-10-01T05:00', 'C2'),
      connected('2026-06-01T00:00', carol, 'C3'),
      disconnected('2026-06-01T01:00', 'C3'),
      connected('2026-10-01T00:00', carol, 'C4'),
    ];
    expect(kind(rowsIn(over), 'access')).toMatchObject([
      { login: 'alice', by: 'carol', grants: 0, times: 1, first: period.from, totalMs: hour / 6 },
      { login: 'bob', times: 1, last: period.to, totalMs: hour },
    ]);
    expect(hadAccess(reviewOf(over), 'prod-db').map(({ login }) => login)).toEqual(['alice', 'bob']);
    const live = rowsIn([connected('2026-07-02T10:00', alice, 'C1')], { now: at('2026-07-02T11:00') });
    expect(kind(live, 'access')).toMatchObject([{ times: 1, totalMs: hour, last: at('2026-07-02T11:00') }]);
  });

  test('a grant that was never used, a rule, an approver who watches and break-glass are marked', () => {
    const rows = rowsIn([
      granted('2026-07-02T10:00', alice),
      granted('2026-07-03T10:00', carol, { approvers: [], auto: 'nights' }),
      granted('2026-07-04T10:00', carol, { approvers: [], auto: 'nights' }),
      connected('2026-07-03T10:00', carol, 'C1', { approvers: [], auto: 'nights' }),
      connected('2026-07-03T10:00', bob, 'C2', { as: 'approver', approvers: [carol] }),
      used('2026-07-05T10:00', 'dave', 'G5'),
      connected('2026-07-05T10:00', breakGlassPerson('dave', 'C1AB'), 'C3', { approvers: [] }),
    ]);
    expect(kind(rows, 'access').map(({ login, identity, by, note }) => [login, identity, by, note])).toEqual([
      ['alice', 'alice@example.com', 'bob', 'never attached'],
      ['bob', 'bob@example.com', '', '1 as an approver who watches'],
      ['carol', 'carol@example.com', '', '2 by rule nights'],
      ['dave', 'break-glass', '', 'break-glass'],
    ]);
  });

  test('of another session nothing is collected, and of the journal of somebody else nothing breaks', () => {
    const other = [
      connected('2026-07-02T10:00', alice, 'C1', { session: 'prod-web' }),
      granted('2026-07-02T10:00', alice, { session: 'prod-web' }),
      ...[{ event: 'connected' }, { at: 'soon', event: 'granted' }, on('2026-07-02T10:00', 'connected')],
      disconnected('2026-07-02T10:20', 'C9'),
      on('2026-07-02T10:00', 'sign-in', { login: 7, identity: null, groups: 'engineers' }),
    ];
    const review = reviewOf(other, { sessions: ['prod-db'] });
    expect(review.found.sessions()).toEqual([]);
    expect(hadAccess(review, 'prod-db')).toEqual([]);
    expect(reviewOf(other).found.sessions()).toEqual(['prod-web']);
    expect(hadAccess(reviewOf(other), 'prod-web')).toEqual([alice]);
  });
});

describe('who may and did not', () => {
  const unused = (records: readonly Entry[], given: Case = {}): readonly Row[] =>
    kind(rowsIn(records, given), 'unused');
  const edge = '2026-07-03T00:00'; // 90 days before the end of September

  test('ninety days before the end of the period, to the minute; use after the period is none', () => {
    const attached = (until: string): readonly Entry[] => [
      signIn('2026-01-02T09:00', alice, 'engineers'),
      connected('2026-01-02T10:00', alice, 'C0'),
      disconnected(until, 'C0'),
      connected('2026-10-02T10:00', alice, 'C1'),
    ];
    expect(unused(attached(edge))).toEqual([]);
    expect(kind(rowsIn(attached(edge)), 'used')).toMatchObject([{ login: 'alice', by: 'engineers', last: at(edge) }]);
    const row = { what: 'unused', login: 'alice', identity: 'alice@example.com', by: 'engineers' };
    const times = { first: at('2026-01-02T09:00'), last: at('2026-07-02T23:59') };
    expect(unused(attached('2026-07-02T23:59'))).toEqual([{ ...row, ...times, note: undefined }]);
  });

  test('whoever never attached is marked, also those who attached to another session alone or by break-glass', () => {
    const records = [
      signIn('2026-08-02T09:00', carol, 'admins', 'sales'),
      connected('2026-08-02T10:00', carol, 'C0', { session: 'prod-web' }),
      signIn('2026-08-01T09:00', alice, 'engineers'),
      connected('2026-08-02T10:00', breakGlassPerson('alice', 'C1AB'), 'C1'),
      signIn('2026-08-01T09:00', bob, 'oncall'),
    ];
    expect(unused(records).map(({ login, by, note }) => [login, by, note])).toEqual([
      ['alice', 'engineers', 'never attached to this session'],
      ['carol', 'admins', 'never attached to this session'],
    ]);
  });

  test('a login that nobody signed in with is listed, for its groups are not known', () => {
    const logins = [{ login: 'zoe' }, { login: 'dave', issuer: 'https://id', subject: 'd' }, { login: 'alice' }];
    const rows = unused([signIn('2026-08-01T09:00', alice, 'sales')], { logins });
    const note = 'nobody has signed in: groups not known';
    expect(rows).toEqual([
      { what: 'unused', login: 'dave', note },
      { what: 'unused', login: 'zoe', note },
    ]);
  });
});

test('who may: the groups, the rules of approval, and the policies of the period from the one that it began with', () => {
  const records = [
    ...[policy('2026-01-01T00:00', 'a'), policy('2026-06-01T00:00', 'b'), policy('2026-06-01T00:00', 'b', 2)],
    ...[policy('2026-06-02T00:00', 'b'), policy('2026-08-01T00:00', 'c'), policy('2026-10-01T00:00', 'd')],
  ];
  const rows = rowsOf(reviewOf(records), { ...session, rules: ['nights'] });
  expect(rows).toEqual([
    { what: 'may-ask', by: 'engineers' },
    { what: 'may-ask', by: 'admins' },
    { what: 'may-approve', by: 'sessions.prod-db.approvers.groups: oncall', note: '1 needed' },
    { what: 'approves-alone', by: 'nights' },
    { what: 'policy', by: 'b', first: at('2026-06-01T00:00') },
    { what: 'policy', by: 'c', first: at('2026-08-01T00:00') },
  ]);
});

test('who may approve by a group, of those who signed in and are still known', () => {
  const records = [
    ...[signIn('2026-07-02T09:00', bob, 'oncall'), signIn('2026-07-02T09:00', alice, 'engineers')],
    ...[signIn('2026-07-02T09:00', carol, 'oncall'), on('2026-07-03T09:00', 'identity-gone', carol)],
  ];
  expect(kind(rowsIn(records), 'approver')).toEqual([
    { what: 'approver', login: 'bob', identity: 'bob@example.com', by: 'oncall', first: at('2026-07-02T09:00') },
  ]);
});

test('people of one login stand in an order that does not depend on the journal', () => {
  const other = { ...alice, subject: 'u-2', claim: 'alice@other.example.com' };
  const one = [granted('2026-07-02T10:00', alice), granted('2026-07-02T10:00', other)];
  expect(rowsIn(one)).toEqual(rowsIn(one.toReversed()));
});

describe('sign-offs', () => {
  const signed = (of: string, fields: object = {}): Entry => {
    const { from, to } = parsePeriod(of) as Period;
    const facts = { session: 'prod-db', period: of, from, to, by: bob, sha256: 'aa', reason: 'as it should be' };
    return on('2026-10-02T10:00', 'access-reviewed', { ...facts, ...fields });
  };

  test('of the period, of a longer one that holds it, each; and which periods of the year before have none', () => {
    const records = [
      ...[signed('2026-Q3', { own: true }), signed('2026-01-01..2026-12-31', { by: carol }), signed('2026-08')],
      ...[signed('2026-Q3', { session: 'prod-web' }), signed('2026-Q1')],
    ];
    expect(lookedAt(reviewOf(records), 'prod-db')).toMatchObject({
      by: [
        { by: bob, isOwn: true, sha256: 'aa', reason: 'as it should be', at: at('2026-10-02T10:00') },
        { by: carol, isOwn: false },
      ],
      missing: ['2025-Q4'],
    });
    expect(lookedAt(reviewOf([], { began: '' }), 'prod-db')).toEqual({ by: [], missing: [] });
  });

  test('change no row, so that two people sign off the same', () => {
    const records = [signIn('2026-08-01T09:00', alice, 'engineers'), granted('2026-07-02T10:00', alice)];
    expect(rowsIn([...records, signed('2026-Q3')])).toEqual(rowsIn(records));
  });
});

test('a row of CSV says what it is of, has an instant in ISO 8601, and is as long as the head', () => {
  const full = {
    login: 'alice',
    identity: 'a',
    by: 'bob',
    grants: 1,
    times: 2,
    first: 0,
    last: 1000,
    totalMs: 1500,
    note: 'n',
  };
  const times = ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:01.000Z', '2'];
  const of = ['prod-box', '2026-Q3', 'prod-db'];
  expect(csvCells(of, { what: 'access', ...full })).toEqual([
    ...of,
    'access',
    'alice',
    'a',
    'bob',
    '1',
    '2',
    ...times,
    'n',
  ]);
  expect(csvCells(of, { what: 'may-ask' })).toEqual([...of, 'may-ask', ...Array.from({ length: 9 }, () => '')]);
  expect(csvHead).toHaveLength(13);
});
