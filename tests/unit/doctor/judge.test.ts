// What the doctor makes of facts that a sandbox has no way to show: other versions, other providers, other hosts.
import { describe, expect, test } from '@jest/globals';
import { Refused } from '../../../src/core/refusal.ts';
import {
  approvalFinding,
  codeFinding,
  dateFinding,
  deviceFinding,
  httpsFinding,
  issuerFinding,
  keysFinding,
} from '../../../src/doctor/provider.ts';
import { pkceFinding } from '../../../src/doctor/provider-pkce.ts';
import { tooOld } from '../../../src/doctor/redis.ts';
import { parseInfo, programVersion, serverVersion } from '../../../src/adapters/redis/version.ts';
import { roomFinding } from '../../../src/doctor/host.ts';
import { canWrite, mayUse } from '../../../src/doctor/sessions.ts';
import { denied, keyPath } from '../../../src/doctor/sshd.ts';
import { penaltiesFinding } from '../../../src/doctor/sshd-penalties.ts';
import { rules } from '../../../src/doctor/sshd-rules.ts';
import { parseSettings } from '../../../src/doctor/sshd-settings.ts';
import { faultsIn, redisFaults } from '../../../src/doctor/tools.ts';
import { atLeast, versionIn } from '../../../src/doctor/versions.ts';
import { worst } from '../../../src/doctor/check.ts';

test('the worst verdict counts; what was not looked at is worse than a warning', () => {
  expect(worst([])).toBe('ok');
  expect(worst(['ok', 'unknown', 'warn'])).toBe('unknown');
  expect(worst(['unknown', 'fail', 'ok'])).toBe('fail');
});

describe('the server that answers', () => {
  test.each([
    ['redis_version:6.2.14', 'Redis', '6.2.14', false],
    ['redis_version:7.0.0', 'Redis', '7.0.0', true],
    ['redis_version:8.2.1', 'Redis', '8.2.1', true],
    ['redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1', 'Valkey', '8.1.1', true],
    ['redis_version:7.2.4\nvalkey_version:7.2.0', 'Valkey', '7.2.0', true],
    ['redis_version:7.2.4\nvalkey_version:7.1.9', 'Valkey', '7.1.9', false],
    ['role:master', 'Redis', '', false],
  ])('%j is %s %s: serves %s', (info, name, version, serves) =>
    expect(serverVersion(parseInfo(info))).toMatchObject({ name, version, serves }),
  );

  test.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', 'Redis', '7.0.15', true],
    ['Redis server v=6.0.16 sha=00000000:0', 'Redis', '6.0.16', false],
    ['Valkey server v=8.0.1 sha=00000000:0', 'Valkey', '8.0.1', true],
    ['', 'Redis', '', false],
  ])('the program that says %j is %s %s: serves %s', (said, name, version, serves) =>
    expect(programVersion(said)).toMatchObject({ name, version, serves }),
  );

  test('is named when it is too old', () => {
    expect(tooOld(serverVersion(parseInfo('redis_version:6.2.14')))).toMatchObject({
      verdict: 'fail',
      why: 'Redis 6.2.14 is too old: no grant can be made',
      remedy: 'install Redis 7.0 or later',
    });
    expect(tooOld(serverVersion(new Map())).why).toContain('of an unknown version');
  });
});

describe('versions', () => {
  test.each([
    ['OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.13', '9.2p1'],
    ['tmux 3.3a', '3.3a'],
    ['tmux next-3.6', '3.6'],
    ['Sudo version 1.9.13p3', '1.9.13p3'],
    ['Redis server v=7.0.15 sha=00000000:0', '7.0.15'],
    ['setpriv from util-linux 2.38.1', '2.38.1'],
    ['none', ''],
  ])('%s', (text, version) => expect(versionIn(text)).toBe(version));

  test.each([
    ['1.9.5p2', '1.9.5p1', true],
    ['1.9.5', '1.9.5p1', false],
    ['3.3a', '3.3', true],
    ['3.2', '3.3a', false],
    ['10.0p1', '9.9', true],
    ['', '0', false],
  ])('%s is at least %s: %s', (version, least, is) => expect(atLeast(version, least)).toBe(is));

  test.each([
    ['6.2.19', 1],
    ['6.2.20', 0],
    ['7.0.15', 1],
    ['7.2.11', 0],
    ['7.4.5', 1],
    ['8.0.4', 0],
    ['8.2.1', 1],
    ['8.4.0', 0],
  ])('CVE-2025-49844 in Redis %s', (version, count) => expect(faultsIn(version, redisFaults)).toHaveLength(count));
});

