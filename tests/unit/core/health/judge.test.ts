import { describe, expect, test } from '@jest/globals';
import {
  certificatePart,
  clockPart,
  diskPart,
  driftPart,
  hooksPart,
  journalPart,
  keeperPart,
  recordingPart,
} from '../../../../src/core/health/judge.ts';
import { byUrgency } from '../../../../src/core/health/parts.ts';
import { driftShape } from '../../../../src/core/health/drift.ts';
import { day, hour } from '../../../../src/core/time.ts';

const MiB = 1024 * 1024;

test('disk: 64 MiB are little, under 16 MiB or without an inode nobody gets in', () => {
  const of = (free: number, noInodes = false) => diskPart({ free: free * MiB, noInodes });
  expect(of(64)).toEqual({ name: 'disk', level: 'ok', detail: '64 MiB free for the journal' });
  expect(of(63)).toMatchObject({
    level: 'warn',
    detail: '63 MiB free for the journal',
    fix: expect.stringMatching(/df/),
  });
  expect(of(15)).toMatchObject({ level: 'down' });
  expect(of(900, true)).toMatchObject({ level: 'down', detail: 'no more files fit on the disk of the journal' });
});

describe('the journal', () => {
  const full = diskPart({ free: 0, noInodes: false });
  const room = diskPart({ free: 900 * MiB, noInodes: false });
  const of = (changed: string | undefined, failing: string | undefined, disk = room) =>
    journalPart({ changed, failing }, disk);

  test('in order, and changed from outside', () => {
    expect(of(undefined, undefined)).toMatchObject({ name: 'journal', level: 'ok' });
    expect(of('cut', 'EIO')).toMatchObject({ level: 'down', detail: 'JOURNAL_CHANGED' });
  });

  test.each(['EIO', 'EROFS', 'EDQUOT', 'ENOSPC', 'failed'])(
    'a write that failed with %s on a disk with room is first',
    (code) => {
      const part = of(undefined, code);
      expect(part).toEqual({
        ...{ name: 'journal', level: 'down', detail: 'JOURNAL_DOWN' },
        why: `JOURNAL_DOWN: the last record could not be written (${code})`,
        fix: expect.stringMatching(/dmesg/),
      });
      const others = [clockPart({ redis: 9_000, provider: undefined }), hooksPart(['a'], 1), room];
      expect(byUrgency([...others, part])[0]).toBe(part);
    },
  );

  test('on a full disk the disk is first, and the journal is not called well', () => {
    const part = of(undefined, 'ENOSPC', full);
    expect(part).toMatchObject({ level: 'warn', detail: 'JOURNAL_DOWN', fix: 'see disk' });
    expect(byUrgency([part, full])).toEqual([full, part]);
    expect(of(undefined, 'EIO', full).level).toBe('down');
  });
});

describe('recordings', () => {
  const disk = { size: 10_000 * MiB, free: 2_048 * MiB, noInodes: false };
  const space = { disk, reserve: undefined, waiting: 2 };
  const none = { growing: [], quota: 100 };

  test('in order, with what waits', () => {
    expect(recordingPart('X', space, none)).toEqual({
      ...{ name: 'recording', level: 'ok', detail: '2 GiB free, 2 over and not sealed' },
    });
    expect(recordingPart('X', { ...space, waiting: 0 }, none).detail).toBe('2 GiB free');
  });

  test('below the reserve nobody is let in', () => {
    const low = { ...space, disk: { ...disk, free: 200 * MiB } };
    expect(recordingPart('RECORDINGS_FULL', low, none)).toMatchObject({
      ...{ level: 'down', detail: 'RECORDINGS_FULL' },
      why: 'RECORDINGS_FULL: 200 MiB free, less than the reserve of 256 MiB',
    });
    expect(recordingPart('F', { ...space, reserve: 4_096 * MiB }, none).why).toBe(
      'F: 2 GiB free, less than the reserve of 4 GiB',
    );
  });

  test('one that has nine tenths of its quota', () => {
    const growing = (bytes: number) => ({ growing: [{ connection: 'K7QF', bytes }], quota: 100 });
    expect(recordingPart('X', space, growing(89)).level).toBe('ok');
    expect(recordingPart('X', space, growing(90))).toMatchObject({
      ...{ level: 'warn', detail: 'the recording of connection K7QF has 90% of its quota' },
    });
  });
});

