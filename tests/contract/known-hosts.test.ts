// known_hosts as OpenSSH reads it: ssh-keygen itself says which lines are of a host.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, outcome } from '../../scripts/sandbox/exec.ts';
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

test.each([
  ['prod-box', 'prod-box', 22],
  ['prod-box', 'prod-box2', 22],
  ['prod-box', 'PROD-BOX', 22],
  ['prod-box', 'prod-box', 2222],
  ['[prod-box]:2222', 'prod-box', 2222],
  ['[prod-box]:2222', 'prod-box', 22],
  ['other,prod-box', 'prod-box', 22],
  ['*.example.com', 'a.example.com', 22],
  ['*.example.com', 'example.com', 22],
  ['*.example.com', 'aXexample.com', 22],
  ['prod-?', 'prod-1', 22],
  ['*.example.com,!bad.example.com', 'bad.example.com', 22],
  ['*.example.com,!bad.example.com', 'good.example.com', 22],
  ['!prod-box', 'prod-box', 22],
  ['[*.example.com]:2222', 'a.example.com', 2222],
])('%s is found for %s:%d where ssh-keygen finds it', async (names, host, port) => {
  const path = join(folder, 'known_hosts');
  writeFileSync(path, `${names} ${line}\n`);
  const { code } = await outcome('ssh-keygen', ['-F', port === 22 ? host : `[${host}]:${String(port)}`, '-f', path]);
  expect(trustFile(readFileSync(path, 'utf8'), host, port).accepts(key)).toBe(code === 0);
});

test('a hashed name is found', async () => {
  const path = join(folder, 'hashed');
  writeFileSync(path, `[prod-box]:2222 ${line}\n`);
  await must('ssh-keygen', ['-q', '-H', '-f', path]);
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(/^\|1\|/);
  expect([2222, 22].map((port) => trustFile(text, 'prod-box', port).accepts(key))).toEqual([true, false]);
});

test('a revoked key is refused, also where it is known; a key of an authority is none of the host', () => {
  const trusts = [`prod-box ${line}\n@revoked * ${line}\n`, `@cert-authority prod-box ${line}\n`, '', '# prod-box x\n'];
  for (const text of trusts) expect(trustFile(text, 'prod-box', 22).accepts(key)).toBe(false);
});

test('a fingerprint is that of ssh-keygen', async () => {
  const [, told = ''] = (await must('ssh-keygen', ['-lf', join(folder, 'key.pub')])).split(' ');
  expect(fingerprint(key)).toBe(told);
  expect([told, 'SHA256:', 'SHA256:x'].map((one) => trustFingerprint(one).accepts(key))).toEqual([true, false, false]);
});
