// Which answers to a link say that the client is not registered for it.
import { expect, test } from '@jest/globals';
import { linkFault } from '../../../../src/core/setup-rules/link-answer.ts';

test.each([
  [200, null, undefined],
  [302, '/login?client_id=a', undefined],
  [303, 'https://id.example.com/u/login', undefined],
  [302, 'http://127.0.0.1:8400/?error=login_required', undefined],
  [302, 'http://[', undefined],
  [400, null, 'HTTP status 400'],
  [302, 'http://127.0.0.1:8400/?error=unauthorized_client&state=x', 'unauthorized_client'],
  [302, 'https://accounts.example.com/signin/oauth/error?authError=x', '/signin/oauth/error'],
])('%s %s', (status, location, said) => {
  expect(linkFault({ status, location })).toBe(said);
});
