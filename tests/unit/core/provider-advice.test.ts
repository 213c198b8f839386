// What root is told of a provider that gives too little: for each product its own setting, for any other the standard's word.
import { describe, expect, test } from '@jest/globals';
import {
  noDeviceAdvice,
  noGroupsAdvice,
  noRefreshAdvice,
  providerKind,
  type ProviderKind,
} from '../../../src/core/provider-advice.ts';

const issuers: readonly (readonly [string, ProviderKind | undefined])[] = [
  ['https://accounts.google.com', 'google'],
  ['https://login.microsoftonline.com/bbbbcccc-1111-dddd-2222-eeee3333ffff/v2.0', 'entra'],
  ['https://sts.windows.net/bbbbcccc-1111-dddd-2222-eeee3333ffff/', 'entra'],
  ['https://example.okta.com', 'okta'],
  ['https://example.oktapreview.com/oauth2/default', 'okta'],
  ['https://example-abc123.zitadel.cloud', 'zitadel'],
  ['https://id.example.com/application/o/tmux-gate/', 'authentik'],
  ['https://id.example.com/realms/main', 'keycloak'],
  ['https://id.example.com:8443/auth/realms/main', 'keycloak'],
  ['https://dex.example.com', 'dex'],
  ['https://id.example.com/dex', 'dex'],
  ['https://id.example.com', undefined],
  ['https://accounts.google.com.example.org', undefined],
  ['https://okta.com.example.org', undefined],
  ['no address', undefined],
];

test.each(issuers)('%s is %s', (issuer, kind) => expect(providerKind(issuer)).toBe(kind));

describe.each(issuers)('for %s', (issuer, kind) => {
  const advice = [
    noRefreshAdvice(issuer),
    noGroupsAdvice(issuer, 'groups'),
    noDeviceAdvice(issuer, 'the client gets no device codes'),
  ];
  test('each hint is of that product, and is one line', () => {
    const names = { keycloak: 'Keycloak', okta: 'Okta', entra: 'Entra ID', google: 'Google' } as const;
    const others = { authentik: 'authentik', dex: 'Dex', zitadel: 'Zitadel' } as const;
    const name = kind === undefined ? undefined : { ...names, ...others }[kind];
    for (const { say, hint } of advice) {
      if (name !== undefined) expect(hint).toMatch(new RegExp(`^${name}\\b`));
      expect(`${say}${hint}`).not.toMatch(/\n|\.$/);
    }
  });
});

test('says what is missing and what follows', () => {
  expect(noRefreshAdvice('https://id')).toEqual({
    say: 'the provider gave no refresh token: a person who is disabled there, or leaves a group, keeps access here until sign_in.lifetime',
    hint: 'allow the client refresh tokens, and ask for the scope offline_access',
  });
  expect(noGroupsAdvice('https://id', 'roles\u202e')).toEqual({
    say: 'the ID tokens have no claim "roles\ufffd", so nobody is in a group and nobody gets access',
    hint: 'have the provider put the groups into the ID token, or name the claim that has them in oidc.claims.groups',
  });
  expect(noDeviceAdvice('https://id', 'why').say).toBe('why');
});
