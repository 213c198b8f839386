import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connectionId, grantId, idBytes, isLogin, isSessionName, parseId, requestId } from '../../../src/core/ids.ts';

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('an id reads back as itself, in lower case too, and holds no letter that is mistaken for another', () => {
  fc.assert(
    fc.property(bytes, (random) => {
      for (const [make, length] of [
        [requestId, idBytes.request],
        [grantId, idBytes.grant],
        [connectionId, idBytes.connection],
      ] as const) {
        const id = make(random);
        expect(id).toHaveLength(length);
        expect(id).not.toMatch(/[ILOU]/);
        expect(parseId(id)).toBe(id);
        expect(parseId(id.toLowerCase())).toBe(id);
      }
    }),
  );
});

test('every letter of an id is equally likely', () => {
  const counts = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) {
    const letter = requestId(new Uint8Array([byte])).charAt(0);
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(32);
  expect(new Set(counts.values())).toEqual(new Set([8]));
});

test('look-alikes are read as what they look like', () => {
  expect(parseId('k7qo')).toBe('K7Q0');
  expect(parseId('lI10')).toBe('1110');
});

test.each(['', 'K7Q', 'K'.repeat(17), 'K7Q U', 'KUQF', 'K7-F', 'K7QF\n', '../K7', 'ıııı', 'ﬃﬃﬃﬃ', 'ſſſſ'])(
  '%j is no id',
  (text) => {
    expect(parseId(text)).toBeUndefined();
  },
);

test('an id that was parsed is made of its alphabet alone, whatever was typed', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-zA-Z]{0,18}$/)), (text) => {
      const id = parseId(text);
      if (id !== undefined) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{4,16}$/);
    }),
  );
});

test.each([
  '=prod',
  '$2',
  '%1',
  '@1',
  ':',
  'a.b',
  'a:b',
  'a b',
  '-x',
  '1db',
  '',
  'a'.repeat(33),
  'prod\n',
  'prod\u202E',
])('law 9: %j is no session name', (name) => {
  expect(isSessionName(name)).toBe(false);
});

test('law 9: a session name is its own tmux target', () => {
  expect(isSessionName('prod-db_2')).toBe(true);
  expect(isSessionName('a'.repeat(32))).toBe(true);
});

test.each([
  '.',
  '..',
  '-x',
  'a/b',
  'a:b',
  'a b',
  '',
  'a*',
  '../root',
  'a\n',
  '$',
  'a'.repeat(34),
  'CORP\\alice',
  'a@',
  '@b',
  'a@b@c',
  'a@-b',
  'a@b.',
  `a@${'b'.repeat(31)}`,
])('%j is no login', (name) => {
  expect(isLogin(name)).toBe(false);
});

test.each(['alice', '_apt', 'demo-alice', 'a.b', 'host$', 'Alice9', 'alice@corp.example.com', `a@${'b'.repeat(30)}`])(
  '%s is a login',
  (name) => {
    expect(isLogin(name)).toBe(true);
  },
);
