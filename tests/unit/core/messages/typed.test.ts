import { expect, test } from '@jest/globals';
import { keysNotKept, pasted } from '../../../../src/core/messages/typed.ts';

test('markers say how many keys are missing, and why; or how much was pasted', () => {
  expect(keysNotKept(12, 'echo')).toBe('12 keys not kept: echo off');
  expect(keysNotKept(1, 'prompt')).toBe('1 key not kept: secret prompt');
  expect(keysNotKept(2, 'unseen')).toBe('2 keys not kept: typed ahead and not shown');
  expect(keysNotKept(2, 'unknown')).toBe('2 keys not kept: the terminal could not be looked at');
  expect([pasted(1), pasted(34)]).toEqual(['pasted 1 character', 'pasted 34 characters']);
});
