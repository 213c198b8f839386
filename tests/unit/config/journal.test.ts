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
