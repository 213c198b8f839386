// What admins read in the host's own commands (src/core/messages), sentence by sentence.
import { describe, expect, test } from '@jest/globals';
import * as audit from '../../../../src/core/messages/audit.ts';
import * as doctor from '../../../../src/core/messages/doctor-report.ts';
import * as evidence from '../../../../src/core/messages/evidence.ts';
import * as host from '../../../../src/core/messages/host.ts';
import * as notices from '../../../../src/core/messages/notices.ts';
import * as policy from '../../../../src/core/messages/policy-check.ts';
import * as probe from '../../../../src/core/messages/probe-report.ts';

describe('audit', () => {
  test('a journal that is whole, and one that ends in the middle of a line', () => {
    const whole = { ok: true, records: 7, head: 'matches', torn: false };
    expect(audit.verifyReport(whole, [], [])).toEqual(['The journal is whole: 7 records, checkpoint matches.']);
    expect(audit.verifyReport({ ...whole, torn: true }, [], [])[1]).toMatch(/part of a line, which does not count/);
  });

  test('a journal that was changed: what head and anchor say, what was accepted, which lines', () => {
    const changed = { ok: false, records: 7, head: 'ahead', anchor: 'ahead', torn: false };
    const loss = audit.acceptedLoss({ line: 3, problem: 'it was cut', by: 'bob', reason: 'disk full' });
    const fault = audit.faultAt(5, audit.chainFaults.noSeal);
    expect(audit.verifyReport(changed, [loss], [fault])).toEqual([
      'The journal was CHANGED: 7 records, checkpoint ahead.',
      '  the checkpoint counts more records: records at the end are missing',
      '  this host wrote more records than are here: the journal was cut, rolled back or emptied',
      '  line 3: it was cut; accepted by bob: disk full',
      '  line 5 was not written by this host: it does not have its seal',
    ]);
    expect(audit.verifyReport({ ...changed, head: 'matches', anchor: undefined }, [], [])).toHaveLength(1);
  });

  test('records that were removed by age, and what is missing without that', () => {
    const trimmed = { records: 5, at: '2026-11-30T08:00:00.000Z' };
    expect(audit.verifyReport({ ok: true, records: 9, head: 'matches', torn: false, trimmed }, [], [])[1]).toBe(
      '  Records 1 to 5 were removed on 2026-11-30 under journal.keep; their hashes were verified.',
    );
    expect([audit.chainFaults.unsaidRemoval(6, 8), audit.journalProblems.noHashes(5)]).toEqual([
      'is the first one there: records 6 to 8 are missing, and no record says that they were removed',
      'the hashes of its first 5 records, which were removed, are not there',
    ]);
    expect(audit.exportMessages.removed('/c', 6)).toEqual([
      'records were removed by journal.keep before they were exported: the place in /c is before record 6',
      'to export what is there, from record 6 on, move the cursor file away',
    ]);
    expect([evidence.accessRemoved('K7QF2M', 6), evidence.mayBeRemoved('K7QF2M', 6)]).toEqual([
      'the journal does not have all of K7QF2M: records 1 to 5 were removed by journal.keep',
      'the journal has no request, grant or connection K7QF2M; records 1 to 5 were removed by journal.keep',
    ]);
  });

  test('single lines', () => {
    expect([audit.notARecord(3), audit.chainFaults.wrongNumber(5, 3), audit.chainFaults.cut(2)]).toEqual([
      'line 3 is not a journal record',
      'has number 5 where 3 was expected: lines were cut, swapped or inserted',
      'follows a cut: 2 signed records before it are missing',
    ]);
    expect(audit.setAside('/j')).toContain('mv /j /j.changed');
    expect(audit.misplacedRecord(5)).toMatch(
      /^line 5 of the journal is not record 5: .* nothing can be written after it$/,
    );
    expect(audit.accepted('bob', 9)).toMatch(/^Accepted by bob: .* after record 9\./);
  });
});

describe('doctor', () => {
  const paint = (verdict: string, text: string): string => `<${verdict}>${text}`;

  test('the last line counts, and names what is there alone', () => {
    expect(doctor.summaryLine({ all: 9, ok: 9, warn: 0, unknown: 0, fail: 0 }, paint)).toBe('9 checks: 9 in order.');
    expect(doctor.summaryLine({ all: 9, ok: 5, warn: 1, unknown: 1, fail: 2 }, paint)).toBe(
      '9 checks: 5 in order, <warn>1 warning, <unknown>1 could not be checked, <fail>2 FAILED.',
    );
    expect(doctor.summaryLine({ all: 1, ok: 1, warn: 0, unknown: 0, fail: 0 }, paint)).toBe('1 check: 1 in order.');
    expect(doctor.summaryLine({ all: 2, ok: 0, warn: 2, unknown: 0, fail: 0 }, paint)).toContain('2 warnings');
    expect([doctor.noSuchCheck('x'), doctor.andMore(3)]).toEqual(['there is no check x', ' and 3 more']);
  });
});

