// What `keys` says (src/core/messages/keys.ts).
import { expect, test } from '@jest/globals';
import { preparedLines, rotatedLines, type RotationSaid } from '../../../../src/core/messages/keys.ts';

const path = '/var/lib/tmux-gate/keys/host.pub.jwk';
const now = Date.parse('2026-11-28T10:00:00Z');
const said = (change: Partial<RotationSaid>): readonly string[] =>
  rotatedLines({
    ...{ host: 'prod-box', current: 'NEW', before: 'OLD', until: now + 28_800_000, now, leaked: false, path },
    ...{ peers: 0, connections: 2, ...change },
  });

test('a next key: what to type, and where, with peers and without', () => {
  expect(preparedLines('prod-box', 'NEW', path, 0)).toEqual([
    'The next key of prod-box is NEW. It signs nothing yet.',
    'Here, have it sign: tmux-gate keys rotate',
  ]);
  expect(preparedLines('prod-box', 'NEW', path, 1)).toEqual([
    'The next key of prod-box is NEW. It signs nothing yet.',
    `1. Copy ${path} to every host that names prod-box in its peers, and run there: tmux-gate peers add prod-box --key THE_COPY`,
    '2. Here, have it sign: tmux-gate keys rotate',
  ]);
});

test('a rotation: until when the old key counts', () => {
  expect(said({})).toEqual([
    'NEW signs for prod-box from now on.',
    'OLD counts until 2026-11-28 18:00:00 UTC (8h), for what it signed before.',
  ]);
  expect(said({ peers: 1 })[2]).toBe(
    `Before then, copy ${path} to every host that names prod-box in its peers, and run there: tmux-gate peers add prod-box --key THE_COPY`,
  );
});

test('a key that leaked: what has ended, and what goes on', () => {
  const [, ended, attached, journal, peers] = said({ leaked: true, peers: 1 });
  expect(ended).toContain('OLD has ended: people sign in and ask anew');
  expect(attached).toContain('2 connections go on: tmux-gate connections');
  expect(journal).toContain('The key of the journal was beside it');
  expect(peers).toContain('Until they have the new keys, peers trust the old one');
  expect(said({ leaked: true, connections: 1 })[2]).toContain('1 connection goes on');
  expect(said({ leaked: true, connections: 0 })[2]).toBe('Nobody is attached.');
});
