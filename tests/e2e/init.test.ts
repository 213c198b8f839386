// `tmux-gate init` on a stock host: it shows what it would change, cannot lock the admin out, changes nothing the second time, and takes
// everything back to the last byte. Then `login` and `session`.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addressAfterSignIn, completeSignIn } from '../../scripts/sandbox/browser.ts';
import { plainEnv } from '../../scripts/sandbox/exec.ts';
import { codeLink } from '../../scripts/sandbox/person.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { noRefreshToken } from '../../src/core/messages/setup.ts';
import { place } from '../harness/inside.ts';
import { alice, setUpHost, type SetUpHost } from '../harness/set-up-host.ts';

let on: SetUpHost;
let stock: string;
const deviceLink = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
const confirmation = /tmux-gate init --confirm ([0-9A-Z]{8})/;

beforeAll(async () => {
  on = await setUpHost(`tmux-gate-${place('xxi')}`);
  await on.key('alice');
  stock = await on.host.state();
});
afterAll(async () => on[Symbol.asyncDispose]());

const etc = (path: string): string => readFileSync(join(on.host.root, 'etc', path), 'utf8');
const pending = (): string => join(on.host.root, 'var/lib/tmux-gate/setup/pending.json');

/** Begins `init` in an ssh login of its own. @returns it, and the code that confirms it */
async function begin(): Promise<{ readonly terminal: Terminal; readonly code: string }> {
  const terminal = on.ssh(['tmux-gate', 'init', '--from', on.answers()]);
  const [, code = ''] = await terminal.until(confirmation, { timeoutMs: 60_000 });
  return { terminal, code };
}

test('a dry run shows every change, and makes none', async () => {
  const { code, stdout } = await on.gate('init', '--from', on.answers(), '--dry-run');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^\+ useradd -m .* init-dba$/m);
  expect(stdout).toMatch(/^\+DenyUsers init-dba$/m);
  expect(stdout).toMatch(/^\+\+\+ b\/etc\/tmux-gate\/config\.yaml/m);
  expect(stdout).toMatch(/^\+ {2}prod-db:$/m);
  expect(await on.host.state()).toBe(stock);
});

test.each([
  ['another issuer', { issuer: '/x' }, 'PROVIDER_UNFIT'],
  ['nothing there', { issuer: 'http://127.0.0.1:9/' }, 'PROVIDER_UNFIT'],
  ['another client', { client_id: 'somebody' }, 'CLIENT_REFUSED'],
  ['a wrong secret', { client_id: 'tmux-gate-basic', client_secret_file: '/etc/hostname' }, 'CLIENT_REFUSED'],
  [
    'a redirect address that is not registered',
    { settings: { redirect_uri: 'http://127.0.0.1:9/' } },
    'REDIRECT_REFUSED',
  ],
])('%s is named before anything is written', async (_, differs, named) => {
  const { issuer = '' } = differs as { issuer?: string };
  const oidc = {
    client_id: 'tmux-gate',
    insecure_http: true,
    claims: { login: { claim: 'email' }, groups: 'groups' },
    ...differs,
  };
  const answers = on.answers({
    ...('settings' in differs ? { sign_in: { flow: 'both' } } : {}),
    oidc: { ...oidc, issuer: issuer.startsWith('http') ? issuer : `${on.provider.issuer}${issuer}` },
  });
  const { code, stderr } = await on.gate('init', '--dry-run', '--from', answers);
  expect({ named: stderr.includes(`[${named}]`), stderr, failed: (code ?? 0) > 1 }).toMatchObject({
    named: true,
    failed: true,
  });
  expect(await on.host.state()).toBe(stock);
});

test('every answer that is missing is named at once, and so is what cannot be read', async () => {
  expect((await on.gate('init')).stderr).toContain('--issuer, --session, --who, --approvers');
  const { stderr } = await on.gate('init', '--from', on.answers({ sesion: {} }));
  expect(stderr).toContain('[BAD_ANSWERS]');
});

test('without claims, a sign-in of the admin shows what a token carries; a wrong clock is named', async () => {
  const oidc = { issuer: on.provider.issuer, client_id: 'tmux-gate', insecure_http: true };
  const words = ['init', '--dry-run', '--from', on.answers({ oidc })];
  const look = async (): Promise<Terminal> => {
    const [program, ...args] = on.host.command('tmux-gate', ...words);
    const terminal = new Terminal(program, args, { env: plainEnv, tty: false });
    const [link] = await terminal.until(deviceLink, { timeoutMs: 30_000 });
    await completeSignIn(link, alice);
    return terminal;
  };
  await using seen = await look();
  expect((await seen.exit).code).toBe(1);
  expect(seen.text).toContain('Proposed claims.login:  email without @example.com (you would be the login alice)');
  expect(seen.text).toContain('Proposed claims.groups: groups (yours: engineers)');
  expect(seen.text).not.toContain(noRefreshToken);
  await on.provider.shape({ noRefreshToken: true });
  await using without = await look();
  await without.exit;
  await on.provider.shape({});
  expect(without.text).toContain(noRefreshToken);
  await on.provider.clock(3_600);
  const wrong = await on.gate(...words).finally(async () => on.provider.clock(0));
  expect(wrong.stderr).toMatch(/clocks of this host and of the provider differ by \d+ s\. \[PROVIDER_UNFIT\]/);
});

