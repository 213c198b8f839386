// sshd_config.example as it ships, in force in a real sshd, as sshd itself tells (`sshd -T -C`). What it forbids is tried in
// adversary/outsider.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { testHost } from '../harness/inside.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga' });
});
afterAll(async () => host[Symbol.asyncDispose]());

async function settings(user: string): Promise<ReadonlyMap<string, string>> {
  const config = `${host.root}/etc/ssh/sshd_config`;
  const told = await must('/usr/sbin/sshd', ['-T', '-f', config, '-C', `user=${user},host=h,addr=127.0.0.1`]);
  const found = new Map<string, string>();
  for (const row of told.split('\n')) {
    const [name = '', ...values] = row.split(' ');
    // AcceptEnv comes as a line for each name.
    found.set(name, [...(found.has(name) ? [found.get(name)] : []), ...values].join(' '));
  }
  return found;
}

test('a gated login gets the gate and nothing else', async () => {
  const told = await settings(host.people.alice.login);
  expect(Object.fromEntries(told)).toMatchObject({
    forcecommand: `exec /usr/bin/sudo -n ${host.layout.lib}/gate`,
    authorizedkeysfile: `${host.layout.keys}/%u`,
    authenticationmethods: 'publickey',
    exposeauthinfo: 'yes',
    disableforwarding: 'yes',
    permittunnel: 'no',
    permituserrc: 'no',
    permituserenvironment: 'no',
    maxsessions: '1',
    acceptenv: 'LANG LC_ALL LC_CTYPE NO_COLOR TMUX_GATE_PLAIN',
  });
});

test('other logins of the host keep what they had', async () => {
  const told = await settings('root');
  expect(told.get('forcecommand')).toBe('none');
  expect(told.get('disableforwarding')).toBe('no');
});

test('the session account is denied', async () => {
  expect((await settings('root')).get('denyusers')).toBe(host.layout.sessionAccount);
});
