import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf, ownerOf } from '../../../src/keeper/sessions/session-key.ts';
import { person, policy } from '../core/sample.ts';

const [alice, bob] = [person('alice'), person('bob')];
const own = { ...policy, kind: 'dedicated' } as const;

test('a shared session has one server, a dedicated one a server for each person', () => {
  expect(keyOf('prod-db', ownerOf(policy, alice))).toBe(keyOf('prod-db', ownerOf(policy, bob)));
  expect(keyOf('prod-db', ownerOf(own, alice))).not.toBe(keyOf('prod-db', ownerOf(own, bob)));
  expect(keyOf('prod-db', ownerOf(own, alice))).not.toBe(keyOf('prod-log', ownerOf(own, alice)));
  expect(ownerOf(undefined, alice)).toBeUndefined();
});

test('what the provider renames changes nothing; login, issuer and subject each do', () => {
  expect(keyOf('s', { ...alice, claim: 'x' } as typeof alice)).toBe(keyOf('s', alice));
  for (const other of [{ login: 'x' }, { issuer: 'x' }, { subject: 'x' }])
    expect(keyOf('s', { ...alice, ...other })).not.toBe(keyOf('s', alice));
});

test('no two people, whatever they are called, have one key', () => {
  const owner = fc.record({ login: fc.string(), issuer: fc.string(), subject: fc.string() });
  fc.assert(
    fc.property(owner, owner, (one, other) => {
      const same = one.login === other.login && one.issuer === other.issuer && one.subject === other.subject;
      expect(keyOf('s', one) === keyOf('s', other)).toBe(same);
    }),
  );
});
