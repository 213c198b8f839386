// `journal` of the policy: the witnesses outside the fleet (src/config/journal-schema.ts).
import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/load.ts';
import { options, problemsOf, smallest } from './sample.ts';

/** Keys of 32 bytes 7: of a witness, and of a log. */
const witnessKey = 'witness.example/w1+f5f1ad4c+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';
const logKey = 'witness.example/w1+d7f63e3d+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';
const policy = (...witnesses: readonly (readonly [url: string, key: string])[]): string =>
  `${smallest}journal: ${JSON.stringify({ witness: witnesses.map(([url, key]) => ({ url, key })) })}\n`;

test('a witness has a URL and a key', () => {
  expect(parseConfig(policy(['https://w.example.com/below/', witnessKey]), options).witnesses).toEqual([
    {
      url: 'https://w.example.com/below',
      key: { name: 'witness.example/w1', kind: 'cosignature', publicKey: '\u0007'.repeat(32) },
    },
  ]);
  expect(parseConfig(`${smallest}journal: {}\n`, options).witnesses).toEqual([]);
});

test.each([
  [
    'a key with the id of another',
    policy(['https://w.example.com', witnessKey.replace('w1', 'w2')]),
    '[0].key',
    /not the key of a witness/,
  ],
  ['the key of a log', policy(['https://w.example.com', logKey]), '[0].key', /not the key of a witness/],
  ['no URL', policy(['w.example.com', witnessKey]), '[0].url', /not a web address/],
  [
    'two of one name',
    policy(['https://a.example.com', witnessKey], ['https://b.example.com', witnessKey]),
    '',
    /one name/,
  ],
])('%s is refused', (_, text, path, sentence) => {
  expect(problemsOf(text)).toEqual([
    expect.objectContaining({ path: `journal.witness${path}`, problem: expect.stringMatching(sentence) }),
  ]);
});

const journal = (text: string, more = ''): string => `${smallest}${more}journal: ${text}\n`;
const kept = (keep: string): string => `recordings: { keep: ${keep} }\n`;

test('segments of 64MiB, kept for ever; else as it says', () => {
  expect(parseConfig(smallest, options).journal).toEqual({ rotateBytes: 67_108_864 });
  expect(parseConfig(journal('{ rotate: 1MiB, keep: 400d }', kept('400d')), options).journal).toEqual({
    ...{ rotateBytes: 1_048_576, keepMs: 34_560_000_000 },
  });
});

test.each([
  ['segments of a few records', journal('{ rotate: 4KiB }'), 'rotate', /less than the least allowed, 1 MiB/],
  ['less than a month', journal('{ keep: 29d }', kept('1d')), 'keep', /less than the least allowed, 720h/],
  ['no duration', journal('{ keep: forever }', kept('1d')), 'keep', /not a duration/],
  [
    'less than recordings',
    journal('{ keep: 400d }', kept('401d')),
    'keep',
    /"prod-db" are kept for 401d, which is longer/,
  ],
  ['less than recordings that are kept', journal('{ keep: 400d }'), 'keep', /"prod-db" are kept for ever/],
])('of the journal, refused: %s', (_, text, at, sentence) => {
  expect(problemsOf(text)).toEqual([
    expect.objectContaining({ path: `journal.${at}`, problem: expect.stringMatching(sentence) }),
  ]);
});

test('a session may keep its recordings for less than all others', () => {
  const text = journal('{ keep: 400d }').replace('    approvers', '    keep: 90d\n    approvers');
  expect(parseConfig(text, options).journal.keepMs).toBe(34_560_000_000);
});
