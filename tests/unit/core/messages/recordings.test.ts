import { expect, test } from '@jest/globals';
import { pageMessages } from '../../../../src/core/messages/page.ts';
import * as said from '../../../../src/core/messages/recordings.ts';
import { elapsedClock, playerStatus, severalRecordings } from '../../../../src/core/messages/recordings.ts';

const status = { at: 83_000, length: 4_000_000, speed: 1, title: 'alice@prod-db', isCut: false, marker: undefined };

test('the last row of the player has time, pace, what is played, and the keys', () => {
  expect(playerStatus({ ...status, state: 'playing' })).toMatch(/^ playing {2}1:23 \/ 1:06:40 {2}alice@prod-db {2}\|/);
  const paused = playerStatus({ ...status, state: 'paused', speed: 2, isCut: true, marker: '12 keys not kept' });
  expect(paused).toContain('  2x  alice@prod-db  PART OF THE SCREEN (enlarge your terminal)  [12 keys not kept]');
});

test('of a live connection it has no time, and one key', () => {
  expect(playerStatus({ ...status, state: 'live' })).toBe(' live  alice@prod-db  |  q quit');
  expect(playerStatus({ ...status, state: 'live', isCut: true })).toBe(
    ' live  alice@prod-db  PART OF THE SCREEN  |  q quit',
  );
});

test('a time since the beginning has hours only where there are some', () => {
  expect([0, 61_999, 3_661_000, -5].map(elapsedClock)).toEqual(['0:00', '1:01', '1:01:01', '0:00']);
});

test('many recordings are not all listed', () => {
  expect(severalRecordings('K7QF2M', ['A1', 'B2'])).toBe('K7QF2M has 2 recordings: A1, B2');
  const ids = Array.from({ length: 11 }, (_, n) => `ID${n}`);
  expect(severalRecordings('K7QF2M', ids)).toMatch(/has 11 recordings: .*ID9, \.\.\.$/);
});

test('what is wrong is said with the id or the path', () => {
  expect([
    said.readWhat(['replay', 'find']),
    said.notAnId('x'.repeat(99)),
    said.noSuchRecording('C1'),
    said.purgedRecording('C1', '2026-11-28', 'bob', 'GDPR'),
    said.missingRecording('C1'),
    said.encryptedRecording('C1'),
    said.wrongIdentity('C1'),
    said.identityNotReadable('/k'),
    said.neverShown('rm'),
    said.notLive('C1'),
    said.replayIt('C1'),
    said.outputNotWritten('/x', 'ENOSPC'),
  ]).toEqual([
    'Say what is read: replay, find',
    `Not an id: "${'x'.repeat(40)}"`,
    'there is no recording of C1',
    'the recording C1 was purged on 2026-11-28 by bob because: GDPR',
    'the file of the recording C1 is missing',
    'the recording C1 is encrypted',
    'this identity does not open the recording C1',
    'the identity /k cannot be read',
    '"rm" never stood on the screen',
    'the connection C1 is over',
    'see: tmux-gate replay C1',
    '/x cannot be written (ENOSPC)',
  ]);
});

test('what is going on is said', () => {
  expect([said.preparing(40), said.lookingFor('rm'), said.connectionOver('C1')]).toEqual([
    'Preparing to jump: 40%',
    'Looking for "rm" ...',
    'The connection C1 has ended.',
  ]);
  expect(pageMessages.title('alice', 'prod-db on prod-box')).toBe('alice in prod-db on prod-box');
});
