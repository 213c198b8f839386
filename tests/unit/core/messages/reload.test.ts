// What `reload` says (src/core/messages/reload.ts).
import { expect, test } from '@jest/globals';
import { credentialsOfStart, reloadedLines, reloadUnchanged } from '../../../../src/core/messages/reload.ts';

const nothing = { connections: 0, sessions: 0, requests: 0 };
const key = (name: string, how: 'added' | 'removed' | 'changed' | 'content') => ({ key: name, how });

test('each key that changed, and what ended by it', () => {
  const changes = [
    key('sessions.web', 'added'),
    key('sessions.old', 'removed'),
    key('oidc.client_secret_file', 'content'),
  ];
  expect(reloadedLines({ changes, ended: { connections: 2, sessions: 1, requests: 0 } })).toEqual([
    'The policy is taken:',
    '  added sessions.web',
    '  removed sessions.old',
    '  changed what the file of oidc.client_secret_file holds',
    'By it ended: 2 connections, 1 session.',
  ]);
});

test('no key at all, and more than fit on a screen', () => {
  expect(reloadedLines({ changes: [], ended: nothing })).toEqual([
    'The policy is taken; only its comments or spelling changed.',
    'Nothing ended by it.',
  ]);
  const many = Array.from({ length: 62 }, (_, n) => key(`sessions.s${n}`, 'changed'));
  const lines = reloadedLines({ changes: many, ended: { ...nothing, requests: 1 } });
  expect(lines.slice(-2)).toEqual(['  and 2 more keys', 'By it ended: 1 waiting request.']);
});

test('which secrets only a restart exchanges', () => {
  expect(credentialsOfStart([])).toEqual([]);
  expect(credentialsOfStart(['credential:oidc.secret', 'credential:hook'])).toEqual([
    'In use as systemd gave them when the keeper started: credential:oidc.secret, credential:hook.',
    'Another secret there needs a restart, live connections go on: systemctl restart tmux-gate',
  ]);
});

test('that nothing has changed', () => {
  expect(reloadUnchanged('2026-11-28 10:00:00 UTC')).toBe(
    'Nothing has changed: this policy is in force since 2026-11-28 10:00:00 UTC.',
  );
});
