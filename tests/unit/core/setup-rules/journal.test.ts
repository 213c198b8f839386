// The journal of a change is read as a whole or not at all.
import { describe, expect, test } from '@jest/globals';
import { endingShape, journalShape, verdictShape } from '../../../../src/core/setup-rules/change.ts';
import { aJournal } from './sample.ts';

const whole = aJournal({
  changes: [
    { do: 'file', path: '/etc/a', before: { kind: 'absent' }, digest: '0'.repeat(64) },
    {
      do: 'lines',
      path: '/etc/cron.deny',
      before: { kind: 'file', bytes: 'YQo=', mode: 0o644, uid: 0, gid: 0 },
      digest: 'f'.repeat(64),
      lines: ['dba'],
    },
    { do: 'link', path: '/etc/systemd/system/user@1001.service', to: '/dev/null' },
    { do: 'folder', path: '/home/alice', mode: 0o755 },
    { do: 'account', name: 'dba', uid: 1001, home: '/home/dba' },
    { do: 'account', name: 'alice', uid: 1002 },
    { do: 'member', name: 'carol', group: 'tmux-gate' },
    { do: 'linger', name: 'dba' },
    { do: 'service', name: 'tmux-gate.service' },
  ],
  bystanders: [
    { path: '/etc/passwd-', before: { kind: 'folder', mode: 0o755, uid: 0, gid: 0 } },
    { path: '/etc/shadow-', before: { kind: 'link', to: 'shadow' } },
  ],
});

test('a journal is read as it was written', () => {
  expect(journalShape(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
});

describe('law 1: a journal that is not whole is none', () => {
  test.each([
    ['an unknown change', { ...whole, changes: [{ do: 'format', path: '/dev/sda' }] }],
    ['a path that is no path', { ...whole, changes: [{ do: 'folder', path: 'etc', mode: 0 }] }],
    ['a name that is an option', { ...whole, changes: [{ do: 'linger', name: '--help' }] }],
    ['bytes that are no base64', { ...whole, bystanders: [{ path: '/a', before: { kind: 'file', bytes: '*' } }] }],
    ['a key more', { ...whole, extra: 1 }],
    ['another version', { ...whole, version: 2 }],
    ['another stage', { ...whole, stage: 'done' }],
  ])('%s', (_, value) => expect(journalShape(value)).toBeUndefined());
});

test('a verdict and an ending', () => {
  expect(verdictShape({ id: 'ABC', verdict: 'confirmed' })).toEqual({ id: 'ABC', verdict: 'confirmed' });
  expect(verdictShape({ id: 'ABC', verdict: 'perhaps' })).toBeUndefined();
  const ending = { id: 'ABC', ended: 'rolled-back', why: 'late', notes: ['a'] };
  expect(endingShape(ending)).toEqual(ending);
});
