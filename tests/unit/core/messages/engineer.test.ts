// What an engineer and their approver read, sentence by sentence.
import { expect, test } from '@jest/globals';
import * as asking from '../../../../src/core/messages/asking.ts';
import * as attached from '../../../../src/core/messages/attached.ts';
import { neededOf } from '../../../../src/core/messages/approvers.ts';
import * as breakGlass from '../../../../src/core/messages/break-glass.ts';
import { failures, loginLocked, sessionUnfit } from '../../../../src/core/messages/ends.ts';
import { inOneLine, waitDetails } from '../../../../src/core/messages/gate.ts';
import * as request from '../../../../src/core/messages/request.ts';
import * as review from '../../../../src/core/messages/review.ts';
import * as waiting from '../../../../src/core/messages/waiting.ts';

const minute = 60_000;
const slip = { code: 'LONG_REASON', say: 'The reason is too long.', hint: 'name the ticket' };
const end = Date.UTC(2026, 0, 1, 3, 12, 9);
const place = { session: 'prod-db', host: 'prod-box' };

test('which session, why and for how long', () => {
  expect([
    asking.sessionLine(1, asking.openSession('prod-db', 'dba', end)),
    asking.sessionLine(2, asking.closedSession('prod-web', 'web', 60 * minute, 'oncall')),
    asking.noSuchChoice(2),
    ...asking.askingLines({ ...place, account: 'dba', who: 'alice (alice@example.com)' }),
    asking.reasonPrompt({}),
    asking.reasonPrompt({ hint: 'ticket and what' }),
    asking.reasonPrompt({ hint: 'ticket and what', example: 'INC-1 lag' }),
    asking.reasonSlip({ ...slip, code: 'BAD_REASON' }, {}),
    asking.reasonSlip({ ...slip, code: 'BAD_REASON' }, { hint: 'ticket and what', example: 'INC-1 lag' }),
    asking.reasonSlip(slip, {}),
    asking.durationPrompt(2 * minute, 60 * minute),
  ]).toEqual([
    '    1  prod-db  as dba, you have access until 03:12:09 UTC',
    '    2  prod-web  as web, at most 1h, approved by oncall',
    '  Type a number from 1 to 2, or the name of a session.',
    '  Requesting prod-db on prod-box as alice (alice@example.com). You will be dba there.',
    '',
    '  Reason: ',
    '  Reason (ticket and what): ',
    '  Reason (ticket and what), for example "INC-1 lag": ',
    '  That is not the form of a reason here. Write: say it in a few words.',
    '  That is not the form of a reason here. Write: ticket and what, for example "INC-1 lag".',
    '  The reason is too long. Name the ticket.',
    '  How long? [default 2m, max 1h] ',
  ]);
});

test('a time that cannot be taken is answered with times that can', () => {
  expect(asking.durationSlip(120 * minute, 60 * minute)).toBe('  2h is over the 1h limit. Try 45s, 20m or 1h.');
  expect(asking.durationSlip(undefined, 10 * minute)).toBe('  That is not a time. Try 45s or 10m.');
  expect(asking.durationSlip(undefined, 30_000)).toBe('  That is not a time. Try 30s.');
});

test('what a rule says that approves by itself, or does not', () => {
  const { tooLong, notFor, notOnCall, ticketSilent, ticketSaysNo } = asking.ruleFaults;
  const whys = [tooLong(minute), notFor(['a', 'b']), notOnCall(['x', 'y']), ticketSilent('jira'), ticketSaysNo('jira')];
  for (const why of whys)
    expect(asking.notByRule('rota', why)).toBe(`  Not approved automatically by rule rota: ${why}.`);
  expect(asking.askingTicket('jira')).toContain('jira');
  expect(asking.byRule('rota', undefined)).toBe("  Approved automatically by rule rota of this host's policy.");
  expect(asking.byRule('rota', 'INC-1 is open')).toMatch(/policy: INC-1 is open$/);
});

