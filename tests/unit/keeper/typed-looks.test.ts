// What the keeper answers a gate that records typed input.
import { expect, test } from '@jest/globals';
import type { Tty } from '../../../src/adapters/tty-looks.ts';
import type { Config } from '../../../src/core/policy-types.ts';
import { knownSecretPrompts } from '../../../src/core/secret-prompts.ts';
import { openTypedLooks } from '../../../src/keeper/connections/typed-looks.ts';
import type { RunningServer } from '../../../src/keeper/connections/session-lookup.ts';
import { person, policy } from '../core/sample.ts';

const who = person('alice');
const state = { session: 'prod-db', who };

function open(at: (cgroup: string) => Promise<readonly Tty[] | undefined>, secretPrompts = knownSecretPrompts) {
  const config = { sessions: { 'prod-db': { ...policy, secretPrompts } } } as unknown as Config;
  const server = { server: { cgroup: { path: '/c/s/1' } } } as unknown as RunningServer;
  const find = (name: string): RunningServer | undefined => (name === 'prod-db' ? server : undefined);
  return openTypedLooks({ config, sessions: { find }, ttyLooks: { at } });
}
const raw = [{ tty: 1, is: 'raw' }] as const;

test('has the terminals of the session, and which rows are prompts', async () => {
  const looks = open(async (cgroup) => Promise.resolve(cgroup === '/c/s/1' ? raw : undefined));
  expect(await looks.answer(state, { t: 'look', n: 7, rows: ['$ ', 'Password: '] })).toEqual({
    ...{ t: 'looked', n: 7, ttys: raw, prompts: [false, true] },
  });
});

test('has no terminals where they cannot be looked at, or the session is gone', async () => {
  const failed = open(async () => Promise.resolve(undefined));
  expect(await failed.answer(state, { t: 'look', n: 1, rows: [] })).toEqual({ t: 'looked', n: 1, prompts: [] });
  const gone = await open(async () => Promise.resolve(raw)).answer(
    { session: 'other', who },
    { t: 'look', n: 2, rows: ['Password: '] },
  );
  expect(gone).toEqual({ t: 'looked', n: 2, prompts: [false] });
});

test('rule 2: questions during a look share one that begins after it', async () => {
  const running: PromiseWithResolvers<readonly Tty[]>[] = [];
  const looks = open(async () => {
    running.push(Promise.withResolvers());
    return running.at(-1)!.promise;
  });
  const ask = async (n: number) => looks.answer(state, { t: 'look', n, rows: [] });
  const answers = [ask(1), ask(2), ask(3)];
  expect(running).toHaveLength(1);
  running[0]!.resolve(raw);
  await answers[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(running).toHaveLength(2);
  running[1]!.resolve([]);
  expect((await Promise.all(answers)).map(({ ttys }) => ttys?.length)).toEqual([1, 0, 0]);
  const last = ask(4);
  expect(running).toHaveLength(3);
  running[2]!.resolve(raw);
  expect((await last).ttys).toEqual(raw);
});

test.each([
  '[sudo] password for alice: ',
  '[sudo] Passwort für alice: ',
  '[sudo] alice 的密码：',
  '[sudo] alice 的密碼：',
  'Password: ',
  'Passwort: ',
  '密码：',
  "alice@10.0.0.7's password: ",
  '(alice@db) Password: ',
  "Enter passphrase for key '/home/alice/.ssh/id_ed25519': ",
  'Enter passphrase (empty for no passphrase): ',
  'Enter password: ',
  'Password for user alice: ',
  'Passwort für Benutzer alice: ',
  '用户 alice 的口令：',
  'Retype new password: ',
  'Enter PEM pass phrase:',
  'enter AES-256-CBC encryption password:',
  "Password for 'https://alice@git.example.com': ",
  'Please enter passphrase for disk sda: ***',
  'Enter PIN for authenticator: ',
  'PIN:',
  'Verification code: ',
  'Bitte geben Sie das Kennwort ein: ',
])('%j is a prompt for a secret', async (row) => {
  const looks = open(async () => Promise.resolve(raw));
  expect((await looks.answer(state, { t: 'look', n: 1, rows: [row] })).prompts).toEqual([true]);
});

test.each(['$ ', 'alice@password-host:~$ ', 'mysql> ', 'Password: wrong', '', 'Continue? [y/N] ', 'Shipping: '])(
  '%j is none',
  async (row) => {
    const looks = open(async () => Promise.resolve(raw));
    expect((await looks.answer(state, { t: 'look', n: 1, rows: [row] })).prompts).toEqual([false]);
  },
);
