// What the policy says of recordings: sizes with their units.
import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/load.ts';
import { options, problemsOf, smallest } from './sample.ts';

test.each([
  ['a number without a unit', 'quota: 1000', 'recordings.quota', /size with its unit/],
  ['a decimal unit', 'quota: 1GB', 'recordings.quota', /not a size; write a whole number with KiB, MiB or GiB/],
  ['less than a recording needs', 'quota: 1KiB', 'recordings.quota', /less than the least allowed, 64 KiB/],
  ['more than a keeper follows', 'quota: 65GiB', 'recordings.quota', /more than the most allowed, 64 GiB/],
  ['a misspelt key', 'reserves: 1GiB', 'recordings.reserves', /Did you mean "reserve"/],
] as const)('refused: %s', (_, text, at, sentence) => {
  expect(problemsOf(`${smallest}recordings: { ${text} }\n`)).toContainEqual(
    expect.objectContaining({ path: at, problem: expect.stringMatching(sentence) }),
  );
});

test('taken as it is written; a reserve of nothing is one, too', () => {
  const recordings = (text: string) => parseConfig(`${smallest}recordings: ${text}\n`, options).recordings;
  expect(recordings('{ quota: 64KiB, reserve: 2GiB }')).toEqual({ quotaBytes: 65_536, reserveBytes: 2_147_483_648 });
  expect(recordings('{ reserve: 0MiB }')).toEqual({ quotaBytes: 1_073_741_824, reserveBytes: 0 });
});
