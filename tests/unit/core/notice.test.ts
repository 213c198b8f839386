import { expect, test } from '@jest/globals';
import { facts, headline, linkWarning } from '../../../src/core/messages/notices.ts';
import { endsRequest, noticeEvents, personTold, urgency, withoutLink, type Notice } from '../../../src/core/notice.ts';

const notice: Notice = {
  ...{ event: 'requested', host: 'prod-box', login: 'alice', session: 'prod-db', request: 'K7QF2M', by: 'bob' },
  ...{
    verdict: 'approve',
    until: '14:00:00 UTC',
    why: 'expired',
    for: '20m',
    from: '192.0.2.7',
    approve: 'ssh prod-box approve K7QF2M',
  },
};

test('the end of a request, whatever it was, ends its incident; a request and a guard that failed do not', () => {
  const ending = noticeEvents.filter((event) => endsRequest({ ...notice, event }));
  expect(ending).toEqual(['reviewed', 'withdrawn', 'lapsed', 'unanswered', 'granted', 'extended']);
});

test('every event has a headline of its own, and none is left without its words', () => {
  const lines = noticeEvents.map((event) => headline({ ...notice, event }));
  expect(lines).toEqual([
    'alice signed in on prod-box, from 192.0.2.7',
    'alice asks for prod-db on prod-box for 20m',
    'bob approved request K7QF2M for prod-db on prod-box',
    'Request K7QF2M of alice for prod-db on prod-box was withdrawn',
    'Request K7QF2M of alice for prod-db on prod-box can no longer be granted: expired',
    'Nobody answered request K7QF2M of alice for prod-db on prod-box',
    'bob could not approve request K7QF2M for prod-db on prod-box by link: expired',
    'alice can now use prod-db on prod-box until 14:00:00 UTC',
    'alice can use prod-db on prod-box longer, until 14:00:00 UTC',
    '10 minutes left for alice in prod-db on prod-box',
    'The access of alice to prod-db on prod-box has ended (expired)',
    'The access of alice to prod-db on prod-box was revoked',
    'bob locked alice out of prod-box',
    'bob unlocked alice on prod-box',
    'BREAK-GLASS: alice entered prod-db on prod-box without an approval',
    'tmux-gate on prod-box has a fault: expired',
    'tmux-gate on prod-box: expired',
  ]);
  expect(headline({ ...notice, extends: 'ABCDEFGHJK' })).toBe('alice asks for 20m more in prod-db on prod-box');
  expect(headline({ event: 'locked', host: 'prod-box', login: '*' })).toBe('? locked everyone out of prod-box');
  expect(noticeEvents.map((event) => urgency({ ...notice, event })).filter((how) => how !== 'info')).toEqual([
    ...['warning', 'warning', 'warning', 'critical', 'critical', 'critical'],
  ]);
});

test('law 3: a grant that a rule approved says so in its first line', () => {
  const granted: Notice = { ...notice, event: 'granted', auto: 'own-rota' };
  expect(headline(granted)).toBe(
    'alice can now use prod-db on prod-box until 14:00:00 UTC, auto-approved by rule own-rota',
  );
  expect(facts(granted)).toContainEqual(['Auto-approved by rule', 'own-rota']);
  expect(urgency(granted)).toBe('warning');
});

test('law 9: what a person wrote is one filtered line', () => {
  const evil = { ...notice, login: 'al\u001b[2Jice', reason: 'a\nb\u202e' };
  expect(`${headline(evil)}${JSON.stringify(facts(evil))}`).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(facts(notice)).toEqual(expect.arrayContaining([['To approve', 'ssh prod-box approve K7QF2M']]));
});

test('an approval link is told whole, with its code, its end and what it does; it is left out of what is written down', () => {
  const link = `https://id.example.com/device?user_code=${'X'.repeat(900)}`;
  const told = { ...notice, link, code: 'ABCD-EFGH', linkEnds: '14:00:00 UTC', warning: linkWarning };
  expect(facts(told).slice(-4)).toEqual([
    ['Approve by link', link],
    ['Code for the link', 'ABCD-EFGH'],
    ['Link expires', '14:00:00 UTC'],
    ['Warning', expect.stringContaining('APPROVES')],
  ]);
  expect(withoutLink(told)).toEqual({ ...notice, linkEnds: '14:00:00 UTC', warning: linkWarning });
});

test('a person is told of what is theirs, at an address that is one', () => {
  const told = (change: Partial<Notice>) =>
    personTold({ ...notice, event: 'signed-in', identity: 'a@example.com', ...change });
  expect(told({})).toBe('a@example.com');
  for (const event of ['revoked', 'ended', 'granted', 'extended'] as const)
    expect(told({ event })).toBe('a@example.com');
  expect(told({ event: 'requested' })).toBeUndefined();
  for (const identity of ['u-alice', 'a@b, c@d', 'a b@c', '<a@b>', 'a@b\r\nBcc: c@d'])
    expect(told({ identity })).toBeUndefined();
  expect(personTold({ event: 'signed-in', host: 'prod-box' })).toBeUndefined();
  expect(told({ event: 'link-refused' })).toBeUndefined();
});
