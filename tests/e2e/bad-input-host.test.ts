// What the gate stands on is gone or not as it must be: every new visit is refused with its code, nothing opens, and when it is
// back, visits work again (laws 1 and 7).
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import { cgroupMount } from '../../scripts/sandbox/cgroup.ts';
import { Daemon } from '../../scripts/sandbox/daemon.ts';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { untilAccepts } from '../../scripts/sandbox/sockets.ts';
import { connections, eventually, fenced, testHost, place } from '../house/inside.ts';
import { audit, expectRefused, expectSentence, plain, seenOf, seenOn, type Seen } from '../house/refused.ts';
import { endIt, letIn, putInOrder, say } from '../house/visits.ts';

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

async function expectWorks(): Promise<void> {
  await endIt(host, await letIn(host, alice));
}

const person = (name: string): Person => {
  const found = host.people[name];
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};

const keeperDown = async (seen: Seen): Promise<void> => {
  const name = (await must('hostname', [])).trim();
  const says = 'The keeper of this host does not answer, so the door stays shut.';
  expectSentence(seen, 'KEEPER_DOWN', says, `tell an admin of ${name}: systemctl status tmux-gate`);
  return Promise.resolve();
};

test('the keeper down: every visit and verb is refused, and works again once it is up', async () => {
  await host.keeper.stop();
  await keeperDown(await attach());
  await keeperDown(seenOf(await alice.run(['requests'])));
  expect(await host.cli(['grants'])).toMatchObject({ code: 69, stdout: '' });
  await host.keeper.start();
  await expectWorks();
});

test('a keeper that hangs: the gate waits ten seconds for its first word, then refuses', async () => {
  host.keeper.kill('SIGSTOP');
  try {
    await keeperDown(await attach());
  } finally {
    host.keeper.kill('SIGCONT');
  }
  expect((await alice.run(['help'])).code).toBe(0);
});

const redisDown = {
  code: 'REDIS_DOWN',
  says: 'The store of requests and grants does not answer, so nothing new can open.',
  hint: 'tell an admin of prod-box: redis is down',
} as const;

test('Redis hanging: new visits and reviews are refused, no request is lost for it, and it works again', async () => {
  const pid = Number(readFileSync(`${host.layout.run}/redis.pid`, 'utf8').split(' ')[0]);
  expect(readFileSync(`/proc/${String(pid)}/comm`, 'utf8')).toBe('redis-server\n');
  process.kill(pid, 'SIGSTOP');
  try {
    await expectRefused(host, alice, redisDown, attach);
    await expectRefused(host, host.people.bob, redisDown, async () => say(host.people.bob, ['approve', 'ABCDEF']));
    const status = await host.cli(['status']);
    expect(status.code).toBe(69);
    expect(status.stdout).toMatch(/^redis +DOWN {2}REDIS_DOWN$/m);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expectWorks();
});

test('the provider down: who has no sign-in is refused; who has one, and a grant, still attaches', async () => {
  const inside = await letIn(host, alice);
  await host.provider.stop();
  const expected = {
    code: 'PROVIDER_DOWN',
    says: 'The identity provider does not answer as it should.',
    hint: 'try again in a minute; if it stays, tell an admin of prod-box',
  } as const;
  const carol = person('carol');
  try {
    await expectRefused(host, carol, expected, async () => attach(carol));
    const again = alice.ssh(['-t', 'prod-db']);
    await again.until(/until \d\d:\d\d:\d\d UTC/);
    again.kill('SIGKILL');
    expect((await host.cli(['status'])).stdout).toMatch(/^provider +DOWN/m);
  } finally {
    await host.provider.start();
  }
  await endIt(host, inside);
  await expectWorks();
});

test('law 7: a full disk under the journal refuses every new visit and review', async () => {
  const folder = `${host.root}/var/lib/tmux-gate/journal`;
  await host.keeper.stop();
  const kept = readFileSync(`${folder}/journal.jsonl`);
  await must('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', folder]);
  try {
    writeFileSync(`${folder}/journal.jsonl`, kept, { mode: 0o600 });
    await host.keeper.start();
    await fill(`${folder}/ballast`);
    const dave = person('dave');
    const expected = 'The journal cannot be written, so nothing may open.';
    const hint = 'tell an admin of prod-box: the disk is full or failing';
    const terminal = dave.ssh(['-t', 'prod-db']);
    await dave.signInFrom(terminal);
    expectSentence(await seenOn(terminal), 'JOURNAL_DOWN', expected, hint);
    expect(plain((await host.cli(['status'])).stdout)).toContain('journal DOWN JOURNAL_DOWN');
    expect(await host.webhook.next((body) => (body as { why?: string }).why === 'JOURNAL_DOWN')).toMatchObject({
      body: { event: 'guard-failed', host: 'prod-box' },
    });
  } finally {
    await host.keeper.stop();
    await must('umount', ['-l', folder]);
  }
  await host.keeper.start();
  expect((await host.cli(['audit', 'verify'])).code).toBe(0);
  await expectWorks();
});