test('on a terminal it asks for what nobody gave, the secret without showing it', async () => {
  const [program, ...args] = on.host.command('tmux-gate', 'init', '--dry-run', '--insecure-http');
  await using asked = new Terminal(program, args, { env: plainEnv });
  const said = async (question: RegExp, answer: string): Promise<void> => {
    await asked.until(question, { timeoutMs: 30_000 });
    asked.type(`${answer}\r`);
  };
  await said(/Name of this host[^\n]*: /, 'prod-box');
  await said(/Issuer[^\n]*: /, on.provider.issuer);
  await said(/Client id \[tmux-gate\]: /, '');
  await said(/Client secret[^\n]*: /, '');
  await said(/Client of approval links[^\n]*: /, '');
  await said(/First session[^\n]*: /, 'prod-db');
  await said(/Account that it runs as[^\n]*\[prod-db\]: /, 'init-dba');
  await said(/may ask for it[^\n]*: /, 'engineers, dbas');
  await said(/Groups that approve: /, 'oncall');
  await said(/First login[^\n]*: /, 'init-alice');
  await said(/Its public key[^\n]*: /, '/root/keys/alice.pub');
  await said(/How people sign in[^\n]*\[device\]: /, 'neither');
  await said(/neither\s[^]*How people sign in[^\n]*\[device\]: /, '');
  const [link] = await asked.until(deviceLink, { timeoutMs: 30_000 });
  await completeSignIn(link, alice);
  await said(/names the login \[email\]: /, '');
  await said(/cut off it[^\n]*\[example\.com\]: /, '');
  await said(/Claim with the groups \[groups\]: /, '');
  expect((await asked.exit).code).toBe(1);
  expect(asked.text).toMatch(/who: \[ engineers, dbas \]/);
  expect(await on.host.state()).toBe(stock);
});

test('a sign-in by a link, whose address is pasted where nobody sees it', async () => {
  const oidc = { issuer: on.provider.issuer, client_id: 'tmux-gate', insecure_http: true };
  const answers = on.answers({ oidc, sign_in: { flow: 'code' } });
  const [program, ...args] = on.host.command('tmux-gate', 'init', '--dry-run', '--from', answers);
  await using asked = new Terminal(program, args, { env: plainEnv, cols: 1000 });
  const [link] = await asked.until(codeLink, { timeoutMs: 30_000 });
  const address = await addressAfterSignIn(link, alice);
  await asked.until('Paste that address here');
  asked.type(`${address}\r`);
  for (const question of [/names the login \[email\]: /, /cut off it[^\n]*: /, /Claim with the groups[^\n]*: /]) {
    await asked.until(question, { timeoutMs: 30_000 });
    asked.type('\r');
  }
  expect((await asked.exit).code).toBe(1);
  expect(asked.text).not.toContain(new URL(address).searchParams.get('code'));
  expect(asked.text).toMatch(/^\+sign_in:\s+\+ {2}flow: code/m);
});

test('nobody confirms it: it is undone, also when its login is gone', async () => {
  const { terminal, code } = await begin();
  expect(existsSync(join(on.host.root, 'etc/tmux-gate/config.yaml'))).toBe(true);
  // The login that made the change proves nothing, nor does a console.
  const here = await on.gate('init', '--confirm', code);
  expect(here.stderr).toContain('[NOT_A_NEW_LOGIN]');
  terminal.kill('SIGKILL');
  await terminal.exit;
  const journal = JSON.parse(readFileSync(pending(), 'utf8')) as object;
  writeFileSync(`${pending()}.test`, JSON.stringify({ ...journal, deadlineMs: 0 }), { mode: 0o600 });
  renameSync(`${pending()}.test`, pending()); // the guard reads it five times a second
  while (existsSync(pending())) await delay(50);
  expect(await on.host.state()).toBe(stock);
});

