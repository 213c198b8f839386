// What the gate stands on is not as it must be: every new visit is refused with its code, nothing opens, and when it is put
// right, visits work again (law 1). What is gone altogether is in faults/.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { changeAccount } from '../harness/from-outside.ts';
import { testHost, place } from '../harness/inside.ts';
import { audit, expectRefused, plain, seenOf, seenOn, type Seen } from '../harness/refused.ts';
import { requestAccess, leaveQueue, putInOrder } from '../harness/visits.ts';

const tga = place('tga');

let host: Host;
let alice: Person;

beforeAll(async () => {
  const people = { carol: ['engineers'], dave: ['engineers'], erin: ['engineers'] };
  host = await testHost({ prefix: 'tga', people });
  ({ alice } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await putInOrder(host);
});

const attach = async (person: Person = alice): Promise<Seen> => seenOn(person.ssh(['-t', 'prod-db']));

const person = (name: string): Person => {
  const found = host.people[name];
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};

test('a login that owns its home is refused before any sign-in, and so is one in a folder that others can write', async () => {
  const erin = person('erin');
  const { uid, gid } = account(erin.login);
  const home = `${host.layout.home}/${erin.login}`;
  const expected = {
    code: 'INSECURE_HOME',
    says: `tmux-gate cannot be used by login ${erin.login}: it can write to its own home.`,
    hint: `tell an admin of prod-box: chown root ${home}; see docs/logins.md`,
  } as const;
  chownSync(home, uid, gid);
  await expectRefused(host, erin, expected, async () => attach(erin));
  chownSync(home, 0, 0);
  chmodSync(home, 0o777);
  await expectRefused(host, erin, expected, async () => seenOf(await erin.run(['requests'])));
  chmodSync(home, 0o755);
  writeFileSync(`${home}/.pam_environment`, '');
  chownSync(`${home}/.pam_environment`, uid, gid);
  await expectRefused(host, erin, expected, async () => seenOf(await erin.run(['whoami'])));
  rmSync(`${home}/.pam_environment`);
  expect(statSync(home).uid).toBe(0);
  expect((await erin.run(['whoami'])).code).toBe(0);
});

test.each(['/bin/bash', '/usr/bin/zsh-that-is-not-there'])(
  'a login with shell %s is refused before any sign-in',
  async (shell) => {
    const dave = person('dave');
    await changeAccount('usermod', ['-s', shell, dave.login]);
    try {
      await accountsForgotten();
      const expected = {
        code: 'RC_SHELL',
        says: `tmux-gate cannot be used by login ${dave.login}: its shell reads files before tmux-gate starts.`,
        hint: `tell an admin of prod-box: usermod -s /bin/dash ${dave.login}`,
      } as const;
      if (shell === '/bin/bash') await expectRefused(host, dave, expected, async () => attach(dave));
      else expect((await attach(dave)).code).not.toBe(0); // sshd turns it away by itself
    } finally {
      await changeAccount('usermod', ['-s', '/bin/sh', dave.login]);
    }
  },
);

/** The keeper remembers accounts for five seconds; a new one remembers none. */
async function accountsForgotten(): Promise<void> {
  await host.keeper.stop();
  await host.keeper.start();
}

test('an admin who says insecure_login_homes lets such logins in, and the keeper says so loudly at its start', async () => {
  const erin = person('erin');
  const { uid, gid } = account(erin.login);
  const home = `${host.layout.home}/${erin.login}`;
  const config = host.config;
  chownSync(home, uid, gid);
  host.writeConfig({ ...config, insecure_login_homes: true });
  await accountsForgotten();
  expect(host.keeper.log.some((entry) => entry['option'] === 'insecure_login_homes')).toBe(true);
  expect((await erin.run(['whoami'])).code).toBe(0);
  chownSync(home, 0, 0);
  host.writeConfig(config);
  await accountsForgotten();
});

test('a session whose account is missing is refused before a reason is asked, and nobody is woken', async () => {
  await leaveQueue(await requestAccess(alice)); // signed in from here on
  const config = host.config as { sessions: Record<string, object> };
  host.writeConfig({
    ...config,
    sessions: { 'prod-db': { ...config.sessions['prod-db'], run_as: `${tga}-nobody-here` } },
  });
  await accountsForgotten();
  const notices = host.webhook.notices.length;
  const expected = {
    code: 'SESSION_ACCOUNT',
    says: `The account ${tga}-nobody-here of session prod-db does not exist on prod-box.`,
    hint: `tell an admin of prod-box: useradd ${tga}-nobody-here`,
  } as const;
  await expectRefused(host, alice, expected, attach);
  expect(host.webhook.notices.length).toBe(notices);
  host.writeConfig(config);
  await accountsForgotten();
});

test('the gate started without sudo refuses, also for root', () => {
  const gate = `${host.layout.lib}/gate`;
  const direct = execFileSync('sh', ['-c', `${gate} 2>&1; echo "exit $?"`], { encoding: 'utf8', env: {} });
  expect(plain(direct)).toMatch(
    /tmux-gate was not started by its sudo rule\. \[NOT_BY_SUDO\] hint: connect with ssh; there is no other way in exit 77$/,
  );
});

test('at the end the journal is whole, and names every refusal', async () => {
  expect((await host.cli(['audit', 'verify'])).stdout).toMatch(/^The journal is whole/);
  const codes = new Set((await audit(host)).map((record) => record['code']));
  for (const code of ['INSECURE_HOME', 'RC_SHELL', 'SESSION_ACCOUNT']) expect(codes).toContain(code);
  await eventually(
    'nobody is attached',
    async () => (await host.cli(['connections'])).stdout === 'Nobody is attached.\n',
  );
});
