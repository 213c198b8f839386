// What root reads on the host: audit, doctor, policy check, probe.
import { expect, test } from '@jest/globals';
import {
  accepted,
  acceptedLoss,
  faultAt,
  notARecord,
  setAside,
  verifyReport,
  type Verified,
} from '../../../../src/core/messages/audit.ts';
import { andMore, noSuchCheck, summaryLine } from '../../../../src/core/messages/doctor-report.ts';
import {
  errorLines,
  notALogin,
  ofOption,
  onlyForShow,
  outputLost,
  plainWait,
  versionLine,
  waitLine,
} from '../../../../src/core/messages/host.ts';
import { byApprovalLink, notSent, subject } from '../../../../src/core/messages/notices.ts';
import {
  idleEnd,
  inForce,
  inOrder,
  mayAsk,
  mayNotReview,
  mayReview,
  noAccount,
  noSession,
  ruleApproves,
  ruleDoesNot,
  sourceSilent,
  wouldBeRefused,
} from '../../../../src/core/messages/policy-check.ts';
import { fixLine, headFacts, passphraseOf, summary, triedAndSeen } from '../../../../src/core/messages/probe-report.ts';

test('errors and waits', () => {
  expect(errorLines(ofOption('--login', notALogin('a b')), onlyForShow('verify'))).toBe(
    'tmux-gate: --login: Not a login: "a b"\nhint: audit verify takes neither --since nor --login; audit show does\n',
  );
  expect([outputLost('ENOSPC'), plainWait('Looking'), waitLine('Looking', '3s')]).toEqual([
    'the output cannot be written (ENOSPC)',
    'Looking ...\n',
    'Looking (3s; Ctrl-C to cancel)',
  ]);
  expect(versionLine('1.0.0', 'v24.0.0')).toBe('tmux-gate 1.0.0 (Node v24.0.0)\n');
  expect([subject('x'), byApprovalLink, notSent.tooManyWait(3)]).toEqual([
    ...['[tmux-gate] x', 'by approval link', '3 notices wait to be sent already'],
  ]);
});

test('audit: whole, or what is wrong with the chain, the head and the anchor', () => {
  const whole: Verified = { ok: true, records: 3, head: 'matches', torn: false };
  expect(verifyReport(whole, [], [])).toEqual(['The journal is whole: 3 records, signed head matches.']);
  const loss = acceptedLoss({ line: 2, problem: 'is cut', by: 'root', reason: 'restored' });
  const changed: Verified = { ok: false, records: 3, head: 'ahead', anchor: 'differs', torn: true };
  expect(verifyReport(changed, [loss], [faultAt(3, 'is not a journal record')])).toEqual([
    'The journal was CHANGED: 3 records, signed head ahead.',
    '  It ends with part of a line, which does not count: left by a crash, or being written now.',
    '  the signed head counts more records: records at the end are missing',
    '  this host wrote other records than these: the journal was replaced or rolled back',
    '  line 2: is cut; accepted by root: restored',
    '  line 3 is not a journal record',
  ]);
  expect(accepted('root', 7)).toMatch(/^Accepted by root: the journal continues after record 7\./);
  expect([notARecord(3), setAside('/j')]).toEqual([
    'line 3 is not a journal record',
    'keep it as evidence under another name: mv /j /j.changed; then accept again',
  ]);
});

test('doctor: how many are not in order', () => {
  const marked = (verdict: string, text: string): string => `<${verdict} ${text}>`;
  expect(summaryLine({ all: 3, ok: 3, warn: 0, unknown: 0, fail: 0 }, marked)).toBe('3 checks: 3 in order.');
  expect(summaryLine({ all: 9, ok: 3, warn: 1, unknown: 3, fail: 2 }, marked)).toBe(
    '9 checks: 3 in order, <warn 1 warning>, <unknown 3 could not be checked>, <fail 2 FAILED>.',
  );
  expect(summaryLine({ all: 8, ok: 0, warn: 8, unknown: 0, fail: 0 }, marked)).toContain('8 warnings');
  expect(noSuchCheck('x') + andMore(2)).toBe('there is no check x and 2 more');
});

test('policy check: who may, and by which rule', () => {
  expect(mayAsk(undefined, 'engineers', 'r')).toBe('A member of engineers may ask; rule: r');
  expect(mayAsk('alice', 'engineers', 'r')).toBe('alice (in engineers) may ask; rule: r');
  expect(wouldBeRefused(undefined, undefined, { code: 'NOT_ALLOWED', rule: 'r' })).toBe(
    'Somebody in no group would be refused [NOT_ALLOWED]; rule: r',
  );
  expect(mayReview('bob', undefined, 'r')).toBe('bob (in no group) may review; rule: r\n');
  expect(mayNotReview('bob', 'engineers', 'oncall')).toBe('bob (in engineers) may not review; reviewers are oncall\n');
  expect([ruleDoesNot('rota', 'it is for x'), ruleApproves('rota', undefined), ruleApproves('rota', 'jira')]).toEqual([
    'rule rota would not approve it: it is for x',
    'rule rota would approve it without asking anybody',
    'rule rota would approve it without asking anybody, if jira says yes',
  ]);
  expect([inForce('insecure_http'), inOrder('/p'), noAccount('dba'), sourceSilent('s', 'why'), noSession('x')]).toEqual(
    [
      'warning: insecure_http is in force\n',
      '/p is in order.\n',
      'There is no account dba here; run useradd --create-home dba.',
      'warning: on-call source s names nobody: why\n',
      'There is no session "x".\n',
    ],
  );
  expect(idleEnd('15m')).toBe('; disconnected after 15m without a key');
});

test('probe: what was found, and what to do', () => {
  const facts = { host: 'prod-box', port: 22, server: 'OpenSSH', hostKey: 'SHA256:x', login: 'alice' };
  expect(headFacts(facts)[0]).toBe('Host      prod-box:22 (OpenSSH)');
  expect(summary({ all: 2, refused: 2, open: 0, unknown: 0 })).toBe(
    '2 tried: 2 refused, 0 OPEN, 0 unknown. The gate is the only way in.',
  );
  expect(summary({ all: 2, refused: 1, open: 1, unknown: 0 })).toContain('There are ways in beside the gate.');
  expect(summary({ all: 2, refused: 1, open: 0, unknown: 1 })).toContain('Not all of it could be tried.');
  expect([fixLine('MaxSessions 1', ['a', 'b']), triedAndSeen('x', 'y'), passphraseOf('/k')]).toEqual([
    'Fix       MaxSessions 1 (a, b)',
    'x: y',
    'Passphrase of /k: ',
  ]);
});
