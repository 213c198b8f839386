import { expect, test } from '@jest/globals';
import { isSigned, noticeFormatNames, secretsSaid } from '../../../src/core/notice-formats.ts';

test('which formats are signed, and what the secret of the others is', () => {
  expect(noticeFormatNames.filter(isSigned)).toEqual(['json', 'slack', 'teams']);
  expect(secretsSaid()).toBe(
    'json, slack, teams: the key of the signature; pagerduty: the routing key; ntfy: the access token',
  );
});
