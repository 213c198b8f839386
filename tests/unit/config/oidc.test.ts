// What the policy says of the provider (config/oidc-schema.ts).
import { expect, test } from '@jest/globals';
import { formatProblem } from '../../../src/config/problem.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { altered, options, problemsOf } from './sample.ts';

test('what a provider needs', () => {
  const keys =
    'oidc:\n  client_secret_file: /s\n  client_authentication: basic\n  ca_file: /ca.pem\n  scopes: [openid, groups]';
  const claims = 'claims: { require: { hd: example.com }, group_names: { engineers: 0760b6cf }, login:';
  const { oidc } = parseConfig(altered('oidc:', keys).replace('claims: { login:', claims), options);
  expect(oidc).toMatchObject({
    ...{ clientAuthentication: 'basic', caFile: '/ca.pem', scopes: ['openid', 'groups'] },
    claims: { groups: 'groups', groupNames: { engineers: '0760b6cf' }, require: { hd: 'example.com' } },
  });
  expect(oidc).not.toHaveProperty('offlineAccess');
  const listed = parseConfig(altered('example.com } }', 'example.com }, groups_file: /etc/g.yaml }'), options);
  expect(listed.oidc.claims.groupsFile).toBe('/etc/g.yaml');
});

test.each([
  [
    'a file of groups beside a claim',
    altered('example.com } }', 'example.com }, groups: groups, groups_file: /etc/g.yaml }'),
    'oidc.claims.groups',
    /keep one of the two/,
  ],
  [
    'names of groups beside a file',
    altered('example.com } }', 'example.com }, group_names: { a: b }, groups_file: /etc/g.yaml }'),
    'oidc.claims.group_names',
    /keep one of the two/,
  ],
  [
    'a way to send no secret',
    altered('oidc:', 'oidc:\n  client_authentication: post'),
    'oidc.client_authentication',
    /nothing is sent/,
  ],
  [
    'another way to send a secret',
    altered('oidc:', 'oidc:\n  client_secret_file: /s\n  client_authentication: jwt'),
    'oidc.client_authentication',
    /post.*basic/,
  ],
  [
    'a required claim without a value',
    altered('example.com } }', 'example.com }, require: { hd: 7 } }'),
    'oidc.claims.require.hd',
    /text/,
  ],
])('%s is refused', (_, text, path, problem) => {
  expect(problemsOf(text).map(formatProblem)).toEqual([expect.stringMatching(problem)]);
  expect(problemsOf(text)[0]?.path).toBe(path);
});
