// Recipients of encrypted recordings (src/core/recording/recipient): what age-keygen(1) makes is taken, a letter typed wrong is not.
import { expect, test } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { recipientFault } from '../../../../src/core/recording/recipient.ts';

// Of age's README and its test vectors (C2SP, CCTV/age).
const known = [
  'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
  'age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z',
];

test('recipients', async () => {
  for (const one of known) expect(recipientFault(one)).toBeUndefined();
  for (let n = 0; n < 20; n += 1)
    expect(recipientFault(await identityToRecipient(await generateX25519Identity()))).toBeUndefined();
});

test('each letter typed wrong is found', () => {
  const [right = ''] = known;
  for (let at = 0; at < right.length; at += 1) {
    const wrong = `${right.slice(0, at)}${right[at] === 'q' ? 'p' : 'q'}${right.slice(at + 1)}`;
    expect([wrong, recipientFault(wrong)]).toEqual([wrong, 'none']);
  }
});

test.each([
  ['AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX', 'identity'],
  ['age1pq1qqqqqq', 'kind'],
  ['age1tag1qqqqqq', 'kind'],
  ['ssh-ed25519 AAAA', 'none'],
  ['', 'none'],
  [` ${known[0]}`, 'none'],
  [known[0]!.toUpperCase(), 'none'],
  [known[0]!.slice(0, -1), 'none'],
])('no recipient: %s', (text, fault) => {
  expect(recipientFault(text)).toBe(fault);
});
