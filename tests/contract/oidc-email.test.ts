// A mail address names somebody only where the provider says that it verified it, in one of two spellings.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { killCgroup } from '../../scripts/sandbox/cgroup.ts';
import { absent } from '../../scripts/sandbox/provider-messages.ts';
import { startProvider, type Provider as SandboxProvider } from '../../scripts/sandbox/provider.ts';
import { openProvider } from '../../src/adapters/oidc.ts';
import type { Refused } from '../../src/core/refusal.ts';

const alice = {
  ...{ username: 'alice', password: 'wonderland', sub: 'subject-of-alice', email: 'alice@example.com' },
  ...{ fullName: 'Alice', groups: ['engineers'] },
};
const never = new AbortController().signal;
const cgroup = `tmux-gate-oidc-email-test-${process.pid}`;
let real: SandboxProvider;

beforeAll(async () => {
  real = await startProvider([alice], cgroup);
});
afterEach(async () => real.overrideClaims({}));
afterAll(async () => {
  await real[Symbol.asyncDispose]();
  await killCgroup(cgroup);
});

/** The login claim of who signed in, or the code of the refusal. */
async function signInWith(said: unknown, unstatedEmail = false): Promise<string> {
  const ours = openProvider({
    ...{ issuer: real.issuer, clientId: 'tmux-gate', scopes: ['openid', 'email'], insecureHttp: true, now: Date.now },
    ...{ claims: { login: 'email', groups: 'groups' }, unstatedEmail },
  });
  const login = await ours.begin(never);
  await completeSignIn(login.uriComplete!, alice);
  await real.overrideClaims({ email_verified: said });
  return login.complete(never).then(
    ({ identity }) => identity.claim,
    (error: unknown) => (error as Refused).code,
  );
}

test.each([true, 'true'])('law 2: email_verified %j verifies', async (said) => {
  expect(await signInWith(said)).toBe(alice.email);
});

test.each([false, 'false', 'False', 'TRUE', 'no', 0, 1, null, [true], {}])(
  'law 2: email_verified %j verifies nothing, whatever the policy says of a missing one',
  async (said) => {
    expect([await signInWith(said), await signInWith(said, true)]).toEqual(['TOKEN_REFUSED', 'TOKEN_REFUSED']);
  },
);

test('law 2: an address of which the provider says nothing counts only where the policy says so loudly', async () => {
  expect([await signInWith(absent), await signInWith(absent, true)]).toEqual(['TOKEN_REFUSED', alice.email]);
});
