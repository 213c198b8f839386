// Secrets as credentials of the unit (src/config/credential.ts): read from where systemd puts them, and checked like any other file.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentialPath, credentialsIn } from '../../src/config/credential.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type ConfigError, formatProblem } from '../../src/config/problem.ts';
import { altered, options } from '../unit/config/sample.ts';

let folder: string;
let policy: string;

beforeEach(() => {
  folder = mkdtempSync('/run/tmux-gate-credentials-');
  policy = join(folder, 'config.yaml');
  mkdirSync(join(folder, 'given'), { mode: 0o700 });
  process.env['CREDENTIALS_DIRECTORY'] = join(folder, 'given');
});
afterEach(() => {
  delete process.env['CREDENTIALS_DIRECTORY'];
  rmSync(folder, { recursive: true });
});

function give(name: string, mode: number): void {
  writeFileSync(join(folder, 'given', name), 'secret\n', { mode });
  chmodSync(join(folder, 'given', name), mode);
}

async function problems(secret: string): Promise<readonly string[]> {
  writeFileSync(policy, altered('oidc:', `oidc:\n  client_secret_file: ${secret}`), { mode: 0o600 });
  return loadConfig(policy, options).then(
    () => [],
    (error: unknown) => (error as ConfigError).problems.map(formatProblem),
  );
}

test('the path of a credential is below the folder that systemd names, or that of the unit; other texts stay', () => {
  expect(credentialPath('credential:oidc.secret', { CREDENTIALS_DIRECTORY: '/run/c' })).toBe('/run/c/oidc.secret');
  expect(credentialPath('credential:oidc.secret', {})).toBe('/run/credentials/tmux-gate.service/oidc.secret');
  expect(credentialPath('/etc/tmux-gate/oidc.secret')).toBe('/etc/tmux-gate/oidc.secret');
});

test('rule 4: the credentials of a policy are those that it names in the place of a path', () => {
  const notify = [{ webhook: 'https://a', secret_file: 'credential:hook' }, { secret_file: 'credential:oidc.secret' }];
  const raw = { oidc: { client_secret_file: 'credential:oidc.secret', ca_file: null }, notify, host: 'credential: x' };
  expect(credentialsIn(raw)).toEqual(['credential:oidc.secret', 'credential:hook']);
  expect(credentialsIn({ oidc: { client_secret_file: '/etc/secret' } })).toEqual([]);
});

test('a credential is taken in the place of a file', async () => {
  give('oidc.secret', 0o400);
  expect(await problems('credential:oidc.secret')).toEqual([]);
  expect((await loadConfig(policy, options)).oidc.clientSecretFile).toBe(join(folder, 'given/oidc.secret'));
});

test('rule 1: one that others can read, or in a folder that others can write, is refused', async () => {
  give('oidc.secret', 0o444);
  expect(await problems('credential:oidc.secret')).toEqual([expect.stringMatching(/others than its owner can read/)]);
  give('oidc.secret', 0o400);
  chmodSync(join(folder, 'given'), 0o777);
  expect(await problems('credential:oidc.secret')).toEqual([expect.stringMatching(/is writable by others/)]);
});

test('one that is not there is told with what to do', async () => {
  expect(await problems('credential:other')).toEqual([
    expect.stringMatching(/client_secret_file.*There is no credential:other; give it to the unit: .*LoadCredential=/),
  ]);
});

test.each(['credential:../config.yaml', 'credential:', 'credential:a/b', 'credential:.x'])(
  'rule 2: %s is no name',
  async (secret) => {
    expect(await problems(`'${secret}'`)).toEqual([expect.stringMatching(/not the name of a credential/)]);
  },
);
