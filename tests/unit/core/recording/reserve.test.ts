import { expect, test } from '@jest/globals';
import { spaceOn } from '../../../../src/core/recording/reserve.ts';

const MiB = 1024 ** 2;
const disk = (size: number, free: number, noInodes = false) => ({ size: size * MiB, free: free * MiB, noInodes });

test('nobody is let in below the reserve, and below half of it everybody is disconnected', () => {
  expect(spaceOn(disk(1000, 100), 100 * MiB)).toBe('enough');
  expect(spaceOn(disk(1000, 99), 100 * MiB)).toBe('low');
  expect(spaceOn(disk(1000, 50), 100 * MiB)).toBe('low');
  expect(spaceOn(disk(1000, 49), 100 * MiB)).toBe('none');
});

test('the default is 256 MiB, and a twentieth of a small disk', () => {
  expect(spaceOn(disk(1_000_000, 256))).toBe('enough');
  expect(spaceOn(disk(1_000_000, 255))).toBe('low');
  expect(spaceOn(disk(100, 5))).toBe('enough');
  expect(spaceOn(disk(100, 4.9))).toBe('low');
  expect(spaceOn(disk(100, 2.4))).toBe('none');
});

test('a disk without inodes has no room for a new recording', () => {
  expect(spaceOn(disk(1000, 900, true), 0)).toBe('low');
  expect(spaceOn(disk(1000, 0), 0)).toBe('enough');
});
