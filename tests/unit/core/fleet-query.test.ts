// What of a listing fits into the answer of a host (src/core/fleet-query.ts).
import { expect, test } from '@jest/globals';
import { answerBytes, fitting, fleetAnswerShape, fleetQueryShape } from '../../../src/core/fleet-query.ts';
import { person } from './sample.ts';

const size = (lines: readonly string[]): number => Buffer.byteLength(JSON.stringify(lines));

test('short lines are whole', () => {
  expect(fitting(['a', 'b'], false)).toEqual({ lines: ['a', 'b'] });
  expect(fitting(['[]'], true)).toEqual({ lines: ['[]'] });
  expect(fitting([], false)).toEqual({ lines: [] });
});

test('of long ones the first are kept, and it is said', () => {
  const lines = Array.from({ length: 1_000 }, (_, at) => `${at} ${'"ü'.repeat(40)}`);
  const kept = fitting(lines, false);
  expect(kept.cut).toBe(true);
  expect(kept.lines).toEqual(lines.slice(0, kept.lines.length));
  expect(size(kept.lines)).toBeLessThanOrEqual(answerBytes);
  expect(size(lines.slice(0, kept.lines.length + 1))).toBeGreaterThan(answerBytes);
});

test('of JSON the last rows are kept, as JSON', () => {
  const rows = Array.from({ length: 2_000 }, (_, at) => ({ at, reason: 'x"y'.repeat(10) }));
  const kept = fitting([JSON.stringify(rows)], true);
  const read = JSON.parse(kept.lines.join('')) as typeof rows;
  expect([kept.cut, kept.lines.length, read.at(-1)]).toEqual([true, 1, rows.at(-1)]);
  expect(read).toEqual(rows.slice(-read.length));
  expect(size(kept.lines)).toBeLessThanOrEqual(answerBytes);
});

test('shapes take what the code makes, and nothing else', () => {
  const query = { id: 'Q0', host: 'box', command: 'history --fleet', reader: person('alice'), groups: ['x'], until: 1 };
  expect(fleetQueryShape(query)).toEqual(query);
  expect(fleetQueryShape({ ...query, columns: 0 })).toBeUndefined();
  expect(fleetAnswerShape({ query: 'Q0', host: 'box', lines: ['a'], cut: true })).toBeDefined();
  expect(fleetAnswerShape({ query: 'Q0', host: 'box', lines: 'a' })).toBeUndefined();
});
