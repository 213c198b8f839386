// What people read of a request for several hosts, and of listings of the fleet (src/core/messages: batch, fleet).
import { describe, expect, test } from '@jest/globals';
import {
  askedElsewhere,
  askingHosts,
  batchDecidedElsewhere,
  batchEnds,
  batchHead,
  batchLines,
  batchProblems,
  notEndedThere,
  onHosts,
  openLine,
  patternProblem,
  refusedThere,
  silentThere,
  withdrew,
} from '../../../../src/core/messages/batch.ts';
import { fleetNotes, ofHost } from '../../../../src/core/messages/fleet.ts';
import { revokedFor } from '../../../../src/core/messages/taking-away.ts';
import { person } from '../sample.ts';

const webs = ['web-01', 'web-02', 'web-03'];
const at = Date.UTC(2026, 10, 30, 12, 0);

describe('a request for several hosts', () => {
  const shown = {
    ...{
      who: person('alice'),
      address: '10.0.0.7',
      session: 'prod-db',
      reason: 'INC-1 look',
      requestedAt: at,
      askedOn: 'bastion',
    },
    on: [
      { hosts: [...webs, 'db-2'], account: 'dba', login: 'alice', durationMs: 1_800_000 },
      { hosts: ['db-1'], account: 'postgres', login: 'alice2', durationMs: 600_000 },
    ],
    notOn: [
      refusedThere(['web-04'], { says: 'There is no session "prod-db" on web-04.', code: 'UNKNOWN_SESSION', hint: '' }),
    ],
  };

  test('names who, where, as whom, why, and which hosts are missing', () => {
    expect(batchLines(shown)).toEqual([
      '  Who       alice (alice@example.com)',
      '  From      10.0.0.7 (unverified)',
      '  Session   prod-db on db-2, web-[01-03], as dba, for 30m',
      '  Session   prod-db on db-1, as postgres (there: alice2), for 10m',
      '  Reason    INC-1 look',
      '  Not on    web-04: There is no session "prod-db" on web-04. [UNKNOWN_SESSION]',
      '  Asked     2026-11-30 12:00:00 UTC on bastion',
    ]);
    expect(batchLines({ ...shown, mode: 'view' })).toContain('  Mode      view only, cannot type');
  });

  test('has a heading for whoever asks and for whoever decides', () => {
    expect(batchHead('K7QF2M', 3)).toBe('  Request K7QF2M for 3 hosts');
    expect(batchHead('K7QF2M', 1, 'approve')).toBe('  You are about to APPROVE request K7QF2M for 1 host');
    expect(askingHosts(40)).toBe('Asking 40 hosts');
    expect(silentThere(webs)).toContain('web-[01-03]: no answer');
  });

  test('lets nothing through that moves a cursor or adds a line', () => {
    const evil = 'x\u001b[2J\ny';
    const said = [
      ...batchLines({ ...shown, session: evil, reason: evil, address: evil, on: [{ ...shown.on[0]!, account: evil }] }),
      ...[
        refusedThere([evil], { says: evil, code: evil, hint: evil }),
        openLine(evil, evil),
        ofHost(evil),
        fleetNotes.refused(evil, evil),
      ],
      ...[batchProblems.target(evil), onHosts([evil], 'x')],
    ];
    expect(said.filter((line) => !line.startsWith('"') && /[\u001b\n]/.test(line))).toEqual([]);
  });
});

test('each end is one line for all hosts that have it', () => {
  expect([
    batchEnds.approved(webs, at, 'bob'),
    batchEnds.denied(webs, 'bob', 'not now'),
    batchEnds.denied(webs, '', ''),
    batchEnds.withdrawn(webs),
    batchEnds.lapsed(webs),
    batchEnds.over(webs),
    batchEnds.pending(webs),
    batchEnds.refused(webs, { says: 'No.', code: 'NOT_ALLOWED', hint: 'ask' }),
    batchEnds.silent(webs),
  ]).toEqual([
    'Approved on web-[01-03] until 12:00:00 UTC, by bob.',
    'Denied on web-[01-03] by bob: not now',
    'Denied on web-[01-03].',
    'Withdrawn on web-[01-03].',
    'Approved on web-[01-03], but by then you might no longer ask for it.',
    'Access to web-[01-03] was given, and has ended again.',
    'Nobody answered for web-[01-03] in time. Call whoever is on call, then ask again.',
    'Not on web-[01-03]: No. [NOT_ALLOWED] (ask)',
    'No answer from web-[01-03]: the keeper there is away, or does not trust this host. Ask there: ssh -t HOST',
  ]);
  expect(openLine('web-01', 'prod-db')).toBe('Connect:  ssh -t web-01 prod-db');
  expect(batchDecidedElsewhere('K7QF2M', webs)).toBe('Your review of K7QF2M was sent to web-[01-03], which decide.');
  expect(batchDecidedElsewhere('K7QF2M', ['a'])).toBe('Your review of K7QF2M was sent to a, which decides.');
  expect(onHosts(webs, 'Denied X.')).toBe('web-[01-03]: Denied X.');
  expect(revokedFor('alice', 'prod-db')).toBe('revoked alice for prod-db;');
  expect([withdrew('K7QF2M'), askedElsewhere('K7QF2M', 'web-01')]).toEqual([
    'Withdrawn: K7QF2M.',
    'K7QF2M was asked for on web-01. Type: ssh web-01 withdraw K7QF2M',
  ]);
  expect(notEndedThere(webs, 'K7QF2M')).toContain('web-[01-03]: NOT revoked');
});

test('what is wrong with a pattern is said with the part that is wrong', () => {
  const faults = (['form', 'unknown', 'none', 'many'] as const).map((fault) => patternProblem({ fault, at: 'web-0x' }));
  for (const said of faults) expect(said).toContain('web-0x');
  expect(new Set(faults).size).toBe(4);
  expect(batchProblems.target('prod-db')).toContain('"prod-db" names no session on hosts');
});

test('a listing of the fleet names the hosts that are not whole in it', () => {
  expect(ofHost('web-01')).toBe('web-01:');
  expect(fleetNotes.silent(webs)).toBe('No answer from web-[01-03]. What they have is not in this list.');
  expect(fleetNotes.cut(webs)).toBe('Of web-[01-03] only a part is shown. Ask there for the rest.');
  expect(fleetNotes.refused('web-01', 'No. [LOCKED]')).toBe('web-01: No. [LOCKED]');
});
