// What `tmux-gate audit` says of journal, checkpoints and recordings.
import { describe, expect, test } from '@jest/globals';
import * as said from '../../../../src/core/messages/audit.ts';
import { nowAttached, recordingEnds } from '../../../../src/core/messages/ends.ts';
import * as log from '../../../../src/core/messages/audit-log.ts';

describe('audit verify', () => {
  test('names what is wrong with a line, and which', () => {
    const { chainFaults, journalProblems } = said;
    expect(said.faultAt(3, chainFaults.wrongNumber(5, 3))).toBe(
      'line 3 has number 5 where 3 was expected: lines were cut, swapped or inserted',
    );
    expect(said.faultAt(9, chainFaults.cut(2))).toBe('line 9 follows a cut: 2 signed records before it are missing');
    expect(chainFaults.otherHead(4)).toBe('holds a checkpoint that contradicts the first 4 records');
    expect([
      journalProblems.otherRoot(4),
      journalProblems.cut(5),
      journalProblems.atRecord(3, chainFaults.edited),
      journalProblems.notThere(6),
      journalProblems.notAtItsPlace(7),
    ]).toEqual([
      'its first 4 records are not the ones that this host signed',
      'it ends before record 5, which this host signed: it was cut or rolled back',
      'its record 3 is not the record that was signed: it was edited or replaced',
      'its record 6 is not there',
      'its line 7 is not record 7',
    ]);
    expect(said.notARecord(3)).toBe('line 3 is not a journal record');
  });

  test('says whether the journal is whole, what was accepted, and that a line is torn', () => {
    expect([0, 1, 3].map((segments) => said.onDiskLine({ segments, bytes: 201 * 1024 * 1024 }))).toEqual([
      'It is one file of 201 MiB.',
      'It is 2 files of 201 MiB together: 1 segment that journal.rotate closed, and the one that grows.',
      'It is 4 files of 201 MiB together: 3 segments that journal.rotate closed, and the one that grows.',
    ]);
    expect(said.verifyReport({ ok: true, records: 7, head: 'matches', torn: true }, ['a loss'], [])).toEqual([
      'The journal is whole: 7 records, checkpoint matches.',
      '  It ends with part of a line, which does not count: left by a crash, or being written now.',
      '  a loss',
    ]);
    const changed = { ok: false, records: 7, head: 'ahead', anchor: 'ahead', torn: false };
    expect(said.verifyReport(changed, [], ['line 3 x'])).toEqual([
      'The journal was CHANGED: 7 records, checkpoint ahead.',
      '  the checkpoint counts more records: records at the end are missing',
      '  this host wrote more records than are here: the journal was cut, rolled back or emptied',
      '  line 3 x',
    ]);
  });

  test('lists of kept checkpoints those that do not match, and where the first difference is', () => {
    const checkpoints = [
      { from: 'a', records: 3, state: 'matches' },
      { from: 'b', records: 9, state: 'ahead' },
      { from: 'c', state: 'new' },
    ];
    expect(log.keptReport({ ok: false, checkpoints, proved: 3, first: { from: 4, to: 6 } })).toEqual([
      'Kept checkpoints: 1 of 3 match; they prove the first 3 records.',
      '  The first record that is not what was signed is one of 4 to 6.',
      '  b (9 records) counts more records: records at the end are missing, or this is another history',
      '  c new',
    ]);
    expect(log.keptReport({ ok: true, checkpoints: [], proved: 0 })).toHaveLength(1);
  });

  test('says of recordings whether all are as they were recorded', () => {
    expect(log.recordingsReport({ recordings: 0, faults: [], unproved: [] })).toEqual([]);
    expect(log.recordingsReport({ recordings: 2, faults: [], unproved: [] })).toEqual([
      'Recordings: 2 with digests in the journal, all as they were recorded.',
    ]);
    const faults = [{ connection: 'C1', line: 9, problem: log.recordingFaults.cut }];
    expect(log.recordingsReport({ recordings: 2, faults, unproved: [] })).toEqual([
      'Recordings: 2 with digests in the journal, not all as they were recorded.',
      '  recording C1 is shorter than it was (record 9)',
    ]);
    const file = '/mnt/copy/2026-11-29/C1';
    const [missing, changed] = [
      { connection: 'C1', line: 9, problem: log.recordingFaults.missing, file },
      { connection: 'C1', line: 9, problem: log.recordingFaults.changed, file, bytes: { from: 20, to: 44 } },
    ];
    expect(log.recordingsReport({ recordings: 1, faults: [missing, changed], unproved: [] }).slice(1)).toEqual([
      '  recording C1 is not there, and nobody purged it (record 9; /mnt/copy/2026-11-29/C1)',
      '  recording C1 is not what was recorded: it was edited or replaced (record 9; bytes 20 to 44 of /mnt/copy/2026-11-29/C1)',
    ]);
    expect([log.recordingsNotLooked, log.logMessages.noFolder('/x')]).toEqual([
      'Recordings: not looked at; name a copy of their folder with --recordings.',
      '/x is no folder that can be read',
    ]);
  });
});

test('what is not proved of a recording is said, and is no fault', () => {
  expect(log.recordingsReport({ recordings: 1, faults: [], unproved: [{ connection: 'C2', bytes: 9 }] })).toEqual([
    'Recordings: 1 with digests in the journal, all as they were recorded.',
    '  recording C2: its last 9 bytes are not proved: it is live, or a crash came before their digest',
  ]);
  expect(recordingEnds.late(9)).toBe('its last 9 bytes got their digest only from a later keeper');
});

test('audit accept says by whom, and that it stays visible', () => {
  expect(said.accepted('bob', 7)).toMatch(
    /^Accepted by bob: the journal continues after record 7\. .* will show this\.\n/,
  );
  expect(said.setAside('/j')).toBe('keep it as evidence under another name: mv /j /j.changed; then accept again');
  expect(said.acceptedLoss({ line: 3, problem: 'x', by: 'bob', reason: 'disk' })).toBe(
    'line 3: x; accepted by bob: disk',
  );
});

test('audit export says what stops it, and that nothing is lost', () => {
  expect(said.exportMessages.otherJournal('/c')[0]).toMatch(/^the journal is not the one .* in \/c$/);
  expect(said.exportMessages.failed('x')).toEqual([
    'the journal could not be exported: x',
    'what was exported before is kept; run it again when this is mended',
  ]);
  expect(said.exportMessages.notTaken('syslog', 'x')).toBe(
    'syslog does not take the records: x. Trying again until it does.',
  );
  expect(said.exportMessages.takesAgain('syslog')).toBe('syslog takes the records again.\n');
});

test('an option of another command, and a file that cannot be read', () => {
  expect(log.logMessages.onlyFor('show', '--key')).toBe('audit show does not take --key');
  expect(log.logMessages.cannotRead('/x')).toBe('/x cannot be read');
});

test('what systemctl status shows of the keeper', () => {
  expect(nowAttached(2)).toBe('ready, 2 attached');
});
