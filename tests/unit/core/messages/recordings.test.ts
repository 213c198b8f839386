import { expect, test } from '@jest/globals';
import { elapsedClock, playerStatus, severalRecordings } from '../../../../src/core/messages/recordings.ts';

const status = { at: 83_000, length: 4_000_000, speed: 1, title: 'alice@prod-db', isCut: false, marker: undefined };

test('the last row of the player has time, pace, what is played, and the keys', () => {
  expect(playerStatus({ ...status, state: 'playing' })).toMatch(/^ playing {2}1:23 \/ 1:06:40 {2}alice@prod-db {2}\|/);
  const paused = playerStatus({ ...status, state: 'paused', speed: 2, isCut: true, marker: '12 keys not kept' });
  expect(paused).toContain('  2x  alice@prod-db  PART OF THE SCREEN (enlarge your terminal)  [12 keys not kept]');
});

test('of a live connection it has no time, and one key', () => {
  expect(playerStatus({ ...status, state: 'live' })).toBe(' live  alice@prod-db  |  q quit');
});

test('a time since the beginning has hours only where there are some', () => {
  expect([0, 61_999, 3_661_000, -5].map(elapsedClock)).toEqual(['0:00', '1:01', '1:01:01', '0:00']);
});

test('many recordings are not all listed', () => {
  expect(severalRecordings('K7QF2M', ['A1', 'B2'])).toBe('K7QF2M has 2 recordings: A1, B2');
  const ids = Array.from({ length: 11 }, (_, n) => `ID${n}`);
  expect(severalRecordings('K7QF2M', ids)).toMatch(/has 11 recordings: .*ID9, \.\.\.$/);
});
