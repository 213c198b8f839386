import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refusal, Refused } from '../../../src/core/refusal.ts';
import { refusals, type RefusalCode } from '../../../src/core/refusals.ts';

const codes = Object.keys(refusals) as RefusalCode[];

function placesOf(code: RefusalCode): readonly string[] {
  return [...`${refusals[code].say} ${refusals[code].hint}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}

describe.each(codes)('%s', (code) => {
  test('says what happened and what to do, with no place left open', () => {
    const names = Object.fromEntries(placesOf(code).map((name) => [name, 'xyz']));
    const { say, hint, exit } = refusal(code, names);
    expect(`${say} ${hint}`).not.toMatch(/[{}…]/);
    expect(say).toMatch(/[.]$/);
    expect(hint).not.toBe('');
    expect(exit).toBeGreaterThan(0);
    expect(exit).toBeLessThan(256);
  });

  test('law 9: filters every name, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (value) => {
        const names = Object.fromEntries(placesOf(code).map((name) => [name, value]));
        const { say, hint } = refusal(code, names);
        expect(`${say}${hint}`).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 20 },
    );
  });
});

test('a name that is not known stays an ellipsis', () => {
  expect(refusal('NO_SUCH_GRANT').say).toBe('There is no live grant ….');
});

test('what somebody typed is not read as a place to fill', () => {
  expect(refusal('NOT_A_VERB', { word: '{host}', host: 'prod' }).say).toContain('"{host}"');
  expect(refusal('NOT_A_VERB', { word: '$&$1' }).say).toContain('"$&$1"');
});

test('the cause of a refusal is for the log alone', () => {
  const refused = new Refused('INTERNAL', { host: 'prod' }, 'secret');
  const { say, hint } = refusal(refused.code, refused.names);
  expect(refused.cause).toBe('secret');
  expect(refused.message).toBe('INTERNAL');
  expect(new Refused('BUSY').names).toEqual({});
  expect(say + hint).not.toContain('secret');
});