test('a wait says how long, and which key leaves, as far as there is room', () => {
  expect(waitDetails({ waited: '5s', left: '1m' }, 'q')).toEqual([
    ' (1m left). Press q to cancel.',
    ' (1m left; q cancels)',
    ' (1m left)',
  ]);
  expect(waitDetails({ waited: '5s', left: undefined }, 'q')[0]).toBe(' (5s). Press q to cancel.');
  expect(inOneLine('NO_FILES', 'No files.', 'attach')).toBe('tmux-gate: No files. [NO_FILES] hint: attach');
  expect(waiting.waitingFor('K7QF2M')).toBe('Waiting for approval of K7QF2M');
});

test('a sign-in says for what it is, with a picture where there is room', () => {
  const asked = { host: 'prod-box', purpose: waiting.purposes.signIn('alice'), link: 'https://id', code: 'AB', qr: [] };
  const bare = ['', '  tmux-gate on prod-box: sign in as alice', '', '  Open  https://id', '  Code  AB', ''];
  expect(waiting.invitation(asked)).toEqual(bare);
  expect(waiting.invitation({ ...asked, qr: ['##'] })).toHaveLength(bare.length + 2);
  expect(waiting.purposes.review('approve', ['A', 'B'])).toBe('APPROVE A B');
  expect(waiting.signedIn('alice@example.com')).toContain('alice@example.com');
});

test('an answer says by whom, and whether it is less than was asked for', () => {
  expect(waiting.approvedBy(['bob', 'carol'])).toBe('  Approved by bob, carol.');
  const lines = [waiting.approverSays('bob', 'go'), waiting.shortenedTo(3 * minute, 10 * minute)];
  expect(lines).toEqual(['  bob: go', '  Shortened to 3m; you asked for 10m.']);
  expect(lines.map(waiting.saysShortened)).toEqual([false, true]);
});

test('a request for whoever waits, and for whoever decides', () => {
  expect(request.requestHead('K7QF2M')).toBe('  Request K7QF2M');
  expect(request.requestHead('K7QF2M', 'approve')).toBe('  You are about to APPROVE request K7QF2M');
  expect(request.shorterLine(3 * minute, 10 * minute)).toBe('  You grant 3m (asked 10m)');
  expect(request.approversLine(neededOf(1, 'oncall'), [], false)).toBe('  Needs     1 approval from oncall');
  expect(request.approversLine(neededOf(2, 'oncall'), ['bob'], true)).toBe(
    '  Needs     2 approvals from oncall: bob, …',
  );
  expect(request.approversLine(neededOf(2, 'oncall'), ['bob'], false)).toMatch(/: bob$/);
  expect(request.forwardLine('prod-box', 'K7QF2M')).toContain('ssh prod-box approve K7QF2M');
});

test('what came of a review', () => {
  const approved = { id: 'K7QF2M', login: 'alice', place, kind: 'type', end, isModerated: false } as const;
  expect([
    review.approvedLine(approved),
    review.approvedLine({ ...approved, kind: 'view', isModerated: true }),
    review.approvedLine({ ...approved, end: undefined }),
    review.reviewedTooLate('K7QF2M', 'approve'),
    review.reviewedTooLate('K7QF2M', 'deny'),
    review.lessTime('ssh prod-box extend 5m'),
    review.lessTime(undefined),
  ]).toEqual([
    'Approved K7QF2M: alice can now use prod-db until 03:12:09 UTC.',
    'Approved K7QF2M: alice can now watch prod-db until 03:12:09 UTC. To let them type, watch: ssh -t prod-box prod-db --view',
    'Approved K7QF2M, but the access of alice to prod-db has ended again.',
    'Request K7QF2M was answered or withdrawn before your approval counted.',
    'Request K7QF2M was answered or withdrawn before.',
    'ssh prod-box extend 5m',
    'again later, when less time is left',
  ]);
  for (const line of [review.deniedLine('K7'), review.decidedElsewhere('K7', 'box'), review.moreApprovalsNeeded('K7')])
    expect(line).toContain('K7');
  expect(review.extendedLine('K7', place, end, minute)).toBe(
    'Extended K7: prod-db on prod-box until 03:12:09 UTC (1m left).',
  );
  expect(review.gaveBack({ id: 'G', request: 'K7', session: 'prod-db' })).toBe('Gave back G (request K7) for prod-db.');
  expect(review.grantProblems.noTime('x')).toContain('extend 15m');
  expect(review.grantProblems.several(['A', 'B'])).toMatch(/A, B$/);
});

