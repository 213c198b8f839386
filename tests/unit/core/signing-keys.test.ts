// Which keys of a host count, and what a rotation leaves (src/core/signing-keys.ts).
import { describe, expect, test } from '@jest/globals';
import {
  counts,
  fingerprintShape,
  hasRoom,
  keyIdOf,
  longestLife,
  mostRetired,
  overlapEnd,
  parseKeyId,
  ringShape,
  rotated,
  signedAtOf,
  type Pair,
  type Retired,
  type Ring,
} from '../../../src/core/signing-keys.ts';
import { hour, minute } from '../../../src/core/time.ts';

const print = 'a'.repeat(43);
const pair = (x: string, since = 0): Pair => ({ kty: 'OKP', crv: 'Ed25519', x, d: 'secret', since });
const retired = (x: string, until: number): Retired => ({
  ...{ kty: 'OKP', crv: 'Ed25519', x, since: 0, retiredAt: 0, until },
});
const signs = { kty: 'OKP', crv: 'Ed25519', x: 'one', since: 5 } as const;

describe('a key', () => {
  test('rule 1: counts until its end and not from then on', () => {
    expect([counts({}, 9, undefined), counts({ until: 10 }, 9, 1), counts({ until: 10 }, 10, 1)]).toEqual([
      ...[true, true, false],
    ]);
  });

  test('rule 2: that is retired signs nothing new', () => {
    const terms = { retiredAt: 5, until: 100 };
    expect([counts(terms, 9, 5), counts(terms, 9, 6), counts(terms, 9, undefined)]).toEqual([true, false, true]);
  });

  test.each([
    ['request', { requestedAt: 7 }, 7],
    ['review', { at: 7 }, 7],
    ['grant', { start: 7, end: 9 }, 7],
    ['sign-in', { at: 7, issuedAt: 1 }, 7],
    ['lock', { at: 7 }, 7],
    ['lock', { at: '7' }, undefined],
    ['confirmation', { at: 7 }, undefined],
    ['lock', null, undefined],
    ['lock', 7, undefined],
  ])('a %s of %j is of the instant %j', (kind, payload, at) => {
    expect(signedAtOf(kind, payload)).toBe(at);
  });
});

describe('what a signature names as its key', () => {
  test('rule 3: the host alone for the first key, else the fingerprint too', () => {
    expect([keyIdOf('box', print, print), keyIdOf('box', print, 'b')]).toEqual(['box', `box#${print}`]);
    expect(parseKeyId('box')).toEqual({ host: 'box' });
    expect(parseKeyId(`box#${print}`)).toEqual({ host: 'box', key: print });
  });

  test.each(['box#', 'box#short', `box#${print}#${print}`, `box#${'='.repeat(43)}`])('%s is nothing', (kid) => {
    expect(parseKeyId(kid)).toBeUndefined();
  });

  test('a fingerprint has 43 characters of base64url', () => {
    expect([fingerprintShape(print), fingerprintShape(print.slice(1)), fingerprintShape(`${print}a`)]).toEqual([
      ...[print, undefined, undefined],
    ]);
  });
});

describe('a rotation', () => {
  test('has the next key sign; of the one before it keeps the public half, with its end', () => {
    const {
      current,
      next,
      retired: before,
    } = rotated({ next: pair('two'), retired: [] }, pair('two'), { signs, now: 1_500, until: 60_000, leaked: false });
    expect(current).toEqual(pair('two', 1_500));
    expect(next).toBeUndefined();
    expect(before).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: 'one', since: 5, retiredAt: 2_000, until: 60_000 }]);
  });

  test('leaves the ends of the keys before, unless the key leaked: then they end with it', () => {
    const ring: Ring = { retired: [retired('old', 90_000), retired('older', 1_000)] };
    const ends = (leaked: boolean): readonly number[] =>
      rotated(ring, pair('two'), { signs, now: 50_000, until: 50_000, leaked }).retired.map(({ until }) => until);
    expect([ends(false), ends(true)]).toEqual([
      [1_000, 90_000, 50_000],
      [50_000, 1_000, 50_000],
    ]);
  });

  test('forgets keys that have ended long ago, and has room as long as not too many count', () => {
    const many = (count: number, until: number): Retired[] => Array.from({ length: count }, () => retired('x', until));
    const ended = rotated({ retired: many(20, 1) }, pair('two'), { signs, now: 2, until: 9, leaked: false });
    expect(ended.retired).toHaveLength(9);
    expect([hasRoom({ retired: many(23, 9) }, 2), hasRoom({ retired: many(24, 9) }, 2)]).toEqual([true, false]);
    expect(hasRoom({ retired: many(mostRetired, 1) }, 2)).toBe(true);
    expect(
      ringShape(rotated({ retired: many(23, 9) }, pair('two'), { signs, now: 2, until: 9, leaked: false })),
    ).toBeDefined();
  });
});

test.each([
  ['more than there is', { retired: [], more: 1 }],
  ['a key without its private half as the current one', { current: { ...pair('a'), d: undefined }, retired: [] }],
  ['a retired key with its private half', { retired: [{ ...retired('a', 1), d: 'x' }] }],
  ['a retired key without an end', { retired: [{ ...retired('a', 1), until: undefined }] }],
  ['another curve', { next: { ...pair('a'), crv: 'X25519' }, retired: [] }],
])('%s is no ring of keys', (_, ring) => {
  expect(ringShape(JSON.parse(JSON.stringify(ring)))).toBeUndefined();
});

describe('the overlap', () => {
  const policy = (window: number): Parameters<typeof longestLife>[0] =>
    ({
      signIn: { lifetimeMs: 8 * hour },
      request: { answerWithinMs: 30 * minute },
      sessions: { a: { window: { maxMs: hour } }, b: { window: { maxMs: window } } },
    }) as unknown as Parameters<typeof longestLife>[0];

  test('is the longest life of what a key signs: of sign-ins, requests and windows', () => {
    expect([longestLife(policy(hour)), longestLife(policy(9 * hour))]).toEqual([8 * hour, 9 * hour]);
  });

  test('is over in a whole second, and not before the grants that live now', () => {
    expect(overlapEnd(policy(hour), [], 1)).toBe(8 * hour + 1_000);
    expect(overlapEnd(policy(hour), [24 * hour, hour], 1)).toBe(24 * hour);
  });
});
