// Whole sign-ins at a provider that nobody here wrote: Glewlwyd, by the code flow with PKCE and by the device flow.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openProvider, type CodeLogin, type Provider } from '../../src/adapters/oidc.ts';
import { optionsFor } from '../../src/adapters/oidc-clients.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Refused } from '../../src/core/refusal.ts';
import { readMetadata } from '../../src/doctor/provider-facts.ts';
import { pkceFinding } from '../../src/doctor/provider-pkce.ts';
import { deviceFinding } from '../../src/doctor/provider.ts';
import { readAddress } from '../../src/keeper/identity/redirect-address.ts';
import { startGlewlwyd, type Glewlwyd } from '../harness/glewlwyd.ts';
import { altered, options } from '../unit/config/sample.ts';

const alice = {
  ...{ username: 'alice', password: 'wonderland', sub: '', email: 'alice@example.com', fullName: 'Alice' },
  groups: ['engineers', 'dba'],
};
const redirectUri = 'http://127.0.0.1:8400/';
const never = new AbortController().signal;

let glewlwyd: Glewlwyd;
let ours: Provider;
/** How far our clock is ahead, in milliseconds. */
let aheadMs = 0;

beforeAll(async () => {
  glewlwyd = await startGlewlwyd(alice);
  const policy = altered('https://id.example.com', `${glewlwyd.issuer}\n  insecure_http: true\n  scopes: [openid]`);
  const { oidc } = parseConfig(policy, options);
  ours = openProvider(await optionsFor(oidc, oidc, () => Date.now() + aheadMs));
});
afterAll(async () => glewlwyd[Symbol.asyncDispose]());

const parametersOf = (address: string): URLSearchParams => {
  const read = readAddress(address, redirectUri);
  if (typeof read === 'string') throw new Error(read);
  return read.parameters;
};
const begin = async (freshSince?: number, parameters: Record<string, string> = {}): Promise<CodeLogin> =>
  ours.beginByLink({ redirectUri, parameters, ...(freshSince === undefined ? {} : { freshSince }) }, never);
const answerTo = async ({ link }: CodeLogin) => parametersOf(await glewlwyd.addressFrom(link));
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'not refused',
    (error: unknown) => (error as Refused).code,
  );

const person = { claim: 'alice@example.com', groups: ['engineers', 'dba'] };

test('the doctor finds both flows', async () => {
  const { document } = await readMetadata(glewlwyd.issuer);
  expect(pkceFinding(document, 'both').verdict).toBe('ok');
  const { verdict, why } = deviceFinding(document, { issuer: glewlwyd.issuer, scopes: ['openid'] });
  expect([verdict, why]).toEqual(['warn', expect.stringContaining('refresh tokens')]); // it has them, and does not list them
});

test('the code flow gives an identity, and a refresh token that serves the re-check', async () => {
  const login = await begin();
  const { identity, refreshToken = '' } = await login.complete(await answerTo(login), never);
  expect(identity).toMatchObject({ ...person, issuer: glewlwyd.issuer });
  expect(await ours.recheck(refreshToken, never)).toMatchObject({ state: 'alive' });
});

test('the device flow gives the same identity', async () => {
  const login = await ours.begin(never);
  await glewlwyd.complete(login.uriComplete ?? '');
  const { identity, refreshToken = '' } = await login.complete(never);
  expect(identity).toMatchObject(person);
  expect(await ours.recheck(refreshToken, never)).toMatchObject({ state: 'alive' });
});

test('an address of another sign-in, a used one, and one whose issuer is changed are refused', async () => {
  const [login, other] = [await begin(), await begin()];
  expect(await codeOf(login.complete(await answerTo(other), never))).toBe('ADDRESS_UNKNOWN');
  const answer = await answerTo(login);
  const mixed = new URLSearchParams(answer);
  mixed.set('iss', 'https://id.example.com');
  expect(await codeOf(login.complete(mixed, never))).toBe('PROVIDER_MIXED_UP');
  expect(await codeOf(login.complete(answer, never))).toBe('not refused');
  expect(await codeOf(login.complete(answer, never))).toBe('ADDRESS_USED');
});

test('an address that comes too late is refused, and the code in it is not redeemed', async () => {
  const login = await begin();
  const answer = await answerTo(login);
  aheadMs = 301_000;
  try {
    expect(await codeOf(login.complete(answer, never))).toBe('SIGN_IN_EXPIRED');
  } finally {
    aheadMs = 0;
  }
  expect(await codeOf(login.complete(answer, never))).toBe('not refused');
});

test('the provider holds to PKCE: with another verifier the code is worth nothing', async () => {
  const [login, thief] = [await begin(), await begin()];
  const stolen = await answerTo(login);
  stolen.set('state', thief.state);
  expect(await codeOf(thief.complete(stolen, never))).toBe('CODE_REFUSED');
});

test('it takes no max_age of 0, and its auth_time of 0 is no proof of a fresh sign-in', async () => {
  const asked = await begin(Date.now());
  expect(await codeOf(asked.complete(await answerTo(asked), never))).toBe('NO_CODE_FLOW');
  const patient = await begin(Date.now(), { max_age: '60' });
  expect(await codeOf(patient.complete(await answerTo(patient), never))).toBe('SIGN_IN_STALE');
});
