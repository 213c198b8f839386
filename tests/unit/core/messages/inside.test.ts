import { expect, test } from '@jest/globals';
import { insideLine, keysLines } from '../../../../src/core/messages/inside.ts';
import { policy } from '../sample.ts';

test.each([
  [
    {},
    /^  You will be dba, without sudo\. Everything you start is killed when the last access .* ends\. Your screen is recorded\.$/,
  ],
  [{ privileges: 'account' }, /dba, with the sudo rules of that account\./],
  [{ atExpiry: 'keep' }, /The session keeps running after your access ends\./],
  [{ kind: 'dedicated' }, /The session and its home are yours alone\. Both are removed when your access ends\./],
  [{ record: 'output+input' }, /Your screen and what you type are recorded\.$/],
  [{ moderated: true }, / You can type only while an approver watches\. Your screen/],
  [{ idle: { warnMs: 60_000, endMs: 120_000 } }, / You are disconnected after 2m without a keystroke\. Your screen/],
] as const)('says what a person will be inside, and what stays: %j', (more, said) => {
  expect(insideLine({ ...policy, ...more }, 'dba', 'type')).toMatch(said);
});

test('says of a look that it types nothing, whatever else holds inside', () => {
  const all = { ...policy, record: 'output+input', moderated: true, idle: { warnMs: 1_000, endMs: 2_000 } } as const;
  expect(insideLine(all, 'dba', 'view')).toBe(
    "  You will watch dba's session. Nothing you type reaches it. Your screen is recorded.",
  );
  expect(keysLines(all, 'prod-box', 'view').join()).toMatch(
    /nothing you type .*\. Press q, Ctrl-C or Ctrl-D to leave\.$/,
  );
  const typing = keysLines(all, 'prod-box', 'type');
  expect(typing.slice(-2)).toEqual([
    '  Recorded: your screen, and what you type, except with echo off or at a password prompt.',
    '  Behind another ssh or in a container, only known prompts count, such as "Password:".',
  ]);
  expect(typing.slice(0, -2)).toEqual([
    expect.stringMatching(/Until then your keys are dropped\.$/),
    '  Send this to an approver:  ssh -t prod-box prod-db --view',
    '  You are disconnected after 2s without a keystroke.',
  ]);
  expect(keysLines(policy, 'prod-box', 'type')).toEqual([]);
});

test('says who may follow, before anybody decides and at each attach', () => {
  const audited = { ...policy, auditors: { groups: ['audit', 'soc'], onCall: ['watchers'] } };
  const said = 'Auditors may follow your screen live: audit, soc, whoever is on call (watchers).';
  for (const mode of ['type', 'view'] as const) {
    expect(insideLine(audited, 'dba', mode)).toMatch(
      /Your screen is recorded\. Auditors may follow .*: audit, soc, .*$/,
    );
    expect(keysLines(audited, 'prod-box', mode)[0]).toBe(`  ${said}`);
  }
  expect(keysLines({ ...policy, auditors: { groups: ['audit'] } }, 'prod-box', 'type')).toEqual([
    '  Auditors may follow your screen live: audit.',
  ]);
});
