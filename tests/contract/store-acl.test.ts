// deploy/redis.acl as it is shipped: under its user the whole store works, uses each command that the file gives, and touches no key that a
// script did not declare (docs/store.md; Redis Cluster and managed services refuse such a script).
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../src/adapters/redis/store.ts';
import { accepts, freePort } from '../../scripts/sandbox/sockets.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { collect, grantOf, happening, patience, request, reviewOf } from './store-harness.ts';

const shipped = readFileSync('deploy/redis.acl', 'utf8');
const password = 'a-password-of-the-test';
const folder = mkdtempSync(join(tmpdir(), 'store-acl-'));
let asAdmin: readonly string[];
let server: ChildProcess;
let store: Store;

beforeAll(async () => {
  const given = shipped.replace('user tmux-gate on ', `user tmux-gate on >${password} `);
  writeFileSync(join(folder, 'acl'), `${given}user admin on >admin ~* &* +@all\n`);
  writeFileSync(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--aclfile', join(folder, 'acl')];
  server = spawn('redis-server', settings, { stdio: 'ignore' });
  await eventually('redis-server accepts', async () => accepts({ host: '127.0.0.1', port }));
  asAdmin = ['-p', String(port), '--user', 'admin', '--pass', 'admin', '--no-auth-warning'];
  store = await openStore({
    url: `redis://tmux-gate@127.0.0.1:${String(port)}`,
    passwordFile: join(folder, 'password'),
  });
  await store.connected(patience());
});
afterAll(async () => {
  await store.close();
  const gone = once(server, 'exit');
  server.kill();
  await gone;
  rmSync(folder, { recursive: true });
});

/** A command as MONITOR shows it: where it came from (`lua` inside a script), its name and its words. */
interface Command {
  readonly from: string;
  readonly name: string;
  readonly words: readonly string[];
}

function parse(line: string): Command | undefined {
  const from = /^[0-9.]+ \[0 ([^\]]+)\] /.exec(line)?.[1];
  const [name, ...words] = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word);
  return from === undefined || name === undefined ? undefined : { from, name: name.toLowerCase(), words };
}

/** What the server ran while the action went on, without what the administrator sent. */
async function monitored(action: () => Promise<void>): Promise<readonly Command[]> {
  const monitor = spawn('redis-cli', [...asAdmin, 'monitor'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [begun, ended] = [happening(), happening()];
  const commands: Command[] = [];
  createInterface(monitor.stdout).on('line', (line) => {
    if (line === 'OK') begun.happen();
    if (line.includes('"the-end"')) ended.happen();
    const command = parse(line);
    if (command !== undefined) commands.push(command);
  });
  await begun.happened;
  await action();
  execFileSync('redis-cli', [...asAdmin, 'echo', 'the-end'], { stdio: 'ignore' });
  await ended.happened;
  monitor.kill();
  return commands.filter(({ name }) => !['echo', 'auth', 'flushall'].includes(name));
}

/** Everything that keepers do with the store. */
async function useAll(): Promise<void> {
  execFileSync('redis-cli', [...asAdmin, 'flushall'], { stdio: 'ignore' });
  const { done } = await collect(store, 12);
  const grant = grantOf();
  const person = { host: 'prod-box', login: 'alice', fingerprint: 'SHA256:x' };
  for (const id of ['K7QF', 'K7QG']) await store.post(request(id));
  await store.review('K7QF', reviewOf('bob', 'yes'));
  await store.find('K7QF');
  expect(await store.decide('K7QF', 1)).toBe(true);
  expect(await store.pending()).toHaveLength(2);
  await store.settle('K7QG', 'denied', 60_000);
  expect(await store.grant('K7QF', { ...grant, reviews: 1 })).toBe(true);
  for (const filter of [{}, { host: grant.host }, { ...grant, id: grant.grantId }])
    expect(await store.live(filter)).toHaveLength(1);
  expect(await store.revoke(grant, 'proof')).toBe(true);
  expect(await store.live({})).toEqual([]);
  await store.confirm('prod-box', 'G1', 'proof');
  await store.rememberSignIn(person, 'signed', Date.now() + 60_000);
  expect(await store.signIn(person)).toBe('signed');
  expect(await store.forgetSignIns('prod-box', 'alice')).toBe(1);
  await store.lock('alice', 'lock');
  expect(await store.locks()).toEqual(['lock']);
  await store.leave('asks', 'prod-box', { from: 'other', jws: 'ask' });
  expect(await store.letters('asks', 'prod-box')).toHaveLength(1);
  expect(await store.openRound('batch', { id: 'B1', jws: 'batch', end: Date.now() + 60_000 })).toBe(true);
  await store.answerRound('batch', 'B1', { from: 'prod-box', jws: 'answer' });
  await store.withdrawRound('batch', 'B1', 'withdrawal');
  expect(await store.findRound('batch', 'B1')).toMatchObject({ jws: 'batch', withdrawal: 'withdrawal' });
  expect(await store.rounds('batch')).toEqual(['B1']);
  await store.skew();
  await store.ping();
  await store.post(request('LAST'));
  await done;
}

/** Used with Sentinels and a Cluster alone: store-cluster.test.ts. */
const withReplicas = ['wait', 'cluster|info', 'cluster|slots'];
const inShipped = [...shipped.matchAll(/\+(\S+)/g)].map(([, name = '']) => name);

test('the user of deploy/redis.acl can do all that the store does; nobody gets in as the default user', async () => {
  execFileSync('redis-cli', [...asAdmin, 'script', 'flush'], { stdio: 'ignore' });
  const commands = await monitored(useAll);
  expect([...new Set(commands.map(({ name }) => name))].sort()).toEqual(
    inShipped.filter((name) => !withReplicas.includes(name)).sort(),
  );
  expect(inShipped).toEqual(expect.arrayContaining(withReplicas));
  const stranger = execFileSync('redis-cli', [...asAdmin.slice(0, 2), 'ping'], { encoding: 'utf8' });
  expect(stranger).toContain('NOAUTH');
});

test('no script touches a key that it did not declare, and all keys have one hash tag', async () => {
  let declared: readonly string[] = [];
  const undeclared: Command[] = [];
  for (const command of await monitored(useAll)) {
    const { from, name, words } = command;
    if (name === 'eval' || name === 'evalsha') declared = words.slice(2, 2 + Number(words[1]));
    else if (from === 'lua' && name !== 'time' && !declared.includes(words[0] ?? '')) undeclared.push(command);
    expect(declared.filter((key) => !key.startsWith('{tmux-gate}:'))).toEqual([]);
  }
  expect(declared).not.toEqual([]);
  expect(undeclared).toEqual([]);
});
