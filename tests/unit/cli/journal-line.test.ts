// One line of `audit show`: what a record says, and that none can say more than its own line.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instantOf, readable } from '../../../src/cli/journal-line.ts';

const common = { n: 7, prev: '0'.repeat(64), at: '2026-11-29T11:53:02.291Z', host: 'prod-box', seal: 'x2G7iVh' };
const head = '     7  2026-11-29 11:53:02';
const person = (login: string): object => ({
  issuer: 'https://id',
  subject: `sub-${login}`,
  login,
  claim: `${login}@x`,
});
const told = (event: string, fields: object = {}): string => readable({ ...common, event, ...fields });

test('number, time in UTC and event; what only programs need is left out', () => {
  expect(told('keeper-stopped')).toBe(`${head}  keeper-stopped`);
  expect(told('head', { head: 'eyJ' })).toBe(`${head}  head`);
  expect(told('opened', { head: null, lost: null })).toBe(`${head}  opened`);
});

test('who and what come first, whatever their order in the record', () => {
  const fields = { command: 'frob', address: '::1', code: 'NOT_A_VERB', login: 'alice' };
  expect(told('refused', fields)).toBe(
    `${head}  refused           login alice  code NOT_A_VERB  command frob  address ::1`,
  );
});

test.each<[string, object, string]>([
  ['a person', { who: person('alice') }, 'who "alice (alice@x)"'],
  ['an identity without a login', { identity: { issuer: 'i', subject: 's', claim: 'a@x' } }, 'identity a@x'],
  ['people', { approvers: [person('bob'), person('carol')] }, 'approvers "bob (bob@x), carol (carol@x)"'],
  ['processes', { killed: [{ pid: 9, comm: 'tmux: client', uid: 7 }] }, 'killed "tmux: client [9]"'],
  ['no processes', { killed: [] }, 'killed none'],
  [
    'a part of a field',
    { claimed: { address: '::1', fingerprint: '' } },
    'claimed.address ::1  claimed.fingerprint ""',
  ],
  ['an instant', { end: Date.UTC(2026, 10, 29, 12) }, 'end 2026-11-29T12:00:00Z'],
  ['an instant of a part', { window: { start: Date.UTC(2026, 0, 2) } }, 'window.start 2026-01-02T00:00:00Z'],
  ['a number that is none', { end: 3, count: Date.UTC(2026, 0, 2) }, 'end 3  count 1767312000000'],
  ['a duration', { durationMs: 300_000 }, 'duration 5m'],
  ['less than a second', { durationMs: 30 }, 'durationMs 30'],
  ['what lies deeper', { notice: { a: { b: { c: { d: { e: 1 } } } } } }, 'notice.a b=c=d=…'],
  ['a long list', { ids: Array.from({ length: 25 }, (_, n) => n) }, '… 5 more"'],
])('%s', (_, fields, text) => expect(told('x', fields).endsWith(text)).toBe(true));

test('a value is never taken for the next field', () => {
  expect(told('x', { reason: 'hi  by root', by: 'bob' })).toBe(
    `${head}  x                 by bob  reason "hi  by root"`,
  );
  expect(told('x', { 'a  by': 'a" by "root\\' })).toContain(String.raw`"a  by" "a\" by \"root\\"`);
  expect(told('x  by root')).toBe(`${head}  "x  by root"`);
});

test('control characters are replaced, in a value, a name and an event', () => {
  const text = told('e\u001b[2J', { 'n\u009b31m': 'v\r\n\u202e', reason: '\u0007' });
  expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(text).toContain('reason \uFFFD');
});

test('each field is bounded, and so is their number', () => {
  expect(told('x', { reason: 'y'.repeat(5000) })).toMatch(/ {2}reason y{199}…$/);
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, 'y']));
  const text = told('x', { ...many, login: 'alice' });
  expect(text.length).toBeLessThan(500);
  expect(text).toMatch(/^.* x {17} ?login alice .*…$/);
});

test('a record of wrong types is told, as far as it goes', () => {
  expect(readable({})).toBe('     ?  ?                    ?');
  expect(readable({ n: '\u001b', at: 5, event: { toString: 1 } })).toBe('     ?  ?                    ?');
  expect(instantOf({ at: 'yesterday' })).toBeUndefined();
  expect(instantOf(common)).toBe(Date.parse(common.at));
});

test('whatever the journal holds is one bounded line of harmless text', () => {
  const record = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 6 }));
  fc.assert(
    fc.property(record, (fields) => {
      const text = readable(fields);
      expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(text.length).toBeLessThan(41 * 500);
    }),
  );
});
