import { expect, test } from '@jest/globals';
import { factLines } from '../../../../src/core/messages/request.ts';
import { request } from '../sample.ts';

test('a reviewer sees who, from where, which session and account, why and for how long', () => {
  expect(factLines(request)).toEqual([
    '  Who       alice (alice@example.com)',
    '  From      10.0.0.7 (unverified)',
    '  Session   prod-db on prod-box, as dba',
    '  Reason    INC-1 look',
    '  For       30m',
    '  Asked     1970-01-01 00:16:40 UTC',
  ]);
});

test('more time says what it extends, and a view that it cannot type', () => {
  const more = {
    ...request,
    mode: 'view' as const,
    extends: { grant: 'ABCDEFGHJK', until: Date.UTC(2026, 0, 1, 3, 12) },
  };
  expect(factLines(more)).toContain('  Extends   ABCDEFGHJK, until 03:12:00 UTC; 30m more');
  expect(factLines(more)).toContain('  Mode      view only, cannot type');
});
