// The messages of `status` that no other unit test reads.
import { expect, test } from '@jest/globals';
import { clocksDiffer, fixes, noRefreshTokens, providerDown } from '../../../../src/core/messages/health.ts';

test('parts of status', () => {
  expect([clocksDiffer(3), providerDown('PROVIDER_DOWN', 'no way')]).toEqual([
    ...['clocks differ by 3 ms', 'PROVIDER_DOWN: no way'],
  ]);
  expect(noRefreshTokens(2)).toBe('2 signed in without a refresh token, so no re-check');
  expect(fixes['redis']).toContain('systemctl status');
});
