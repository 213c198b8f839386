import { expect, test } from '@jest/globals';
import { withDashes } from '../../../src/cli/dashes.ts';

test.each([
  ['peers add h --fingerprint -x3', 'peers add h --fingerprint=-x3'],
  [`peers add h --fingerprint --${'x'.repeat(41)}`, `peers add h --fingerprint=--${'x'.repeat(41)}`],
  ['peers add h --fingerprint --replace', 'peers add h --fingerprint --replace'],
  ['revoke G --reason -5% --json', 'revoke G --reason=-5% --json'],
  ['revoke G --reason --json', 'revoke G --reason --json'],
  ['peers add h --key - --fingerprint', 'peers add h --key - --fingerprint'],
])('%s', (typed, taken) => {
  expect(withDashes(typed.split(' '))).toEqual(taken.split(' '));
});
