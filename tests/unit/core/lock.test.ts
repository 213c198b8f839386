import { expect, test } from '@jest/globals';
import { concerns, everyone, isSameLock, lockShape, supersedes, type Lock } from '../../../src/core/lock.ts';

const lock = (change: Partial<Lock>): Lock => ({
  ...{ target: 'alice', number: 2, locked: true, by: 'bob', reason: 'lost laptop', at: 1 },
  ...change,
});

test('law 5: only a higher number changes what holds; of two with one number the one that locks does', () => {
  expect(supersedes(lock({}), undefined)).toBe(true);
  expect(supersedes(lock({ number: 3, locked: false }), lock({}))).toBe(true);
  expect(supersedes(lock({ number: 1, locked: false }), lock({}))).toBe(false);
  expect(supersedes(lock({ locked: false }), lock({}))).toBe(false);
  expect(supersedes(lock({}), lock({ locked: false }))).toBe(true);
  expect(supersedes(lock({}), lock({}))).toBe(false);
});

test('two signed forms are of one lock when all of it is the same', () => {
  expect(isSameLock(lock({}), lock({}))).toBe(true);
  for (const change of [{ target: 'b' }, { number: 1 }, { locked: false }, { by: 'x' }, { reason: '' }, { at: 2 }])
    expect(isSameLock(lock({}), lock(change))).toBe(false);
});

test('a lock concerns its login, or everyone', () => {
  expect([concerns(lock({}), 'alice'), concerns(lock({}), 'alic'), concerns(lock({}), '*')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(concerns(lock({ target: everyone }), 'alice')).toBe(true);
});

test('its shape takes logins and everyone, and nothing else for a target', () => {
  for (const target of ['alice', '_svc', 'a.b-c', 'host$', everyone]) expect(lockShape(lock({ target }))).toBeDefined();
  for (const target of ['', '**', '-a', 'a b', 'a:b', '../x', 'é']) expect(lockShape(lock({ target }))).toBeUndefined();
});
