// What root reads about the other hosts of a fleet.
import { expect, test } from '@jest/globals';
import {
  askFingerprint,
  badPeerKey,
  keysOfPeer,
  moreKeys,
  noPeer,
  notCompared,
  otherFingerprint,
  otherKeys,
  ownName,
  peerAdded,
  peerKeyUnread,
  peerRemoved,
  tellItToo,
} from '../../../../src/core/messages/peers.ts';

test('the keys of a host, as they are compared', () => {
  const signing = [{ fingerprint: 'B', until: 0 }, { fingerprint: 'C' }];
  expect(keysOfPeer('web-07', { journal: 'A', signing })).toEqual([
    'Keys of web-07:',
    '  journal  A',
    '  signs    B, until 1970-01-01 00:00:00 UTC',
    '  signs    C',
  ]);
  expect([moreKeys(1), moreKeys(2)]).toEqual(['1 key', '2 keys']);
  expect(askFingerprint('web-07')).toMatch(/on web-07 say the same of every key\? Type yes, or paste/);
});

test('what came of it', () => {
  expect(peerAdded('web-07')).toBe('This host trusts what web-07 signs.');
  expect(peerRemoved('web-07')).toMatch(/^This host no longer trusts web-07: /);
  expect(tellItToo('web-07', 'prod-box')).toBe('For approvals in the other direction, add prod-box on web-07 as well.');
});

test('every fault has a code, one sentence and a hint', () => {
  const faults = [
    ...[badPeerKey('why'), peerKeyUnread('/x'), otherFingerprint('h', 'A'), notCompared],
    ...[otherKeys('h'), ownName('h'), noPeer('h')],
  ];
  for (const { code, say, hint } of faults) expect([code, say, hint].join(' ')).toMatch(/^[A-Z_]+ \S.*\. \S/);
});
