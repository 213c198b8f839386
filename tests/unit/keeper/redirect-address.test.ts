// What is made of a pasted address (src/keeper/identity/redirect-address.ts).
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { looksCut, readAddress } from '../../../src/keeper/identity/redirect-address.ts';

const redirect = 'http://127.0.0.1:8400/';
const good = `${redirect}?code=abc.def&state=st4te-_&iss=https%3A%2F%2Fid.example.com`;
const read = (text: string) => {
  const address = readAddress(text, redirect);
  return typeof address === 'string' ? address : Object.fromEntries(address.parameters);
};
const parameters = { code: 'abc.def', state: 'st4te-_', iss: 'https://id.example.com' };

test.each([
  ['as it is', good],
  ['with blanks around it', `  ${good}\n`],
  ['wrapped over lines', `${good.slice(0, 25)}\r\n${good.slice(25, 50)}\n   ${good.slice(50)}`],
  ['with the marks of a bracketed paste', `\u001b[200~${good}\u001b[201~`],
  ['with what is left of those marks', `[200~${good}[201~`],
  ['with those marks as a terminal echoes them', `^[[200~${good}^[[201~`],
  ['in quotes', `"${good}"`],
  ['in angle brackets', `<${good}>`],
  ['without its scheme', good.replace('http://', '')],
  ['without its slash', good.replace('8400/', '8400')],
  ['with a fragment', `${good}#_=_`],
  ['with a character that is not seen', `\u200b${good}\u202e`],
])('an address %s', (_, text) => {
  expect(read(text)).toEqual(parameters);
});

test('an error of the provider is an answer too', () => {
  expect(read(`${redirect}?error=access_denied&state=s`)).toEqual({ error: 'access_denied', state: 's' });
});

test.each([
  ['nothing', '', 'ADDRESS_INCOMPLETE'],
  ['words', 'yes please', 'ADDRESS_BARE'],
  ['a word', 'yes', 'ADDRESS_INCOMPLETE'],
  ['a code alone', '0.AXoAq-_c0de', 'ADDRESS_BARE'],
  ['a code with its name', 'code=0.AXoAq-_c0de', 'ADDRESS_BARE'],
  ['an address without state', `${redirect}?code=abc`, 'ADDRESS_BARE'],
  ['an address with an empty state', `${redirect}?code=abc&state=`, 'ADDRESS_BARE'],
  ['an address without an answer', redirect, 'ADDRESS_INCOMPLETE'],
  ['an address that lacks its code', `${redirect}?state=s`, 'ADDRESS_INCOMPLETE'],
  ['half an address', 'http://127.0', 'ADDRESS_ELSEWHERE'],
  ['an address that is none', 'http://[', 'ADDRESS_INCOMPLETE'],
  ['rule 3: two codes', `${redirect}?code=a&code=b&state=s`, 'ADDRESS_INCOMPLETE'],
  ['rule 3: two states', `${redirect}?code=a&state=s&state=t`, 'ADDRESS_INCOMPLETE'],
  ['the link itself', 'https://id.example.com/auth?client_id=a&redirect_uri=b&state=s', 'ADDRESS_ELSEWHERE'],
  ['another port', good.replace('8400', '8401'), 'ADDRESS_ELSEWHERE'],
  ['another host', good.replace('127.0.0.1', 'evil.example.com'), 'ADDRESS_ELSEWHERE'],
  ['another path', good.replace('8400/', '8400/x'), 'ADDRESS_ELSEWHERE'],
  ['another scheme', good.replace('http:', 'https:'), 'ADDRESS_ELSEWHERE'],
])('%s is refused', (_, text, code) => {
  expect(read(text)).toBe(code);
});

test('whatever is pasted, it is an address with a state, or has a code that says why not', () => {
  const pieces = fc.constantFrom(redirect, '?', '&', '=', 'code', 'state', 'error', '\u001b[200~', '%', '#', ' ', '\n');
  const pastes = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pastes, (text) => {
      const address = readAddress(text, redirect);
      if (typeof address === 'string') expect(address).toMatch(/^ADDRESS_/);
      else expect(address.parameters.getAll('state')).toEqual([address.state]);
    }),
  );
});

test('a line that is as long as a terminal keeps was probably cut', () => {
  expect([1023, 1024, 4095, 4096, 800].map((length) => looksCut('x'.repeat(length)))).toEqual([
    ...[true, true, true, true],
    false,
  ]);
});
