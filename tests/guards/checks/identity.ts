// What decides who somebody is and in which groups, by tests that need no host.
import type { SourceGuard } from '../../harness/source-guards.ts';

const identity = 'src/core/identity.ts';
const shapes = 'tests/contract/provider-shapes.test.ts';

const of = (
  what: string,
  [file, test]: readonly [file: string, test: string],
  ...mutations: SourceGuard['mutations']
): SourceGuard => ({ what, in: file, test, mutations });

const writable = { file: 'src/config/safety.ts', piece: 'if ((stats.mode & 0o022) !== 0) {', becomes: 'if (false) {' };

export const checks: readonly SourceGuard[] = [
  of(
    'the refusal of a sign-in with more groups than fit',
    [shapes, 'Entra ID: more groups than fit (_claim_names) are refused, and at a re-check they are unknown'],
    {
      file: 'src/adapters/oidc-token.ts',
      piece: 'expected.listed === undefined && isGroupsOverage(',
      becomes: 'false && isGroupsOverage(',
    },
  ),
  of(
    'hasgroups as a word for more groups than fit',
    [shapes, 'Entra ID: more groups than fit (hasgroups) are refused, and at a re-check they are unknown'],
    { file: identity, piece: "name === 'groups' && (has", becomes: "name === 'none' && (has" },
  ),
  of(
    'groups that a refreshed token leaves out as unknown, not gone',
    [shapes, 'Dex: the secret in the body, pending as 401, and groups that are unknown after a refresh, not gone'],
    { file: identity, piece: 'groups: isSaid ? groups : undefined', becomes: 'groups' },
  ),
  of(
    'that only its value gives a named group',
    [shapes, 'Entra ID: a group that is called as one of the policy gives nothing'],
    { file: identity, piece: ' || Object.hasOwn(groupNames, value)', becomes: '' },
  ),
  of('the claims that the policy requires', [shapes, 'Google: an account of another domain is refused'], {
    file: 'src/adapters/oidc-token.ts',
    piece: 'if (foreign !== undefined)',
    becomes: 'if (false)',
  }),
  of(
    'that a required claim may be missing only from a refreshed token',
    [shapes, 'Google: an account of none, as a private account is refused'],
    { file: identity, piece: '!(mayLack && claims[name] === undefined)', becomes: '!(claims[name] === undefined)' },
  ),
  of(
    'the look at the page on which codes are typed',
    [shapes, 'authentik without a device code flow in its brand: refused before anybody sees a code'],
    { file: 'src/adapters/oidc-page.ts', piece: 'status === 404 || status === 410', becomes: 'status === 410' },
  ),
  of(
    'the mode of the file of groups, at each use',
    ['tests/contract/groups-file.test.ts', 'law 1: a list that is not safe names nobody that others may write'],
    writable,
  ),
  of(
    'one entry for one person in the file of groups',
    [
      'tests/contract/groups-file.test.ts',
      'law 1: a list that is not safe names nobody with a person twice, in other capitals',
    ],
    { file: 'src/config/groups-file.ts', piece: 'parsed.success ? twice(people)', becomes: 'parsed.success ? []' },
  ),
  of(
    'CAs of the policy as no key beside them',
    ['tests/contract/oidc-trust.test.ts', 'law 10: a file of CAs a private key as well'],
    { file: 'src/config/ca-file.ts', piece: 'others > 0', becomes: 'false' },
  ),
  of(
    'the mode of a file of CAs',
    ['tests/contract/oidc-trust.test.ts', 'law 10: a file of CAs others may write it'],
    writable,
  ),
];
