// The totals of a journal: what is counted, and what a head says of it.
import { expect, test } from '@jest/globals';
import { countedEvents, isCounted, noTotals, sameTotals, totalsIn, withEvent } from '../../../src/core/totals.ts';

test('each of the counted events counts one, and no other', () => {
  const totals = ['granted', 'requested', 'granted', 'connected', 'head', 'toString'].reduce(withEvent, noTotals);
  expect(totals).toEqual({ ...noTotals, granted: 2, connected: 1 });
  expect(sameTotals(totals, { ...totals })).toBe(true);
  for (const event of countedEvents) expect(sameTotals(totals, withEvent(totals, event))).toBe(false);
  expect([isCounted('break-glass'), isCounted('revoked')]).toEqual([true, false]);
});

test('a head has them all, or it has none', () => {
  const totals = withEvent(noTotals, 'break-glass');
  expect(totalsIn({ event: 'head', totals })).toEqual(totals);
  expect(totalsIn({ event: 'head', totals: { ...totals, more: 1 } })).toEqual(totals);
  const { granted, ...some } = totals;
  expect(granted).toBe(0);
  for (const other of [some, { ...totals, granted: '0' }, { ...totals, granted: 0.5 }, null, 'x', undefined])
    expect(totalsIn({ event: 'head', totals: other })).toBeUndefined();
  expect(totalsIn({ event: 'opened', totals })).toBeUndefined();
  expect(totalsIn(undefined)).toBeUndefined();
});
