import { expect, test } from '@jest/globals';
import { openLinkLimit } from '../../../src/keeper/links/link-limit.ts';

const minute = 60_000;

test('a login has eight links at once, a host forty; a place is free again at its end or when it is given back', () => {
  let now = 0;
  const places = openLinkLimit(() => now);
  const mine = Array.from({ length: 8 }, () => places.take('alice', minute));
  expect(mine).not.toContain(undefined);
  expect(places.take('alice', minute)).toBeUndefined();
  const [first] = mine;
  if (first !== undefined) places.free(first);
  expect(places.take('alice', minute)).toBeDefined();
  expect(places.take('alice', minute)).toBeUndefined();
  const others = Array.from({ length: 40 }, (_, n) => places.take(`login${n}`, minute));
  expect(others.filter((place) => place !== undefined).length).toBe(32);
  now = minute;
  expect(places.take('alice', 2 * minute)).toBeDefined();
});