describe('sshd', () => {
  const judge = (id: string, text: string): string | undefined =>
    rules.find((rule) => rule.id === id)?.judge(parseSettings(text), '/usr/lib/tmux-gate/gate');

  test.each([
    ['sshd-accept-env', 'acceptenv LANG\nacceptenv LC_*\nacceptenv COLORTERM', true],
    ['sshd-accept-env', 'acceptenv *', false],
    ['sshd-accept-env', 'acceptenv L*', false],
    ['sshd-accept-env', 'acceptenv XMODIFIERS', false],
    ['sshd-authentication', 'authenticationmethods publickey,keyboard-interactive', true],
    ['sshd-authentication', 'authenticationmethods publickey,password password', false],
    ['sshd-authentication', 'authenticationmethods any', false],
    ['sshd-authentication', '', false],
    ['sshd-alive', 'clientaliveinterval 60\nclientalivecountmax 3', false],
    ['sshd-alive', 'clientaliveinterval 15\nclientalivecountmax 0', false],
    ['sshd-log', 'loglevel DEBUG3', true],
    ['sshd-environment', 'permituserenvironment LANG', false],
    ['sshd-forced-command', 'forcecommand exec /usr/bin/sudo -n /usr/lib/tmux-gate/gate', true],
    ['sshd-forced-command', 'forcecommand sudo -n /usr/lib/tmux-gate/gate', false],
  ])('%s: %j', (id, text, fine) => expect(judge(id, text) === undefined).toBe(fine));

  test.each([
    ['denyusers dba', true],
    ['denyusers web\ndenyusers d*', true],
    ['denyusers dba@10.0.0.1', false],
    ['denyusers dba@*', true],
    ['denygroups staff', true],
    ['allowusers alice bob', true],
    ['allowusers dba@10.*', false],
    ['allowgroups people', true],
    ['allowgroups staff', false],
    ['', false],
  ])('a session account under %j is kept out: %s', (text, is) => {
    expect(denied(parseSettings(text), { name: 'dba' }, ['dba', 'staff'])).toBe(is);
  });

  test('where a login’s keys are', () => {
    const login = { name: 'alice', uid: 7, gid: 7, home: '/home/alice', shell: '/bin/sh' };
    expect(keyPath('/etc/keys/%u-%U', login)).toBe('/etc/keys/alice-7');
    expect(keyPath('.ssh/authorized_keys', login)).toBe('/home/alice/.ssh/authorized_keys');
    expect(keyPath('%h/%%', login)).toBe('/home/alice/%');
  });
});

