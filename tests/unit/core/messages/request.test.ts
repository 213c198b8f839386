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