/** Writes until nothing more fits. */
function fill(path: string): Promise<void> {
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (let at = 0; at < 100; at++) writeFileSync(`${path}-${String(size)}-${String(at)}`, Buffer.alloc(size, 1));
    } catch {
      // that size is full
    }
  }
  return Promise.resolve();
}

test('cgroup v2 missing: nobody gets in, whoever was inside is out (law 4), and the next keeper ends what is left of it', async () => {
  const inside = await letIn(host, alice);
  const [connection] = connections(host.layout);
  await host.keeper.stop();
  const hide = `umount -l '${cgroupMount()}' && exec '${host.layout.lib}/keeper'`;
  const daemon = new Daemon('keeper', host.layout.cgroups.sandbox, 'unshare', ['-m', 'sh', '-c', hide]);
  try {
    await daemon.readyWhen(untilAccepts(host.keeper.socket, AbortSignal.timeout(15_000)));
    const expected = {
      code: 'CGROUP_DOWN',
      says: 'This host cannot fence a session (cgroup v2 with cgroup.kill is missing).',
      hint: 'tell an admin of prod-box: Linux 5.14 or later with cgroup v2',
    } as const;
    await inside.terminal.exit;
    await expectRefused(host, alice, expected, attach);
  } finally {
    await daemon.stop();
  }
  await host.keeper.start();
  expect(connections(host.layout)).toEqual([]);
  expect(fenced(host.layout, 'c', connection?.id ?? '')).toEqual([]);
  expect((await host.cli(['revoke', inside.request])).code).toBe(0);
  await expectWorks();
});

test('a login that owns its home is refused before any sign-in, and so is one in a folder that others can write', async () => {
  const erin = person('erin');
  const { uid, gid } = account(erin.login);
  const home = `${host.layout.home}/${erin.login}`;
  const expected = {
    code: 'INSECURE_HOME',
    says: `The home of login ${erin.login} can be written by that login, so it cannot be gated.`,
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
    await must('usermod', ['-s', shell, dave.login]);
    try {
      await accountsForgotten();
      const expected = {
        code: 'RC_SHELL',
        says: `The login shell of ${dave.login} reads files before the gate starts, so it cannot be gated.`,
        hint: `tell an admin of prod-box: usermod -s /bin/dash ${dave.login}`,
      } as const;
      if (shell === '/bin/bash') await expectRefused(host, dave, expected, async () => attach(dave));
      else expect((await attach(dave)).code).not.toBe(0); // sshd turns it away by itself
    } finally {
      await must('usermod', ['-s', '/bin/sh', dave.login]);
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
  const config = host.config as { sessions: Record<string, object> };
  host.writeConfig({
    ...config,
    sessions: { 'prod-db': { ...config.sessions['prod-db'], run_as: `${tga}-nobody-here` } },
  });
  await accountsForgotten();
  const notices = host.webhook.notices.length;
  const expected = {
    code: 'SESSION_ACCOUNT',
    says: 'The account that session prod-db runs as does not exist here.',
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
    /The gate was not started by its sudo rule\. \[NOT_BY_SUDO\] hint: connect with ssh; nothing else opens this door exit 77$/,
  );
});

test('at the end the journal is whole, and names every refusal', async () => {
  expect((await host.cli(['audit', 'verify'])).stdout).toMatch(/^The journal is whole/);
  const codes = new Set((await audit(host)).map((record) => record['code']));
  for (const code of ['REDIS_DOWN', 'PROVIDER_DOWN', 'CGROUP_DOWN', 'INSECURE_HOME', 'RC_SHELL', 'SESSION_ACCOUNT'])
    expect(codes).toContain(code);
  await eventually(
    'nobody is attached',
    async () => (await host.cli(['connections'])).stdout === 'Nobody is attached.\n',
  );
});