describe('the provider', () => {
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  const endpoint = { device_authorization_endpoint: 'https://id/device' };
  const asks = { issuer: 'https://id', scopes: ['openid'] };
  test.each([
    [{ ...endpoint, grant_types_supported: [device, 'refresh_token'] }, 'ok'],
    [{ ...endpoint, grant_types_supported: [device] }, 'warn'],
    [{ ...endpoint }, 'warn'],
    [{ ...endpoint, grant_types_supported: ['password'] }, 'fail'],
    [{ grant_types_supported: [device] }, 'fail'],
  ])('the device flow: %j', (document, verdict) => expect(deviceFinding(document, asks).verdict).toBe(verdict));

  test.each([
    [{ offlineAccess: true }, 'ok'],
    [{}, 'warn'],
    [{ scopes: ['openid', 'offline_access'] }, 'ok'],
  ])('refresh tokens for offline_access, where the policy has %j', (change, verdict) => {
    const offered = {
      ...endpoint,
      grant_types_supported: [device, 'refresh_token'],
      scopes_supported: ['offline_access'],
    };
    expect(deviceFinding(offered, { ...asks, ...change }).verdict).toBe(verdict);
  });

  test('no codes: what the product needs, or what the provider answered', () => {
    const none = new Refused('NO_DEVICE_FLOW', {}, new Error('there is no page to type the code on'));
    expect(codeFinding(none, 'https://id.example.com/application/o/gate/')).toEqual({
      verdict: 'fail',
      why: 'nobody can sign in: there is no page to type the code on',
      remedy: expect.stringContaining('Device code flow of the brand'),
    });
    expect(codeFinding(new Refused('NO_DEVICE_FLOW'), 'https://id').why).toContain('gets no device codes');
    const refused = new Refused('PROVIDER_DOWN', {}, Object.assign(new Error(), { error: 'invalid_client' }));
    expect(codeFinding(refused, 'https://id')).toMatchObject({
      why: 'nobody gets a code: the provider does not accept the client or its secret (invalid_client)',
      remedy: expect.stringContaining('client_secret_file'),
    });
  });

  test('where there is no device flow, the cure names the other one', () => {
    expect(deviceFinding({}, asks)).toMatchObject({ remedy: expect.stringContaining('sign_in.flow: code') });
  });

  const authorization = { authorization_endpoint: 'https://id/auth' };
  const s256 = { code_challenge_methods_supported: ['plain', 'S256'] };
  test.each([
    [{ ...authorization, ...s256 }, 'ok'],
    [{ ...authorization, ...s256, response_types_supported: ['code', 'id_token'] }, 'ok'],
    [{ ...authorization, ...s256, grant_types_supported: ['authorization_code'] }, 'ok'],
    [{ ...authorization }, 'warn'],
    [{ ...authorization, code_challenge_methods_supported: ['plain'] }, 'fail'],
    [{ ...authorization, ...s256, grant_types_supported: ['implicit'] }, 'fail'],
    [{ ...authorization, ...s256, response_types_supported: ['id_token'] }, 'fail'],
    [{ ...s256 }, 'fail'],
  ])('the code flow: %j', (document, verdict) => {
    expect(['code', 'both'].map((flow) => pkceFinding(document, flow as 'code').verdict)).toEqual([verdict, verdict]);
    expect(pkceFinding(document, 'device').verdict).toBe('ok');
  });

  const rsa = [{ kty: 'RSA', use: 'sig' }];
  test.each([
    [{}, rsa, 'ok'],
    [{ id_token_signing_alg_values_supported: ['HS256', 'none'] }, rsa, 'fail'],
    [{ id_token_signing_alg_values_supported: ['ES256'] }, [{ kty: 'oct' }], 'fail'],
    [{}, [{ kty: 'RSA', use: 'enc' }], 'fail'],
    [{}, 'rubbish', 'fail'],
  ])('keys: %j, %j', (document, keys, verdict) => expect(keysFinding(document, keys).verdict).toBe(verdict));

  test('the approval client: what the provider answered is what is told', () => {
    const refused = new Refused('NO_DEVICE_FLOW', {}, new Error('the provider answered "unauthorized_client" (400)'));
    expect(approvalFinding(refused)).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('unauthorized_client'),
    });
    expect(approvalFinding('rubbish').verdict).toBe('fail');
  });

  test('issuer, https and clock', () => {
    expect(issuerFinding({ issuer: 'https://id' }, 'https://id/').verdict).toBe('fail');
    expect(httpsFinding({ jwks_uri: 'http://id/keys' }, 'https://id', false).verdict).toBe('fail');
    expect(httpsFinding({ jwks_uri: 'http://id/keys' }, 'https://id', true).verdict).toBe('warn');
    expect(httpsFinding({ jwks_uri: 'https://id/keys' }, 'https://id', false).verdict).toBe('ok');
    expect([4_000, -20_000, 90_000, undefined].map((ms) => dateFinding(ms).verdict)).toEqual([
      'ok',
      'warn',
      'fail',
      'unknown',
    ]);
  });
});

test.each([
  ['dba\n', undefined, true],
  ['# dba\nroot\n', undefined, false],
  ['', 'dba', false],
  [undefined, 'dba\n', false],
  [undefined, 'web\n', true],
  [undefined, undefined, true],
])('cron.allow %j, cron.deny %j: dba may use it: %s', (allow, deny, may) =>
  expect(mayUse('dba', allow, deny)).toBe(may),
);

test.each([
  [{ uid: 0, gid: 50, mode: 0o42775 }, [7], false],
  [{ uid: 0, gid: 50, mode: 0o42775 }, [7, 50], true],
  [{ uid: 0, gid: 0, mode: 0o41777 }, [7], true],
  [{ uid: 7, gid: 0, mode: 0o40755 }, [7], true],
])('a folder of programs %j, and an account of the groups %j', (stats, gids, can) => {
  expect(canWrite(stats, 7, gids)).toBe(can);
});

test('room for the journal', () => {
  const mega = 1024 * 1024;
  expect([10 * mega, 500 * mega, 5_000 * mega].map((free) => roomFinding('journal', free, 9).verdict)).toEqual([
    'fail',
    'warn',
    'ok',
  ]);
  expect(roomFinding('journal', 5_000 * mega, 0).verdict).toBe('fail');
});

test.each([
  ['', 'ok', 'this OpenSSH has no penalties'],
  ['persourcepenalties no', 'ok', 'no penalties for an address'],
  ['persourcepenalties crash:90 authfail:5\npersourcepenaltyexemptlist none', 'warn', 'locked out together'],
  ['persourcepenalties crash:90 authfail:5', 'warn', 'locked out together'],
  ['persourcepenalties crash:90\npersourcepenaltyexemptlist 192.0.2.7', 'ok', 'except 192.0.2.7'],
])('of penalties for an address, "%s" is %s: %s', (told, verdict, why) => {
  expect(penaltiesFinding(parseSettings(told))).toMatchObject({ verdict, why: expect.stringContaining(why) });
});
