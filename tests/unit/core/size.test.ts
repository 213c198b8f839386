import { expect, test } from '@jest/globals';
import { formatSize, parseSize } from '../../../src/core/size.ts';

test('a size is a whole number with its unit', () => {
  expect(parseSize('512KiB')).toBe(524_288);
  expect(parseSize('256MiB')).toBe(268_435_456);
  expect(parseSize('1GiB')).toBe(1_073_741_824);
  expect(parseSize('0MiB')).toBe(0);
  for (const text of ['', '1', '1MB', '1 MiB', '-1MiB', '1.5GiB', '01MiB', '1000000GiB'])
    expect(parseSize(text)).toBeUndefined();
});

test('for people it is rounded down', () => {
  expect(formatSize(1_073_741_824)).toBe('1 GiB');
  expect(formatSize(268_435_455)).toBe('255 MiB');
  expect(formatSize(2047)).toBe('1 KiB');
  expect(formatSize(5)).toBe('0 KiB');
});
