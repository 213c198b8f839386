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
  expect(recordings('{ quota: 64KiB, reserve: 2GiB }')).toEqual({
    ...{ quotaBytes: 65_536, reserveBytes: 2_147_483_648, encryptTo: [] },
  });
  expect(recordings('{ reserve: 0MiB }')).toEqual({ quotaBytes: 1_073_741_824, reserveBytes: 0, encryptTo: [] });
});

const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

test.each([
  ['a letter that is wrong', recipient.replace('mcac8p', 'mcac8q'), /no recipient of age; copy it whole/],
  ['a secret key', 'AGE-SECRET-KEY-1QQPZRY9', /secret key, which never belongs on this host/],
  ['another kind', 'age1pq1qqqq', /kind of recipient is not taken/],
] as const)('a recipient that is none is refused, with its line: %s', (_, given, sentence) => {
  const text = `${smallest}recordings:\n  encrypt_to:\n    - ${recipient}\n    - ${given}\n`;
  expect(problemsOf(text)).toEqual([
    {
      path: 'recordings.encrypt_to[1]',
      problem: expect.stringMatching(sentence),
      line: text.trim().split('\n').length,
    },
  ]);
});

test('a recipient that is named twice is refused', () => {
  expect(problemsOf(`${smallest}recordings: { encrypt_to: [${recipient}, ${recipient}] }\n`)).toMatchObject([
    { path: 'recordings.encrypt_to', problem: 'A recipient is named twice; keep one of them.' },
  ]);
});

test.each([
  ['90', /90 has no unit|duration such as 90d/],
  ['12h', /"12h" is less than the least allowed, 24h/],
  ['never', /"never" is not a duration of up to ten years; write one such as 90d, or forever/],
  ['4000d', /"4000d" is not a duration of up to ten years/],
])('a time to keep that is none is refused: %s', (given, sentence) => {
  expect(problemsOf(`${smallest}recordings: { keep: ${given} }\n`)).toMatchObject([
    { path: 'recordings.keep', problem: expect.stringMatching(sentence) },
  ]);
});

test('recipients and times to keep are taken', () => {
  const { recordings } = parseConfig(`${smallest}recordings: { encrypt_to: [${recipient}], keep: 90d }\n`, options);
  expect(recordings).toMatchObject({ encryptTo: [recipient], keep: 7_776_000_000 });
  expect(parseConfig(`${smallest}recordings: { keep: forever }\n`, options).recordings.keep).toBe('forever');
});
