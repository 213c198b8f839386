import { expect, test } from '@jest/globals';
import { insideLine } from '../../../src/keeper/visit/inside.ts';
import { policy } from '../core/sample.ts';

test.each([
  [{}, /you are dba without sudo; what runs in the session ends with its last grant; the screen is recorded\.$/],
  [{ privileges: 'account' }, /you are dba with the sudo rules of that account;/],
  [{ atExpiry: 'keep' }, /the session goes on after you/],
  [{ kind: 'dedicated' }, /the session and its home are yours alone and end with your grant/],
  [{ record: 'output+input' }, /the screen and what you type are recorded\.$/],
] as const)('says what a person will be inside, and what stays: %j', (more, said) => {
  expect(insideLine({ ...policy, ...more }, 'dba')).toMatch(said);
});
