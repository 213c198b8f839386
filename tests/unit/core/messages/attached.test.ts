import { expect, test } from '@jest/globals';
import {
  idleLines,
  title,
  titleIdle,
  titleNearEnd,
  titleNearQuota,
  toOthers,
} from '../../../../src/core/messages/attached.ts';

test('the title says what passes, until when, and how long is left', () => {
  const place = { session: 'prod-db', host: 'prod-box' };
  const end = Date.UTC(2026, 0, 1, 3, 12, 9);
  expect(title(place, 'pass', end)).toBe('prod-db on prod-box, until 03:12:09 UTC');
  expect(title(place, 'held', end)).toBe(
    'INPUT HELD until an approver watches: prod-db on prod-box, until 03:12:09 UTC',
  );
  expect(title(place, 'never', end)).toMatch(/^view only, q leaves: prod-db/);
  expect(titleNearEnd({ ...place, fixed: true }, 'pass', 60_000)).toBe('1m left in prod-db on prod-box');
  expect(titleNearEnd(place, 'pass', 60_000)).toBe(
    '1m left in prod-db on prod-box. More time: ssh prod-box extend 10m',
  );
  expect(titleNearEnd(place, 'held', 60_000)).toMatch(/^INPUT HELD .*: 1m left in/);
  expect(titleNearQuota(place)).toBe('Recording almost full: prod-db on prod-box disconnects soon. Your access stays');
  expect(titleIdle(place, 60_000)).toBe('No keystroke for a while: prod-db on prod-box disconnects in 1m');
  expect(idleLines(place, 900_000).join('\n')).toMatch(
    /prod-db on prod-box after 15m without a keystroke\.\n.*Reattach: ssh -t prod-box prod-db$/,
  );
});

test('what a person was told is told of them in the third person', () => {
  expect(toOthers('your access to prod-db on prod-box was revoked by bob: your fault')).toBe(
    'revoked by bob: your fault',
  );
  expect(toOthers('your access to prod-db on prod-box was withdrawn')).toBe('withdrawn');
  expect(toOthers('the identity provider no longer vouches for you')).toBe(
    'the identity provider no longer vouches for them',
  );
});
