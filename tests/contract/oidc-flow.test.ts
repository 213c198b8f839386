// A provider that does not let this gate, or one of its clients, do the device flow: that is no provider that is down.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openProvider } from '../../src/adapters/oidc.ts';
import { optionsFor } from '../../src/adapters/oidc-clients.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Refused } from '../../src/core/refusal.ts';
import { altered, options } from '../unit/config/sample.ts';
import { openHostileProvider, type HostileProvider } from './oidc-hostile.ts';

let hostile: HostileProvider;

beforeEach(async () => {
  hostile = await openHostileProvider();
});
afterEach(async () => {
  await hostile[Symbol.asyncDispose]();
});

/** How a device login of the policy's client is refused: the code, and what the log is told. */
async function refusal(): Promise<readonly [code: string, cause: string]> {
  const policy = altered('https://id.example.com', `${hostile.issuer}\n  insecure_http: true`);
  const { oidc } = parseConfig(policy, options);
  const error = await openProvider(await optionsFor(oidc, oidc, Date.now))
    .begin(new AbortController().signal)
    .then(
      () => undefined,
      (reason: unknown) => reason as Refused,
    );
  return [error?.code ?? 'a code was given', (error?.cause as Error | undefined)?.message ?? ''];
}

test.each(['unauthorized_client', 'unsupported_grant_type'])('the client may not (%s)', async (error) => {
  hostile.answer('/device', { status: 400, body: { error } });
  expect(await refusal()).toEqual(['NO_DEVICE_FLOW', `the provider answered "${error}" (400)`]);
});

test('the provider has no such endpoint', async () => {
  const { issuer } = hostile;
  const metadata = { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` };
  hostile.answer('/.well-known/openid-configuration', { body: metadata });
  const [code, cause] = await refusal();
  expect(code).toBe('NO_DEVICE_FLOW');
  expect(cause).toContain('device_authorization_endpoint');
});

test('the provider has it and is down', async () => {
  hostile.answer('/device', { status: 503, body: {} });
  expect((await refusal())[0]).toBe('PROVIDER_DOWN');
});
