// Which keys a host may show (src/adapters/ssh/trust): known_hosts as ssh reads it, and files of public keys.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../../scripts/sandbox/exec.ts';
import { fingerprint, trustFile, trustFingerprint } from '../../src/adapters/ssh/trust.ts';

let folder = '';
let line = '';
let key: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-known-'));
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  line = readFileSync(join(folder, 'key.pub'), 'utf8').trim();
  key = Buffer.from(line.split(' ')[1] ?? '', 'base64');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether the file accepts the key for a host. */
async function accepts(text: string, host = 'prod-box', port = 22): Promise<boolean> {
  const path = join(folder, 'known_hosts');
  writeFileSync(path, text);
  return (await trustFile(path, host, port)).accepts(key);
}

test.each([
  ['prod-box', 'prod-box', 22, true],
  ['prod-box', 'prod-box2', 22, false],
  ['prod-box', 'prod-box', 2222, false],
  ['[prod-box]:2222', 'prod-box', 2222, true],
  ['[prod-box]:2222', 'prod-box', 22, false],
  ['other,prod-box', 'prod-box', 22, true],
  ['*.example.com', 'a.example.com', 22, true],
  ['*.example.com', 'example.com', 22, false],
  ['*.example.com', 'aXexample.com', 22, false],
  ['prod-?', 'prod-1', 22, true],
  ['*.example.com,!bad.example.com', 'bad.example.com', 22, false],
  ['*.example.com,!bad.example.com', 'good.example.com', 22, true],
  ['!prod-box', 'prod-box', 22, false],
  ['[*.example.com]:2222', 'a.example.com', 2222, true],
  ['-l', '-l', 22, true],
])('%s and %s:%d: %s', async (names, host, port, expected) => {
  expect(await accepts(`${names} ${line}\n`, host, port)).toBe(expected);
});

test('a hashed name is found', async () => {
  const path = join(folder, 'hashed');
  writeFileSync(path, `[prod-box]:2222 ${line}\n`);
  await must('ssh-keygen', ['-q', '-H', '-f', path]);
  expect(readFileSync(path, 'utf8')).toMatch(/^\|1\|/);
  const found = [2222, 22].map(async (port) => (await trustFile(path, 'prod-box', port)).accepts(key));
  expect(await Promise.all(found)).toEqual([true, false]);
});

test('a host whose name begins like a type of key is a host', async () => {
  expect([await accepts(`ssh-1 ${line}\n`, 'ssh-1'), await accepts(`ssh-1 ${line}\n`)]).toEqual([true, false]);
});

test('a file of public keys is of every host; its types are asked for', async () => {
  expect(await accepts(`# of prod-box\n${line} root@prod-box\n`, 'elsewhere', 2222)).toBe(true);
  expect(await accepts(`ssh-rsa ${line.split(' ')[1]!}\n`)).toBe(false);
  expect((await trustFile(join(folder, 'key.pub'), 'prod-box', 22)).types).toEqual(['ssh-ed25519']);
});

test('a revoked key is refused, also where it is known; a key of an authority is none of the host', async () => {
  const trusts = [`prod-box ${line}\n@revoked * ${line}\n`, `@cert-authority prod-box ${line}\n`, '', '# prod-box x\n'];
  for (const text of trusts) expect(await accepts(text)).toBe(false);
});

test('a file that is missing is said to be', async () => {
  await expect(trustFile(join(folder, 'none'), 'prod-box', 22)).rejects.toMatchObject({
    code: 'ENOENT',
    syscall: 'open',
  });
});

test('a fingerprint is that of ssh-keygen', async () => {
  const [, told = ''] = (await must('ssh-keygen', ['-lf', join(folder, 'key.pub')])).split(' ');
  expect(fingerprint(key)).toBe(told);
  expect([told, 'SHA256:', 'SHA256:x'].map((one) => trustFingerprint(one).accepts(key))).toEqual([true, false, false]);
});
