// What root reads of `backup` and `restore`.
import { expect, test } from '@jest/globals';
import * as messages from '../../../../src/core/messages/backup.ts';

test('backup says what it holds, restore what is to be done next', () => {
  expect(messages.backupWritten('/b', '3 MiB', 0)).toMatch(
    /^Wrote \/b \(3 MiB\): .*\nIt holds this host's signing key/,
  );
  expect([1, 2].map((count) => messages.backupWritten('/b', '3 MiB', count).split('\n')[1])).toEqual([
    'It is encrypted to one recipient: without an identity of theirs nobody opens it, nor does this host.',
    'It is encrypted to 2 recipients: without an identity of theirs nobody opens it, nor does this host.',
  ]);
  expect(messages.identityNotReadable('/i')).toBe('the identity /i cannot be read');
  expect(messages.restored('/b')).toMatch(
    /^Restored \/b\..*\n {2}tmux-gate audit accept --reason .*\n {2}systemctl restart/,
  );
  expect([messages.onlyRoot('backup'), messages.asRoot('backup')]).toEqual([
    ...['only root may backup', 'sudo tmux-gate backup'],
  ]);
  expect([messages.nothingToBackUp('/s'), messages.journalHere('/j'), messages.moveAside('/s')]).toEqual([
    ...['there is no state in /s', 'there is a journal here already: /j', 'keep it as evidence: mv /s /s.before'],
  ]);
  expect([messages.backupFailed('ENOSPC'), messages.restoreFailed('x')]).toEqual([
    ...['the backup is not complete: ENOSPC', 'nothing that was restored can be used: x'],
  ]);
  expect([messages.tarSaid('2', ''), messages.tarSaid('2', 'no')]).toEqual([
    'tar ended with 2',
    'tar ended with 2: no',
  ]);
});
