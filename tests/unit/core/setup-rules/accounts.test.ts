// Which uid a new account gets, and which accounts are an admin's.
import { expect, test } from '@jest/globals';
import { adminFault, nextUid, sessionAccountFault } from '../../../../src/core/setup-rules/account-ids.ts';

const passwd =
  'root:x:0:0::/root:/bin/bash\nalice:x:1004:1004::/home/alice:/bin/dash\nnobody:x:65534:65534::/:/bin/sh\nbroken\n';

test('the next uid is above every other one within the limits', () => {
  expect(nextUid(passwd, '')).toBe(1005);
  expect(nextUid('root:x:0:0::/:/bin/sh\n', 'UID_MIN\t\t 2000\nUID_MAX 2000\n')).toBe(2000);
  expect(nextUid('a:x:2000:1::/:/bin/sh\n', 'UID_MIN 2000\nUID_MAX 2000\n')).toBeUndefined();
});

test('an account of root, of an admin, of whoever types, or that somebody logs in by, is not taken', () => {
  const plain = { name: 'dba', uid: 1001, groups: ['dba'], adminUid: 1000, hasWayIn: false };
  expect(adminFault(plain)).toBeUndefined();
  expect(adminFault({ ...plain, uid: 0 })).toBe('root');
  expect(adminFault({ ...plain, uid: 1000 })).toBe('yourself');
  expect(adminFault({ ...plain, groups: ['dba', 'sudo'] })).toBe('admin');
  expect(sessionAccountFault(plain)).toBeUndefined();
  expect(sessionAccountFault({ ...plain, hasWayIn: true })).toBe('in-use');
  expect(sessionAccountFault({ ...plain, groups: ['wheel'], hasWayIn: true })).toBe('admin');
});
