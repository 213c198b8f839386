import { expect, test } from '@jest/globals';
import { insideLine, keysLines } from '../../../../src/core/messages/inside.ts';
import { policy } from '../sample.ts';

test.each([
  [{}, /you are dba without sudo; what runs in the session ends with its last grant; the screen is recorded\.$/],
  [{ privileges: 'account' }, /you are dba with the sudo rules of that account;/],
  [{ atExpiry: 'keep' }, /the session goes on after you/],
  [{ kind: 'dedicated' }, /the session and its home are yours alone and end with your grant/],
  [{ record: 'output+input' }, /the screen and what you type are recorded\.$/],
  [{ moderated: true }, /; what you type passes only while an approver looks on; the screen/],
  [{ idle: { warnMs: 60_000, endMs: 120_000 } }, /; 2m without a key cut the line; the screen/],
] as const)('says what a person will be inside, and what stays: %j', (more, said) => {
  expect(insideLine({ ...policy, ...more }, 'dba', 'type')).toMatch(said);
});

test('says of a look that it types nothing, whatever else holds inside', () => {
  const all = { ...policy, record: 'output+input', moderated: true, idle: { warnMs: 1_000, endMs: 2_000 } } as const;
  expect(insideLine(all, 'dba', 'view')).toBe(
    "  You look on in dba's session, and nothing you type reaches it; the screen is recorded.",
  );
  expect(keysLines(all, 'prod-box', 'view').join()).toMatch(/nothing you type .*; q, Ctrl-C or Ctrl-D leaves\.$/);
  expect(keysLines(all, 'prod-box', 'type')).toEqual([
    expect.stringMatching(/dropped until then\.$/),
    '  Forward   ssh -t prod-box prod-db --view',
    '  2s without a key cut the line.',
  ]);
  expect(keysLines(policy, 'prod-box', 'type')).toEqual([]);
});
