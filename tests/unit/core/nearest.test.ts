import { expect, test } from '@jest/globals';
import { nearest } from '../../../src/core/nearest.ts';
import { verbNames } from '../../../src/wire/verbs.ts';

test.each([
  ['aprove', 'approve'],
  ['Approve', 'approve'],
  ['requestss', 'requests'],
  ['reqests', 'requests'],
  ['unlokc', 'unlock'],
  ['dney', 'deny'],
  ['giveback', 'give-back'],
  ['lock', 'lock'],
])('%s is near to %s', (word, meant) => expect(nearest(word, verbNames)).toBe(meant));

test.each(['', 'ls', 'cat', 'id', 'top', 'bash', 'uptime', 'frobnicate', 'prod-db', 'x'.repeat(65)])(
  '%j is near to none',
  (word) => expect(nearest(word, verbNames)).toBeUndefined(),
);
