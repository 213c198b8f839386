// The tables of a period: which records make a row, and what a row says.
import { expect, test } from '@jest/globals';
import type { Entry } from '../../../../src/core/journal-entry.ts';
import { Population } from '../../../../src/core/evidence/population.ts';

const period = { from: Date.parse('2026-07-01'), to: Date.parse('2026-10-01') };
const alice = { login: 'alice', claim: 'alice@example.com' };
const at = '2026-07-01T00:00:00.000Z';
const granted = {
  event: 'granted',
  n: 3,
  at,
  grant: 'G1',
  who: alice,
  session: 'prod-db',
  reason: 'INC-1',
  approvers: [],
};

function taken(...entries: readonly Entry[]): {
  readonly rows: readonly string[];
  readonly taken: readonly boolean[];
  readonly exceptions: readonly string[];
  readonly population: Population;
} {
  const population = new Population(period);
  const each = entries.map((entry) => population.take(entry));
  return { taken: each, rows: population.table().slice(1), exceptions: population.exceptions().slice(1), population };
}

test('a decision belongs to the period by the instant of its record: the first one is in, the last one is not', () => {
  const times = ['2026-06-30T23:59:59.999Z', at, '2026-09-30T23:59:59.999Z', '2026-10-01T00:00:00.000Z'];
  const { taken: are, population } = taken(...times.map((one, n) => ({ ...granted, at: one, grant: `G${String(n)}` })));
  expect(are).toEqual([false, true, true, false]);
  expect(population.ids).toEqual(['G1', 'G2']);
});

test('a row says who, by whom, until when, how often and how it ended', () => {
  const { rows, population } = taken(
    {
      ...granted,
      approvers: [{ claim: 'bob' }, { claim: 'eve' }],
      end: period.from + 1_800_500,
      extends: 'G0',
      mode: 'view',
    },
    { event: 'connected', n: 4, at, grant: 'G1', connection: 'C1' },
    { event: 'connected', n: 5, at: '2026-10-02T00:00:00.000Z', grant: 'G1', connection: 'C2' },
    { event: 'grant-ended', n: 6, at: '2026-07-01T00:20:00.000Z', grant: 'G1', why: 'revoked' },
  );
  expect(rows).toEqual([
    `3,${at},G1,approved,alice,alice@example.com,prod-db,view,INC-1,bob; eve,,2026-07-01T00:30:00Z,G0,2,2026-07-01T00:20:00.000Z,revoked`,
  ]);
  expect(population.isOver).toBe(true);
});

test('an access without its end says so, and other ends have their own words', () => {
  const open = taken(granted);
  expect([open.rows[0]?.endsWith(',0,,not over'), open.population.isOver]).toEqual([true, false]);
  const ends = ['grant-dropped', 'break-glass-unfinished'].map(
    (event) => taken(granted, { event, n: 9, at, grant: 'G1' }).rows[0]?.split(',').at(-1) ?? '',
  );
  expect(ends).toEqual(['dropped', 'unfinished']);
});

test('what belongs to nothing of the period is not needed', () => {
  const strangers = ['connected', 'grant-ended', 'break-glass-reviewed', 'recording-closed', 'recording-range'].map(
    (event) => ({
      ...{ event, n: 9, at: '2026-06-01T00:00:00.000Z', grant: 'G9', connection: 'C9', ranges: 1 },
    }),
  );
  expect(taken(granted, ...strangers, { event: 'opened', n: 1, at }, { n: 2 }).taken).toEqual([
    true,
    ...Array<false>(7).fill(false),
  ]);
});

test('break-glass, a rule and what has no recording are exceptions, in the order of the log', () => {
  const glass = {
    event: 'break-glass',
    n: 5,
    at,
    grant: 'G5',
    code: 'AB',
    login: 'dan',
    session: 'prod-db',
    reason: '=1',
  };
  const { exceptions, rows } = taken(
    { ...granted, auto: 'tickets' },
    glass,
    { ...glass, n: 6, grant: 'G6', code: 'AC' },
    { event: 'connected', n: 7, at, connection: 'C7', grant: 'G5', login: 'dan', session: 'prod-db' },
    { event: 'connected', n: 8, at, connection: 'C8', grant: 'G5', login: 'dan', session: 'prod-db' },
    { event: 'connected', n: 9, at, connection: 'C9', grant: 'G5', login: 'dan', session: 'prod-db' },
    { event: 'recording-range', n: 10, at, connection: 'C7' },
    { event: 'recording-closed', n: 11, at, connection: 'C7', ranges: 1 },
    { event: 'recording-closed', n: 12, at, connection: 'C8', ranges: 0 },
    { event: 'recording-closed', n: 13, at, connection: 'C9' },
    { event: 'break-glass-reviewed', n: 14, at, grant: 'G5' },
  );
  expect(exceptions).toEqual([
    `3,${at},auto-approved,G1,alice,prod-db,tickets`,
    `5,${at},break-glass,G5,dan,prod-db,"'=1"`,
    `6,${at},break-glass,G6,dan,prod-db,"'=1"`,
    `6,${at},break-glass-unreviewed,G6,dan,prod-db,AC`,
    `8,${at},no-recording,C8,dan,prod-db,G5`,
    `9,${at},no-recording,C9,dan,prod-db,G5`,
  ]);
  expect(rows.map((row) => row.split(',')[3])).toEqual(['auto-approved', 'break-glass', 'break-glass']);
});

test('gaps of a witness and an accepted loss of the journal are exceptions of their time', () => {
  const accepted = { by: 'root', reason: 'disk' };
  const { exceptions } = taken(
    { event: 'witness-away', n: 1, at, witness: 'w' },
    { event: 'witness-back', n: 2, at, witness: 'w' },
    { event: 'witness-contradicts', n: 3, at, witness: 'w' },
    { event: 'witness-back', n: 4, at: '2026-12-01T00:00:00.000Z', witness: 'w' },
    { event: 'opened', n: 5, at, accepted },
  );
  expect(exceptions.map((row) => row.split(',').slice(2).join(' ').trim())).toEqual([
    'witness-away    w',
    'witness-back    w',
    'witness-contradicts    w',
    'journal-accepted    root: disk',
  ]);
});

test('fields of another kind are empty cells, and long texts are cut', () => {
  const odd = { event: 'granted', n: 'x', at, grant: 'G1', who: null, reason: 7, approvers: 'bob', end: '1' };
  expect(taken(odd).rows).toEqual([`0,${at},G1,approved,,,,,,,,,,0,,not over`]);
  const long = taken({ ...granted, reason: '😀'.repeat(500) }).rows[0]?.split(',')[8] ?? '';
  expect(Array.from(long)).toHaveLength(400);
  expect(taken({ event: 7 }).taken).toEqual([false]);
});