test('clock: beside Redis and the provider, whichever is known; the worse one is told', () => {
  expect(clockPart({ redis: 3, provider: -400 })).toEqual({
    ...{ name: 'clock', level: 'ok', detail: 'Redis 3 ms apart, the provider 400 ms apart' },
  });
  expect(clockPart({ redis: undefined, provider: undefined })).toEqual({
    ...{ name: 'clock', level: 'warn', detail: 'could not be checked' },
  });
  expect(clockPart({ redis: 1_500, provider: 100 })).toMatchObject({
    ...{ level: 'warn', detail: 'the clocks of this host and of Redis differ by 2s' },
  });
  expect(clockPart({ redis: -5_001, provider: undefined })).toMatchObject({ level: 'down' });
  expect(clockPart({ redis: 0, provider: 61_000 })).toMatchObject({
    ...{ level: 'down', detail: 'the clocks of this host and of the provider differ by 1m 01s' },
  });
  expect(clockPart({ redis: 1_500, provider: -90_000 }).detail).toContain('the provider');
});

test('hooks: each that did not answer, by its name for root alone', () => {
  expect([hooksPart([], 0).detail, hooksPart([], 1).detail, hooksPart([], 3).detail]).toEqual([
    ...['none in the policy', '1 answers', '3 answer'],
  ]);
  expect(hooksPart(['primary', 'jira'], 3)).toMatchObject({
    ...{ name: 'hooks', level: 'down', detail: '2 do not answer', why: 'no answer from primary, jira' },
  });
  expect(hooksPart(['jira'], 3).detail).toBe('1 does not answer');
});

test('certificate: the one that ends first, from 14 days before its end on', () => {
  const now = 1_000 * day;
  const seen = (left: number) => [
    { place: 'id.example.com', until: now + 90 * day },
    { place: 'redis:6380', until: now + left },
  ];
  expect(certificatePart([], now)).toMatchObject({ level: 'ok', detail: 'no connection by TLS yet' });
  expect(certificatePart(seen(14 * day), now)).toMatchObject({
    ...{ level: 'ok', detail: 'the next one ends in 14 days (redis:6380)' },
  });
  expect(certificatePart(seen(14 * day - 1), now)).toMatchObject({
    ...{ level: 'warn', detail: 'the certificate of redis:6380 ends in 13 days' },
  });
  expect(certificatePart(seen(day + hour), now).detail).toMatch(/in 1 day$/);
  expect(certificatePart(seen(0), now)).toMatchObject({
    ...{ level: 'down', detail: 'the certificate of redis:6380 has ended' },
  });
});

test('keeper: older than the programs on disk', () => {
  expect(keeperPart([], hour)).toEqual({ name: 'keeper', level: 'ok', detail: 'up for 1h' });
  expect(keeperPart(['keeper', 'node'], hour)).toMatchObject({
    ...{ level: 'warn', detail: 'keeper, node on disk is not the one that runs; up for 1h' },
  });
});

test('drift: what differs is told to root; what could not be looked at is not in order', () => {
  expect(driftPart('sshd', { is: 'as needed' })).toEqual({
    ...{ name: 'sshd', level: 'ok', detail: 'grants what tmux-gate needs' },
  });
  expect(driftPart('sudo', { is: 'drifted', why: 'w', fix: 'f' })).toEqual({
    ...{ name: 'sudo', level: 'down', detail: 'is not set up as tmux-gate needs it', why: 'w', fix: 'f' },
  });
  expect(driftPart('sshd', { is: 'unknown', why: 'w', fix: 'f' })).toEqual({
    ...{ name: 'sshd', level: 'warn', detail: 'could not be checked', why: 'could not be checked: w', fix: 'f' },
  });
  expect(driftPart('sshd', undefined)).toEqual({ name: 'sshd', level: 'warn', detail: 'could not be checked' });
});

test('what the small process says is read strictly', () => {
  const found = { sshd: { is: 'as needed' }, sudo: { is: 'drifted', why: 'w', fix: 'f' } };
  expect(driftShape(found)).toEqual(found);
  expect(driftShape({ sshd: { is: 'fine' }, sudo: { is: 'as needed' } })).toBeUndefined();
  expect(driftShape(undefined)).toBeUndefined();
});
