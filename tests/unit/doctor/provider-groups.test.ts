// What the journal's newest records tell of groups and refresh tokens.
import { expect, test } from '@jest/globals';
import type { JournalRecord } from '../../../src/adapters/journal/read.ts';
import { groupsFindings, refreshFindings } from '../../../src/doctor/provider-groups.ts';

const now = Date.parse('2026-05-08T12:00:00.000Z');
const record = (login: string, more: JournalRecord, at = '2026-05-08T11:00:00.000Z'): JournalRecord => ({
  ...{ event: 'sign-in', at, login, groups: [] },
  ...more,
});
const oidc = { issuer: 'https://id.example.com', claims: { groups: 'roles' } };
const judge = (...records: JournalRecord[]) => groupsFindings(records, oidc, now);

test('a form that is not understood is told with the login, the claim and the form', () => {
  const found = judge(record('bob', { groups: ['engineers'] }), record('alice', { unreadGroups: 'number' }));
  expect(found).toEqual([
    {
      verdict: 'warn',
      of: 'alice',
      why: 'the claim "roles" came as a number, which names no group, so these people get no access',
      remedy: expect.stringContaining('oidc.claims.groups'),
    },
  ]);
});

test('groups that are too many for a sign-in are told with what the provider must do', () => {
  const [finding] = judge(record('alice', { event: 'refused', code: 'GROUPS_OVERAGE' }));
  expect(finding).toMatchObject({ verdict: 'warn', of: 'alice', why: expect.stringContaining('GROUPS_OVERAGE') });
  expect(finding?.remedy).toMatch(/^let the provider send only the groups/);
});

test('the newest record of a login counts, and what is old, or of something else, does not', () => {
  const bad = record('alice', { unreadGroups: 'number' });
  expect(judge(bad, record('alice', { event: 'proved-anew' }))[0]?.verdict).toBe('ok');
  expect(judge(record('alice', {}), bad)[0]?.verdict).toBe('warn');
  expect(judge(record('alice', { unreadGroups: 'number' }, '2026-04-30T12:00:00.000Z'))).toEqual(judge());
  expect(judge(bad, record('alice', { event: 'refused', code: 'NOT_ALLOWED' }))[0]?.verdict).toBe('warn');
  expect(judge(record('alice', { event: 'ended', unreadGroups: 'number' }))[0]?.why).toBe(
    'nobody has signed in lately',
  );
});

test('law 9: what a record holds is filtered', () => {
  const told = JSON.stringify(judge(record('a\u001b[2J', { unreadGroups: `\u202e${'x'.repeat(999)}` })));
  expect(told).not.toMatch(/\\u001b|\u202e|x{65}/);
});

test('a claim that nobody had is told with the setting of the product; one that some lack is not', () => {
  const lacks = (login: string) => record(login, { lacksGroups: true });
  const google = { ...oidc, issuer: 'https://accounts.google.com' };
  expect(groupsFindings([lacks('alice'), lacks('bob')], google, now)).toEqual([
    {
      verdict: 'warn',
      why: expect.stringContaining('no claim "roles"'),
      remedy: expect.stringContaining('groups_file'),
    },
  ]);
  expect(judge(lacks('alice'), record('bob', { groups: ['engineers'] }))[0]?.verdict).toBe('ok');
  expect(judge(lacks('alice'), record('alice', {}))[0]?.verdict).toBe('ok');
  const listed = { ...oidc, claims: { groups: 'roles', groupsFile: '/etc/tmux-gate/groups.yaml' } };
  expect(groupsFindings([lacks('alice')], listed, now)[0]).toMatchObject({ verdict: 'ok' });
});

test('a newest sign-in without a refresh token is told of each login; what is no sign-in of its own tells nothing', () => {
  const findings = (...records: JournalRecord[]) => refreshFindings(records, 'https://id.example.com/realms/a', now);
  const without = record('alice', { noRecheck: true });
  expect(findings(record('bob', {}), without)).toEqual([
    {
      verdict: 'warn',
      of: 'alice',
      why: expect.stringContaining('sign_in.lifetime'),
      remedy: expect.stringContaining('offline_access'),
    },
  ]);
  expect(findings(without, record('alice', {}))).toEqual([
    { verdict: 'ok', why: 'the newest sign-ins came with refresh tokens' },
  ]);
  expect(findings(record('alice', { event: 'proved-anew', noRecheck: true }))[0]?.why).toBe(
    'nobody has signed in lately',
  );
});
