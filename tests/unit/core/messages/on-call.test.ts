// What whoever is on call reads in listings, in history, on the dashboard and after taking access away.
import { expect, test } from '@jest/globals';
import {
  connectionDetails,
  grantDetails,
  listProblem,
  requestDetails,
  reviewedBy,
} from '../../../../src/core/messages/dashboard.ts';
import {
  earlierConnections,
  grantedOfAsked,
  journalChanged,
  olderRemoved,
  onlyNewest,
  timesAttached,
} from '../../../../src/core/messages/history.ts';
import {
  anyOf,
  approvalsFrom,
  attachedCount,
  byRule,
  didVerdict,
  groupsUnread,
  onlyBreakGlass,
  signedInUntil,
  timeOffered,
  whoamiLines,
} from '../../../../src/core/messages/listings.ts';
import {
  confirmed,
  endedHere,
  lockChanged,
  revokedOf,
  copiesLine,
  stillHas,
  unlockOf,
  unpinned,
  waitingForHost,
  wasNotPinned,
} from '../../../../src/core/messages/taking-away.ts';

test('details of a row of the dashboard, a fact a line', () => {
  const reviews = [reviewedBy(didVerdict('deny'), 'bob')];
  expect(requestDetails('ONE111', ['  Who       alice'], { answerBy: '14:00:00 UTC', reviews })).toEqual([
    'Request ONE111',
    '  Who       alice',
    '  Answer by 14:00:00 UTC',
    '  Reviews   denied by bob',
  ]);
  expect(requestDetails('ONE111', [], { answerBy: '14:00:00 UTC', reviews: [] }).at(-1)).toBe('  Reviews   none yet');
  const common = { who: 'alice (a@example.com)', session: 'prod-db', reason: 'INC-1', request: 'ONE111', end: 'then' };
  const grant = { ...common, id: 'G1', host: 'prod-box', approvedBy: 'bob', start: 'now' };
  expect(grantDetails(grant).slice(3)).toEqual([
    '  Session   prod-db on prod-box',
    '  Reason    INC-1',
    '  Approved  bob, now',
    '  Until     then',
  ]);
  const connection = { ...common, id: 'C1', address: '192.0.2.7', input: 'passes', grant: 'G1', since: 'now' };
  expect(connectionDetails(connection).slice(2, 6)).toEqual([
    '  From      192.0.2.7 (unverified)',
    '  Session   prod-db',
    '  Input     passes',
    '  Grant     G1 (request ONE111)',
  ]);
  expect(listProblem('Redis does not answer.', 'REDIS_DOWN', 'wait')).toBe('Redis does not answer. [REDIS_DOWN] wait');
});

test('listings: sessions, and what cannot be read', () => {
  expect([attachedCount(1, undefined, true), attachedCount(2, 3, false)]).toEqual([
    '1 attached, you too',
    '2 of 3 attached',
  ]);
  expect(anyOf([approvalsFrom(2, 'oncall'), byRule('own-rota')])).toBe('2 of oncall, or rule own-rota');
  expect(timeOffered('30m', '1h')).toBe('30m, max 1h');
  expect([didVerdict('approve'), didVerdict('odd')]).toEqual(['approved', 'odd']);
  expect(onlyBreakGlass('Redis does not answer.', 'REDIS_DOWN')).toBe(
    'Only break-glass access is shown. The rest cannot be read: Redis does not answer. [REDIS_DOWN]',
  );
});

test('whoami', () => {
  const facts = { login: 'alice', host: 'prod-box', address: '192.0.2.7' };
  expect(whoamiLines({ ...facts, key: undefined, identity: undefined, groups: undefined })).toEqual([
    'Login     alice on prod-box',
    'From      192.0.2.7 (unverified)',
    'Key       sshd named none (unverified)',
    'Identity  not signed in',
    'Groups    -',
  ]);
  const known = {
    key: 'SHA256:x',
    identity: signedInUntil('a@example.com', 'then'),
    groups: groupsUnread('roles', 'map'),
  };
  expect(whoamiLines({ ...facts, ...known }).slice(2)).toEqual([
    'Key       SHA256:x (unverified)',
    'Identity  a@example.com, until then',
    'Groups    none: the claim "roles" came as a map, which tmux-gate cannot read; tell an admin',
  ]);
});

test('taking away says what was done, at which host, and what is left', () => {
  expect([lockChanged('alice', true), confirmed('prod-box', true), endedHere({ connections: 1 })].join(' ')).toBe(
    'Locked alice. prod-box: confirmed. Ended here: 1 connection, 0 grants, 0 requests, 0 sign-ins.',
  );
  expect(endedHere({ grants: 2, requests: 1, signIns: 1 })).toBe(
    'Ended here: 0 connections, 2 grants, 1 request, 1 sign-in.',
  );
  expect([lockChanged(undefined, false), unlockOf(undefined), unlockOf('alice')]).toEqual([
    'Unlocked everyone.',
    'UNLOCK EVERYONE',
    'UNLOCK alice',
  ]);
  expect(confirmed('box-two', false)).toBe('box-two: NOT CONFIRMED; it is told again as soon as it can be reached.');
  expect([copiesLine(undefined), copiesLine(3)]).toEqual([[], ['It stands on 3 Redis servers.']]);
  expect(copiesLine(1)[0]).toMatch(/^It stands on one Redis server only, .* this host says it again\.$/);
  expect(revokedOf({ grant: 'G1', request: 'R1', login: 'alice', session: 'prod-db' })).toBe(
    'Revoked G1 (request R1) of alice for prod-db.',
  );
  expect(stillHas('alice', 'prod-db', '14:00:00 UTC', 'ssh prod-box revoke R2')).toBe(
    'alice still has access to prod-db until 14:00:00 UTC. To end it as well: ssh prod-box revoke R2',
  );
  expect([unpinned('alice'), wasNotPinned('alice'), waitingForHost('box-two')]).toEqual([
    'Unpinned alice: the next person who signs in as alice is pinned to it.',
    'alice was not pinned to anybody.',
    'Waiting for box-two to confirm',
  ]);
});

test('history', () => {
  expect([grantedOfAsked('3m', '10m'), timesAttached(2), earlierConnections(5)]).toEqual([
    '3m (asked 10m)',
    '2x',
    '5 earlier',
  ]);
  expect(onlyNewest(10, 500)).toBe(
    'Only the newest requests are shown: 10, never more than 500. Narrow it down: --since, --login or --session.',
  );
  expect(olderRemoved(5)).toBe('Records 1 to 5 were removed by journal.keep, so what is asked for is not all here.');
  expect(journalChanged([])[0]).toBe('The journal was CHANGED at its end. Records may be missing or false:');
  expect(journalChanged(['3', '…'])[0]).toContain('CHANGED (line 3, …).');
});