test('what is said of access while it lasts, and when it ends', () => {
  expect([
    attached.welcome(place, end, minute),
    attached.stillEnding('prod-db'),
    attached.reminder(58_000),
    attached.moreTime('prod-box'),
    attached.movedEnd(end, true),
    attached.movedEnd(end, false),
    ...attached.expiredLines(place, end, false),
    attached.revokedWhy(place, 'bob', ''),
    attached.revokedWhy(place, 'bob', 'wrong host'),
    attached.lockedWhy('bob', ''),
    attached.lockedWhy('bob', 'leaves'),
    attached.ungatedWhy('alice'),
    ...attached.endLines('gone'),
    ...attached.detachedLines('prod-box', end, 'prod-db'),
  ]).toEqual([
    '  prod-db on prod-box until 03:12:09 UTC (1m left).',
    '  The last prod-db is still ending. A new one starts right after it.',
    '58s left',
    'More time: ssh prod-box extend 10m',
    'access extended until 03:12:09 UTC',
    'access shortened until 03:12:09 UTC',
    'tmux-gate: Your access to prod-db on prod-box has ended (2026-01-01 03:12:09 UTC).',
    'To ask again: ssh -t prod-box prod-db',
    'your access to prod-db on prod-box was revoked by bob',
    'your access to prod-db on prod-box was revoked by bob: wrong host',
    'your login was locked by bob',
    'your login was locked by bob: leaves',
    'login alice may no longer use tmux-gate on this host',
    'tmux-gate: Gone.',
    'tmux-gate: Detached. Access lasts until 03:12:09 UTC. Reattach: ssh -t prod-box prod-db',
  ]);
  expect(attached.expiredLines(place, end, true)[1]).toContain('ssh prod-box break-glass review');
  expect(attached.takenAwayLines(attached.withdrawnWhy(place))[0]).toMatch(
    /^tmux-gate: Your access to .* was withdrawn/,
  );
  expect(attached.clientGoneLines(place, attached.clientWasKilled)[0]).toContain('was killed');
  expect(attached.recordingFailedLines('prod-box').join()).toContain('[RECORDING_DOWN]');
  expect(attached.noSpaceLines('prod-box').join()).toContain('[RECORDINGS_FULL]');
});

test('break-glass codes, and words for records and alarms', () => {
  expect([breakGlass.voided(1), breakGlass.voided(2)]).toEqual(['Voided 1 code.', 'Voided 2 codes.']);
  expect(breakGlass.useWaits('alice')).toContain('alice');
  expect(breakGlass.reviewed('alice', 'prod-db', end)).toMatch(/Break-glass codes work again\.$/);
  expect(breakGlass.codeProblems.howMany(20)).toContain('1 to 20');
  expect(breakGlass.codeProblems.full(50)).toContain('50');
  expect([loginLocked(''), loginLocked('leaves')]).toEqual(['login locked', 'login locked: leaves']);
  expect(failures.ticket('jira')).toContain('jira');
  expect(failures.onCall('rota')).toContain('rota');
  expect(failures.recordingChanged('C1', 'cut')).toBe('the recording of connection C1 was changed from outside (cut)');
  expect(sessionUnfit.atStart('x')).toBe('at start: x');
});
