import { describe, expect, test } from '@jest/globals';
import { breakGlassPerson } from '../../../src/core/break-glass.ts';
import { grantShape, type Grant } from '../../../src/core/grant.ts';
import { requestShape } from '../../../src/core/request.ts';
import { isAnother, leastOf, mayView, modeOf, servesMode, modeFields } from '../../../src/core/access-mode.ts';
import { digest, person, policy, request } from './sample.ts';

const grant: Grant = {
  ...{ id: 'AZPT0Y3FCS', request: 'K7QF00', digest, host: 'prod-box', session: 'prod-db', who: person('alice') },
  ...{ reason: 'INC-1', approvers: [person('bob')], start: 1, end: 2_000 },
};
const look: Grant = { ...grant, mode: 'view' };
const moderated = { ...policy, moderated: true };

describe('of what policy, grant and person say, the least holds', () => {
  test('in a session to look into everybody watches; elsewhere whoever says so', () => {
    expect(modeOf({ mode: 'view' }, undefined)).toBe('view');
    expect(modeOf({ mode: 'type' }, true)).toBe('view');
    expect(modeOf({ mode: 'type' }, undefined)).toBe('type');
    expect(modeOf({ mode: 'type' }, false)).toBe('type');
  });

  test('a grant to look on opens nothing that types; one to type serves both', () => {
    expect([servesMode(look, 'type'), servesMode(look, 'view')]).toEqual([false, true]);
    expect([servesMode(grant, 'type'), servesMode(grant, 'view')]).toEqual([true, true]);
    expect([leastOf('type', look), leastOf('view', grant), leastOf('type', grant)]).toEqual(['view', 'view', 'type']);
  });

  test('requests and grants carry it, and nothing else in its place', () => {
    expect([modeFields('view'), modeFields('type')]).toEqual([{ mode: 'view' }, {}]);
    expect(grantShape(look)).toEqual(look);
    expect(requestShape({ ...request, mode: 'view' })).toEqual({ ...request, mode: 'view' });
    for (const mode of ['type', '', null, true]) {
      expect(grantShape({ ...grant, mode })).toBeUndefined();
      expect(requestShape({ ...request, mode })).toBeUndefined();
    }
  });
});

describe('law 3: another person', () => {
  const alice = person('alice');
  test.each([
    ['a second login of the same subject', { ...alice, login: 'alice2' }],
    ['another subject under the same login', { ...alice, subject: 'u-other' }],
    ['somebody of another provider', { ...person('bob'), issuer: 'https://other.example.com' }],
    ['the same person', alice],
  ])('is not %s', (_, other) => {
    expect([isAnother(alice, other), isAnother(other, alice)]).toEqual([false, false]);
  });

  test('is another subject under another login', () => {
    expect(isAnother(alice, person('bob'))).toBe(true);
  });
});

describe('law 1: under a grant that one has signed', () => {
  const bob = person('bob');
  const byGroup = ['sessions.prod-db.approvers.groups: oncall'];
  const byTurn = ['sessions.prod-db.approvers.on_call: pager'];
  test('an approver watches in a moderated session', () => {
    expect(mayView(moderated, grant, bob, byGroup)).toBe(true);
    const onCall = { ...moderated, approvers: { ...moderated.approvers, onCall: ['pager'] } };
    expect(mayView(onCall, grant, bob, byTurn)).toBe(true);
    expect(mayView(moderated, grant, bob, byTurn)).toBe(false);
  });

  test.each([
    ['where nobody needs their look', policy, grant, bob, byGroup],
    ['in another session', { ...moderated, name: 'other' }, grant, bob, byGroup],
    ['who did not sign it', moderated, grant, person('dave'), byGroup],
    ['who is no approver any more', moderated, grant, bob, ['sessions.prod-db.approvers.groups: engineers']],
    ['under break-glass, whoever it names', moderated, { ...grant, who: breakGlassPerson('alice', 'X') }, bob, byGroup],
  ] as const)('nobody watches %s', (_, rules, under, who, by) => {
    expect(mayView(rules, under, who, by)).toBe(false);
  });
});
