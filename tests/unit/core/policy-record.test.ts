// The policy as the journal's records hold it: in parts that join to the text, none longer than a record.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partsOf, policyRecords } from '../../../src/core/policy-record.ts';
import { asciiJson } from '../../../src/core/text.ts';

test('the parts join to the text, none is too long, and no character is halved', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (text, limit) => {
      const parts = partsOf(text, limit);
      expect(parts.join('')).toBe(text);
      for (const part of parts) {
        expect(asciiJson(part).length - 2).toBeLessThanOrEqual(Math.max(limit, 12));
        expect(part.isWellFormed()).toBe(true);
      }
    }),
  );
});

test('each record says which part it has, of how many', () => {
  const text = 'sessions:\n'.repeat(3000);
  const records = policyRecords(text, 'd1', 'start');
  expect(records.map(({ part, parts, sha256, why }) => [part, parts, sha256, why])).toEqual(
    [1, 2, 3].map((part) => [part, 3, 'd1', 'start']),
  );
  expect(records.map((one) => one.text).join('')).toBe(text);
  expect(policyRecords('', 'd2', 'reload')).toEqual([{ sha256: 'd2', part: 1, parts: 1, text: '', why: 'reload' }]);
});
