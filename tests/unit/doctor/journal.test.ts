// What the doctor says of how long the journal is kept.
import { expect, test } from '@jest/globals';
import { day } from '../../../src/core/time.ts';
import { journalKeepFinding } from '../../../src/doctor/journal.ts';

test.each([
  [undefined, 'ok', 'no record is removed by age'],
  [365 * day, 'ok', 'records are kept 365d'],
  [364 * day, 'warn', 'records of the journal are kept 364d'],
] as const)('kept %s: %s', (keepMs, verdict, why) => {
  const journal = { rotateBytes: 1, ...(keepMs === undefined ? {} : { keepMs }) };
  expect(journalKeepFinding({ journal })).toMatchObject({ verdict, why });
});
