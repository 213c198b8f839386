// What hold, release and purge say.
import { expect, test } from '@jest/globals';
import * as said from '../../../../src/core/messages/keeping.ts';

test('hold and release say what is held, by whom and why', () => {
  expect(said.nowHeld('C1')).toBe('C1 is held: neither keep nor purge removes it.');
  expect(said.heldAlready('C1', 'bob', 'audit')).toBe('C1 is held already, by bob because: audit');
  expect([said.nowReleased('C1'), said.notHeld('C1')]).toEqual(['C1 is not held any more.', 'C1 is not held.']);
});

test('purge says what stays; a second one, who did it before', () => {
  expect(said.nowPurged('C1')).toBe('C1 is purged. What the journal says of it stays valid.');
  expect(said.purgedAlready('C1', { at: 0, by: 'bob', reason: 'GDPR' })).toBe(
    'C1 was purged on 1970-01-01 00:00:00 UTC by bob because: GDPR',
  );
  expect(said.keepIsOver('prod-db', 86_400_000)).toMatch(/^recordings of prod-db are kept /);
});

test('a word that is no id is shown, however long it is', () => {
  expect(said.notARecording('x'.repeat(99))).toBe(
    `Not an id: "${'x'.repeat(40)}". Give the id of a connection, a grant or a request`,
  );
});
