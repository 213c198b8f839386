import { expect, test } from '@jest/globals';
import { collectAfterOutput } from '../../../src/gate/collect.ts';

test('garbage is collected after each ten thousand pieces of output', () => {
  let collected = 0;
  const piece = collectAfterOutput(() => (collected += 1));
  for (let n = 1; n < 10_000; n++) piece();
  expect(collected).toBe(0);
  piece();
  expect(collected).toBe(1);
  for (let n = 0; n < 10_000; n++) piece();
  expect(collected).toBe(2);
});

test('without the function of V8 nothing is done', () => {
  const piece = collectAfterOutput(undefined);
  for (let n = 0; n < 10_000; n++) piece();
  expect(piece()).toBeUndefined();
});
