// asciicast v3: intervals in place of times, and no error that grows.
import { expect, test } from '@jest/globals';
import { events3, header3 } from '../../../../src/core/recording/cast3.ts';

test('the header tells the terminal, and what is not known is left out', () => {
  const env = { TERM: 'tmux-256color' };
  expect(JSON.parse(header3({ width: 80, height: 24, timestamp: 1796000000.5, title: 'prod-db', env }))).toEqual({
    ...{ version: 3, term: { cols: 80, rows: 24, type: 'tmux-256color' }, timestamp: 1796000000, title: 'prod-db' },
  });
  expect(JSON.parse(header3({ width: 80, height: 24, env: {} }))).toEqual({ version: 3, term: { cols: 80, rows: 24 } });
});

test('over a million events the sum of the intervals stays within a millisecond of the time', () => {
  const lineOf = events3();
  let [at, thousandths] = [0, 0];
  for (let n = 0; n < 1_000_000; n++) {
    at += 0.0004;
    const [interval] = JSON.parse(lineOf({ at, code: 'o', data: '' })) as [number];
    thousandths += Math.round(interval * 1000);
  }
  expect(Math.abs(thousandths - at * 1000)).toBeLessThanOrEqual(1);
});

test('each kind of event keeps its code and its text', () => {
  const lineOf = events3();
  const lines = (['o', 'i', 'r', 'm'] as const).map((code, n) => lineOf({ at: n / 3, code, data: '80x24' }));
  expect(lines).toEqual(['[0,"o","80x24"]', '[0.333,"i","80x24"]', '[0.334,"r","80x24"]', '[0.333,"m","80x24"]']);
});
