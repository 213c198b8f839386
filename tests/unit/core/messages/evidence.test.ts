// What `tmux-gate evidence` says.
import { expect, test } from '@jest/globals';
import * as said from '../../../../src/core/messages/evidence.ts';

const made = {
  ...{ file: 'evidence-prod-box-K7QF2M.tar', folder: 'evidence-prod-box-K7QF2M', of: 'Access K7QF2M' },
  ...{ bytes: 1, sha256: '5e', hostKey: 'tmux-gate/prod-box+1b+Ac', witnesses: ['w+1+A', 'x+2+B'], verifier: 'ab' },
};

test('the keys are told apart from the file, and the command to verify it is whole', () => {
  const text = said.evidenceMade(made);
  expect(text).toMatch(/^Access K7QF2M is in evidence-prod-box-K7QF2M\.tar \(1 kB\)\n/);
  expect(text).toContain('  Witness  w+1+A\n           x+2+B\n');
  expect(text).toContain(
    '  tar xf evidence-prod-box-K7QF2M.tar && ' +
      'sh evidence-prod-box-K7QF2M/verify.sh --key tmux-gate/prod-box+1b+Ac evidence-prod-box-K7QF2M.tar\n',
  );
});

test('a file without a witness says what that means; a large one has its size in megabytes', () => {
  const text = said.evidenceMade({ ...made, witnesses: [], bytes: 2_345_678 });
  expect(text).toContain('(2.3 MB)');
  expect(text).toContain(
    'Witness  none: nobody but this host signed. Whoever holds its key could have written another',
  );
});

test('of a period, the seed is told, and one access is no accesses', () => {
  expect(said.evidenceMade(made, { count: 25, seed: '4711' })).toContain('\n  Seed     4711 (draws 25)\n');
  expect([
    said.periodOf('2026-Q3', { accesses: 1, exceptions: 1 }),
    said.periodOf('2026-Q3', { accesses: 2, exceptions: 0 }),
  ]).toEqual(['Period 2026-Q3 (1 access, 1 exception)', 'Period 2026-Q3 (2 accesses, 0 exceptions)']);
  expect([said.ofAPeriod('seed'), said.notAPeriod('Q9'), said.notBegun('2030-Q1')]).toEqual([
    '--seed belongs to --period',
    'Q9 is no period',
    '2030-Q1 has not begun',
  ]);
});

test('an access that is not over says until when it may go on', () => {
  expect(said.notOverYet(0)).toMatch(
    /^Note: this access is not over \(it ends 1970-01-01 00:00:00 UTC at the latest\)\. /,
  );
  expect(said.notOverYet(undefined)).toMatch(/^Note: this access is not over\. The file has what there is so far\./);
});

test('what is wrong, and what is missing', () => {
  expect([
    said.noSuchAccess('K7'),
    said.didYouMean('K7'),
    said.notAnId('K-7'),
    said.cannotProveRecord(7),
    said.fileIsThere('/x'),
    said.cannotWrite('/x', 'ENOSPC'),
    said.accessOf('K7', 'alice', 'prod-db'),
    said.notRecorded('C1').trim(),
    said.notRecordedYet('C1').trim(),
  ]).toEqual([
    'the journal has no request, grant or connection K7',
    'did you mean K7? tmux-gate history lists all',
    'K-7 is no id: ids have letters and digits, such as K7QF2M',
    'record 7 of the journal is not what this host signed, so nothing can be proved from it',
    '/x is already there, and evidence is never overwritten',
    '/x cannot be written: ENOSPC',
    'Access K7 (alice, prod-db)',
    'Note: there is no recording of connection C1 any more, or there was none. The file says so too.',
    'Note: connection C1 is still there, and nothing of its recording is in the journal yet, so nothing of it is in the file.',
  ]);
});