describe('policy check', () => {
  test('who may ask, and who would be refused', () => {
    expect(policy.mayAsk('alice', 'engineers', 'who')).toBe('alice (in engineers) may ask; rule: who');
    expect(policy.mayAsk(undefined, undefined, 'who')).toBe('Somebody in no group may ask; rule: who');
    expect(policy.wouldBeRefused(undefined, 'engineers', { code: 'NOT_ALLOWED', rule: 'who' })).toBe(
      'A member of engineers would be refused [NOT_ALLOWED]; rule: who',
    );
    expect(policy.mayReview('bob', undefined, 'r')).toBe('bob (in no group) may review; rule: r\n');
    expect(policy.mayNotReview('bob', 'x', 'oncall')).toBe('bob (in x) may not review; reviewers are oncall\n');
  });

  test('what a rule would do, and the rest', () => {
    expect(policy.ruleDoesNot('night', 'it is day')).toBe('rule night would not approve it: it is day');
    expect(policy.ruleApproves('night', undefined)).toBe('rule night would approve it without asking anybody');
    expect(policy.ruleApproves('night', 'jira')).toMatch(/, if jira says yes$/);
    expect([policy.inForce('insecure_x'), policy.inOrder('/p'), policy.noSession('x'), policy.idleEnd('5m')]).toEqual([
      'warning: insecure_x is in force\n',
      '/p is in order.\n',
      'There is no session "x".\n',
      '; disconnected after 5m without a key',
    ]);
    expect(policy.noAccount('dba')).toContain('useradd --create-home dba');
    expect(policy.sourceSilent('rota', 'no answer')).toBe('warning: on-call source rota names nobody: no answer\n');
  });
});

describe('probe', () => {
  test('the head, an attempt, a remedy', () => {
    const facts = { host: 'prod-box', port: 22, server: 'OpenSSH', hostKey: 'SHA256:x', login: 'alice' };
    expect(probe.headFacts(facts)[0]).toBe('Host      prod-box:22 (OpenSSH)');
    expect(probe.passphraseOf('~/.ssh/id')).toBe('Passphrase of ~/.ssh/id: ');
    expect(probe.triedAndSeen('sftp', 'refused')).toBe('sftp: refused');
    expect(probe.fixLine('add MaxSessions 1', ['a', 'b'])).toBe('Fix       add MaxSessions 1 (a, b)');
  });

  test.each([
    [1, 0, 'There are ways in beside the gate.'],
    [0, 1, 'Not all of it could be tried.'],
    [0, 0, 'The gate is the only way in.'],
  ])('%d open and %d unknown: %s', (open, unknown, said) => {
    expect(probe.summary({ all: 5, refused: 4, open, unknown })).toBe(
      `5 tried: 4 refused, ${open} OPEN, ${unknown} unknown. ${said}`,
    );
  });
});

test('the lines of the commands themselves', () => {
  expect(host.errorLines(host.ofOption('--for', 'no time'), 'see')).toBe('tmux-gate: --for: no time\nhint: see\n');
  expect(host.notALogin('x'.repeat(50))).toBe(`Not a login: "${'x'.repeat(40)}"`);
  expect(host.onlyForShow('verify')).toMatch(/^audit verify takes neither/);
  expect(host.outputLost('EPIPE')).toBe('the output cannot be written (EPIPE)');
  expect([host.waitLine('Looking', '2s'), host.plainWait('Looking')]).toEqual([
    'Looking (2s; Ctrl-C to cancel)',
    'Looking ...\n',
  ]);
  expect(host.versionLine('1', 'v26')).toBe('tmux-gate 1 (Node v26)\n');
});

test('notices that are held back, or were given up', () => {
  expect(notices.heldBack('alice', '10:00 UTC')).toBe('further notices like this one from alice, until 10:00 UTC');
  expect(notices.subject('alice asks')).toBe('[tmux-gate] alice asks');
  expect(notices.notSent.tooManyWait(9)).toBe('9 notices wait to be sent already');
});
