// The table of metrics: how many series there can be, and what their names and labels are.
import { describe, expect, test } from '@jest/globals';
import { events } from '../../../../src/core/events/events.ts';
import { foldNames, foldSeen, other } from '../../../../src/core/metrics/fold.ts';
import { countOf, countsFromZero } from '../../../../src/core/metrics/journal-counts.ts';
import { most, mostSeries, metrics, type MetricSpec } from '../../../../src/core/metrics/table.ts';

const all: readonly (readonly [string, MetricSpec])[] = Object.entries(metrics);

test('whatever happens, a host has no more series than it may', () => {
  expect(all.reduce((sum, [, spec]) => sum + spec.most, 0)).toBeLessThanOrEqual(mostSeries);
});

test.each(all)('%s is named, bounded and told as the others', (name, { type, about, labels, most: bound, buckets }) => {
  expect(name).toMatch(/^(?:tmux_gate|process|nodejs)_[a-z_]+$/);
  expect(name.endsWith('_total')).toBe(type === 'counter');
  expect(about).toMatch(/^[A-Z01].*\.$/);
  expect(bound).toBeGreaterThanOrEqual(type === 'histogram' ? (buckets?.length ?? 0) + 3 : 1);
  expect(
    labels.every((label) =>
      ['outcome', 'code', 'session', 'why', 'target', 'witness', 'version', 'node'].includes(label),
    ),
  ).toBe(true);
});

describe('folding', () => {
  const names = Array.from({ length: 50 }, (_, n) => `s${n}`);

  test('of names: the first of the policy keep their series, whatever comes', () => {
    const fold = foldNames(names, most.sessions);
    expect(new Set([...names, 'gone', 'x"}\n'].map(fold))).toEqual(new Set([...names.slice(0, most.sessions), other]));
    expect(fold('s0')).toBe('s0');
    expect(fold('s49')).toBe(other);
  });

  test('of values that come: known ones up to the bound, those that are watched always', () => {
    const fold = foldSeen(new Set(names), ['s48', 's49'], 10);
    expect(names.map(fold).filter((label) => label !== other)).toEqual([
      's0',
      's1',
      's2',
      's3',
      's4',
      's5',
      's6',
      's7',
      's48',
      's49',
    ]);
    expect(fold('s3')).toBe('s3');
    expect(fold('nobody knows')).toBe(other);
    expect(foldSeen(new Set(['a']), [], 5)('b')).toBe(other);
  });
});

describe('records of the journal', () => {
  test('an event that is counted is one of the table of events', () => {
    const counted = Object.keys(events).filter((event) => countOf(event, { why: 'expired' }) !== undefined);
    expect(counted).toHaveLength(16);
  });

  test('a counter says what the record says', () => {
    expect(countOf('connected', {})).toEqual({
      metric: 'tmux_gate_visits_total',
      labels: { outcome: 'attached', code: '' },
    });
    expect(countOf('grant-ended', { why: 'revoked' })?.labels).toEqual({ why: 'revoked' });
    expect(countOf('break-glass', {})?.labels).toEqual({ code: 'used' });
  });

  test('nothing of a record becomes a label but words of our own', () => {
    expect(countOf('grant-ended', { why: 'alice"} 1' })).toBeUndefined();
    expect(countOf('grant-ended', {})).toBeUndefined();
    for (const event of ['head', 'toString', '__proto__', 'constructor']) expect(countOf(event, {})).toBeUndefined();
    const hostile = { login: 'alice', session: 'x"}\nfake 1', reason: 'INC-1', why: 'expired' };
    for (const event of Object.keys(events))
      for (const label of Object.values(countOf(event, hostile)?.labels ?? {})) expect(label).toMatch(/^[a-z]*$/);
  });

  test('each of them is there with 0 from the start', () => {
    const series = countsFromZero.map((count) => JSON.stringify(count));
    for (const event of Object.keys(events)) {
      const count = countOf(event, { why: 'withdrawn' });
      if (count !== undefined) expect(series).toContain(JSON.stringify(count));
    }
  });
});
