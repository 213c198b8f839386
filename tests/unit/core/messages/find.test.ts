// What `tmux-gate find` says.
import { expect, test } from '@jest/globals';
import * as said from '../../../../src/core/messages/find.ts';

test('a hit names whose it is, how often it stood there, and the command that shows it', () => {
  expect(said.foundIn('C1', 'alice', 'prod-db', '2026-11-28 10:00')).toBe(
    'C1  alice in prod-db, since 2026-11-28 10:00',
  );
  expect(said.oftenMark(3, '1:02')).toBe('  (3 times, last 1:02)');
  expect([said.seeIt('C1', '62s'), said.seeIt('C1', '')]).toEqual([
    'tmux-gate replay C1 --from 62s',
    'tmux-gate replay C1',
  ]);
});

test('what was not searched or not shown is said', () => {
  expect(said.encryptedNote(1)).toMatch(/^1 recording is encrypted and was not searched\. With its key/);
  expect(said.encryptedNote(2)).toMatch(/^2 recordings are encrypted and were not searched\. With their key/);
  expect(said.cutNote(100)).toMatch(/^Only the 100 newest texts are shown\./);
});

test('what is wrong, and what is going on', () => {
  expect([
    said.notAPattern('missing )'),
    said.identityUnreadable('/k', 'ENOENT'),
    said.indexUnwritable('/i', 'ENOSPC'),
    said.indexing(0, 7, 'C1'),
  ]).toEqual([
    'Not a regular expression of RE2: missing )',
    '/k cannot be read (ENOENT)',
    'The index /i cannot be written (ENOSPC)',
    'Indexing recording 1 of 7 (C1)',
  ]);
});