test('a login that was there before does not confirm it, a new one does', async () => {
  const socket = join(on.host.root, 'root/mux');
  const shared = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${socket}`, '-o', 'ControlPersist=120'];
  await using old = on.ssh(['true'], shared);
  expect((await old.exit).code).toBe(0);
  const { terminal, code } = await begin();
  await using multiplexed = on.ssh(['tmux-gate', 'init', '--confirm', code], shared);
  await multiplexed.exit;
  expect(multiplexed.text).toContain('[NOT_A_NEW_LOGIN]');
  await using wrong = on.ssh(['tmux-gate', 'init', '--confirm', 'WR0NGC0D']);
  await wrong.exit;
  expect(wrong.text).toContain('[WRONG_CODE]');
  await using fresh = on.ssh(['tmux-gate', 'init', '--confirm', code.toLowerCase()]);
  expect({ exit: await fresh.exit, text: fresh.text }).toMatchObject({ exit: { code: 0 } });
  expect((await terminal.exit).code).toBe(0);
  expect(terminal.text).toContain('Confirmed');
  expect(etc('ssh/sshd_config.d/tmux-gate.conf')).toContain('DenyUsers init-dba');
  expect((await on.gate('policy', 'check')).code).toBe(0);
  await on.ssh([], [...shared, '-O', 'exit']).exit;
});

test('the second time there is nothing to change', async () => {
  const before = await on.host.state();
  const { code, stderr } = await on.gate('init', '--from', on.answers());
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain('Nothing to change');
  expect(await on.host.state()).toBe(before);
});

test('login add, list and remove', async () => {
  const before = await on.host.state();
  const key = await on.key('bob');
  const lines = `${etc('ssh/tmux-gate-keys/init-alice')}${readFileSync(join(on.host.root, key), 'utf8')}`;
  writeFileSync(join(on.host.root, 'root/keys/github'), lines);
  expect(await on.gate('login', 'add', 'init-bob', '--key', '/root/keys/github')).toMatchObject({ code: 0 });
  expect(await on.host.must('stat', '-c', '%U %a', '/home/init-bob')).toBe('root 755\n');
  expect(await on.host.must('id', '-Gn', 'init-bob')).toContain('tmux-gate');
  expect((await on.gate('login', 'add', 'init-bob', '--key', key)).stderr).toContain('Nothing to change');
  const { stdout } = await on.gate('login', 'list', '--json');
  expect(JSON.parse(stdout)).toEqual([
    { name: 'init-alice', keys: 1, account: 'made' },
    { name: 'init-bob', keys: 2, account: 'made' },
  ]);
  expect((await on.gate('login', 'add', 'root', '--key', key)).stderr).toContain('[UNFIT_LOGIN]');
  expect((await on.gate('login', 'add', 'init-carol', '--key', '/etc/passwd')).stderr).toContain('[BAD_KEY]');
  const removed = await on.gate('login', 'remove', 'init-bob');
  expect(removed.stderr).toMatch(/disconnected within 1m[^]*removed/);
  expect((await on.gate('login', 'remove', 'init-bob')).stderr).toContain('[NO_SUCH_LOGIN]');
  expect(await withoutCopies()).toBe(await withoutCopies(before));
});

/** The state without the copies that useradd(8) keeps of its files. */
async function withoutCopies(state?: string): Promise<string> {
  return (state ?? (await on.host.state()))
    .split('\n')
    .filter((line) => !/etc\/(?:passwd|group|g?shadow|sub[ug]id)-/.test(line))
    .join('\n');
}

test('session add keeps the comments of the policy, and closes the ways around the gate', async () => {
  const path = join(on.host.root, 'etc/tmux-gate/config.yaml');
  writeFileSync(path, `# mine\n${readFileSync(path, 'utf8')}# the end\n`);
  const words = ['--as', 'init-web', '--who', 'engineers', '--approvers', 'oncall', '--approvers', 'leads'];
  expect(await on.gate('session', 'add', 'prod-web', ...words)).toMatchObject({ code: 0 });
  const policy = etc('tmux-gate/config.yaml');
  expect(policy).toMatch(/^# mine\n[^]*# the end\n$/);
  expect(policy).toMatch(/prod-db:[^]*prod-web:\n[^]*run_as: init-web\n {4}who: \[ engineers \]/);
  expect(etc('ssh/sshd_config.d/tmux-gate.conf')).toContain('DenyUsers init-dba init-web');
  expect((await on.gate('session', 'add', 'prod-web', ...words)).stderr).toContain('[SESSION_THERE]');
  expect((await on.gate('session', 'add', 'other', ...words.with(1, 'init-alice'))).stderr).toContain(
    '[UNFIT_ACCOUNT]',
  );
});

test('--undo takes everything back, byte for byte; what was edited since is kept aside and named', async () => {
  const { code, stderr } = await on.gate('init', '--undo');
  expect(code).toBe(1);
  expect(stderr).toContain('/etc/tmux-gate/config.yaml was changed since');
  expect(await on.host.state()).toBe(stock);
  expect((await on.gate('init', '--undo')).stderr).toContain('[NOTHING_TO_UNDO]');
});
