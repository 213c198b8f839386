// The places of conversations and connections (src/keeper/server/places.ts).
import { expect, test } from '@jest/globals';
import { openPlaces, type Place } from '../../../src/keeper/server/places.ts';

const open = (): ReturnType<typeof openPlaces> => openPlaces({ waiting: 4, waitingEach: 2, each: 3 });
const taken = (place: Place | undefined): Place => {
  if (place === undefined) throw new Error('no place');
  return place;
};

test('rule 1: a uid has few places to wait, and so has everybody together', () => {
  const places = open();
  const mine = [places.take(1), places.take(1)];
  expect([...mine.map((place) => place !== undefined), places.take(1)]).toEqual([true, true, undefined]);
  expect([places.take(2), places.take(3)].map((place) => place !== undefined)).toEqual([true, true]);
  expect(places.take(4)).toBeUndefined();
  taken(mine[0]).leave();
  expect(places.take(4)).toBeDefined();
});

test('rule 2: whoever is attached does not wait; what a uid has together is limited', () => {
  const places = open();
  const attached = [1, 1, 1].map((uid) => {
    const place = taken(places.take(uid));
    place.attached();
    return place;
  });
  expect(places.take(1)).toBeUndefined();
  expect([2, 2, 3, 3].map((uid) => places.take(uid) !== undefined)).toEqual([true, true, true, true]);
  taken(attached[0]).leave();
  expect(places.take(1)).toBeUndefined(); // four wait already
});

test('a place is given up once, whatever is called how often', () => {
  const places = open();
  const one = taken(places.take(1));
  one.attached();
  one.attached();
  one.leave();
  one.leave();
  one.attached();
  expect([places.take(1), places.take(1)].map((place) => place !== undefined)).toEqual([true, true]);
  expect(places.take(1)).toBeUndefined();
});

test('rule 3: root is never refused', () => {
  const places = open();
  for (let left = 9; left > 0; left--) expect(places.take(0)).toBeDefined();
  expect(places.take(1)).toBeUndefined();
});
