// The keys of the policy for sign-ins by the authorization code flow (src/config/code-flow-schema.ts).
import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/load.ts';
import { altered, options, problemsOf } from './sample.ts';

const withOidc = (key: string): string => altered('client_id: tmux-gate', `client_id: tmux-gate\n  ${key}`);
const flowOf = (text: string) => parseConfig(altered('sessions:', `sign_in: ${text}\nsessions:`), options).signIn.flow;

test.each(['device', 'code', 'both'] as const)('a flow: %s', (flow) => {
  expect(flowOf(`{ flow: ${flow} }`)).toBe(flow);
});

test('another flow is a problem', () => {
  expect(problemsOf(altered('sessions:', 'sign_in: { flow: password }\nsessions:'))).toHaveLength(1);
});

test.each(['http://127.0.0.1:8400/', 'http://localhost:1234/cb', 'http://[::1]:8400/', 'https://paste.example.com/'])(
  'a redirect address: %s',
  (uri) => {
    expect(parseConfig(withOidc(`redirect_uri: '${uri}'`), options).oidc.redirectUri).toBe(uri);
  },
);

test.each([
  ['no address', '127.0.0.1', /not an address/],
  ['one in clear', 'http://paste.example.com/', /in clear/],
  ['one of a program', 'myapp://paste/', /in clear/],
  ['one with a query', 'http://127.0.0.1:8400/?a=b', /leave them out/],
  ['one with a password', 'https://a:b@example.com/', /leave them out/],
  ['one that browsers write otherwise', 'http://127.0.0.1:8400', /"http:\/\/127\.0\.0\.1:8400\/"/],
  ['a long one', `https://a.example.com/${'x'.repeat(600)}`, /shorten/],
])('%s is a problem', (_, uri, says) => {
  expect(problemsOf(withOidc(`redirect_uri: '${uri}'`))[0]?.problem).toMatch(says);
});

test('more parameters of the request are passed on, but for those that bind the sign-in', () => {
  const { authorizeParameters } = parseConfig(
    withOidc('authorize_parameters: { prompt: consent, access_type: offline }'),
    options,
  ).oidc;
  expect({ ...authorizeParameters }).toEqual({ prompt: 'consent', access_type: 'offline' });
  for (const name of ['state', 'nonce', 'code_challenge', 'redirect_uri', 'response_mode'])
    expect(problemsOf(withOidc(`authorize_parameters: { ${name}: x }`))[0]?.problem).toMatch(
      /sets this parameter itself/,
    );
  expect(problemsOf(withOidc("authorize_parameters: { 'A B': x }"))).toHaveLength(1);
});
