// The listing of an access review: what needs a decision comes first.
import { expect, test } from '@jest/globals';
import type { KnownLogin, Row } from '../../../../src/core/access-review/listing.ts';
import {
  alice,
  at,
  bob,
  carol,
  connected,
  granted,
  kind,
  on,
  rowsIn,
  signIn,
  used,
  type Case,
  type Entry,
} from './sample.ts';

const first = (records: readonly Entry[], given: Case = {}): readonly Row[] => {
  const rows = rowsIn(records, given);
  const exceptions = kind(rows, 'exception');
  expect(rows.slice(0, exceptions.length)).toEqual(exceptions); // before all else
  return exceptions;
};

test('break-glass that nobody reviewed, until somebody does; a review that failed is none', () => {
  const use = [used('2026-07-05T10:00', 'dave', 'G5'), used('2026-06-05T10:00', 'dave', 'G4')];
  const look = on('2026-10-05T10:00', 'break-glass-reviewed', { session: 'prod-db', grant: 'G5' });
  const failed = on('2026-10-05T10:00', 'act-failed', { of: 'break-glass-reviewed', grant: 'G5' });
  const row = {
    what: 'exception',
    login: 'dave',
    by: 'G5',
    first: at('2026-07-05T10:00'),
    note: 'break-glass, never reviewed',
  };
  const earlier = on('2026-10-05T09:00', 'break-glass-reviewed', { session: 'prod-db', grant: 'G4' });
  expect(first(use)).toEqual([row]);
  expect(first([...use, earlier])).toEqual([row]);
  expect(first([...use, look])).toEqual([]);
  expect(first([...use, look, failed])).toEqual([row]);
});

test('a use that opened nothing waits for its review too, and counts once', () => {
  const unfinished = on('2026-07-05T10:01', 'break-glass-unfinished', {
    session: 'prod-db',
    login: 'dave',
    grant: 'G5',
  });
  expect(first([unfinished])).toMatchObject([{ login: 'dave', by: 'G5' }]);
  expect(first([used('2026-07-05T10:00', 'dave', 'G5'), unfinished])).toHaveLength(1);
  expect(kind(rowsIn([unfinished]), 'access')).toEqual([]);
});

test('what a rule approved', () => {
  const records = [
    signIn('2026-07-02T09:00', alice, 'engineers'),
    granted('2026-07-02T10:00', alice, { auto: 'nights' }),
  ];
  const row = { login: 'alice', identity: 'alice@example.com', by: 'nights', grants: 1 };
  expect(first(records)).toEqual([{ what: 'exception', ...row, note: 'approved by a rule, not by a person' }]);
});

test.each<[string, readonly Entry[], readonly KnownLogin[]]>([
  ['not known by any sign-in', [], []],
  ['in no group that may ask today', [signIn('2026-10-02T09:00', alice, 'sales')], []],
  [
    'the provider no longer knows them',
    [
      signIn('2026-07-02T09:00', alice, 'engineers'),
      on('2026-10-02T09:00', 'identity-gone', { ...alice, login: undefined }),
    ],
    [],
  ],
  [
    'the login belongs to another person now',
    [signIn('2026-07-02T09:00', alice, 'engineers')],
    [{ login: 'alice', issuer: alice.issuer, subject: 'another' }],
  ],
])('whoever had access and may not ask today: %s', (note, people, logins) => {
  const records = [signIn('2026-07-01T09:00', carol, 'admins'), ...people, granted('2026-07-02T10:00', alice)];
  expect(first(records, { logins })).toMatchObject([{ login: 'alice', by: 'bob', grants: 1, note }]);
  const attached = [...people, connected('2026-07-02T10:00', alice, 'C1')];
  expect(first(attached, { logins })).toMatchObject([{ login: 'alice', note }]);
});

test('nobody else: not an approver who watched, nor whoever signed in again or has the pin', () => {
  const again = [
    signIn('2026-07-02T09:00', alice, 'engineers'),
    on('2026-07-03T09:00', 'identity-gone', alice),
    on('2026-07-04T09:00', 'proved-anew', { login: 'alice', identity: alice, groups: ['admins'], purpose: '' }),
    granted('2026-07-05T10:00', alice),
    connected('2026-07-05T10:00', bob, 'C2', { as: 'approver' }),
  ];
  const logins = [{ login: 'alice', issuer: alice.issuer, subject: alice.subject }, { login: 'bob' }];
  expect(first(again, { logins })).toEqual([]);
});

test('a journal that does not reach back to the begin of the period', () => {
  const note = 'the journal begins here: what was before is not known';
  expect(first([], { began: '2026-07-01T00:01' })).toEqual([
    { what: 'exception', first: at('2026-07-01T00:01'), note },
  ]);
  expect(first([], { began: '2026-11-01T00:00' })).toMatchObject([{ note }]);
  expect(first([], { began: '2026-07-01T00:00' })).toEqual([]);
  expect(first([], { began: '' })).toEqual([]);
});

test('a loss of records that root accepted', () => {
  const accepted = { by: 'carol', reason: 'the disk was full' };
  const note = 'records of the journal were lost, and root accepted it: the disk was full';
  const opened = (of: string, fields: object): Entry => on(of, 'opened', fields);
  expect(first([opened('2026-07-02T10:00', { accepted })])).toMatchObject([{ login: 'carol', note }]);
  expect(first([opened('2026-06-02T10:00', { accepted }), opened('2026-07-02T10:00', {})])).toEqual([]);
});
