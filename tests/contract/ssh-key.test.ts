// Fingerprints of keys as ssh-keygen(1) tells them, of every algorithm that it makes, and of certificates over each.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf } from '../../src/adapters/ssh-key.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-key-'));
  keygen('-t', 'ed25519', '-f', 'ca');
});
afterAll(() => rmSync(folder, { recursive: true }));

const keygen = (...args: string[]): string =>
  execFileSync('ssh-keygen', args[0] === '-l' ? args : ['-q', ...(args.includes('-s') ? [] : ['-N', '']), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
const told = (file: string): string => keygen('-l', '-f', file).split(' ')[1] ?? '';
const read = (file: string): string =>
  fingerprintOf(`publickey ${readFileSync(join(folder, file), 'utf8').trim().split(' ').slice(0, 2).join(' ')}\n`);

/** RFC 4251 section 5. */
function blob(...fields: (string | Buffer)[]): string {
  const parts = fields.map((field) => Buffer.from(field as string));
  return Buffer.concat(
    parts.flatMap((part) => [Buffer.from([0, 0, part.length >> 8, part.length & 255]), part]),
  ).toString('base64');
}

/** Of a security key, which needs the hardware to be made, and none to be read (OpenSSH, PROTOCOL.u2f). */
const point = (): Buffer =>
  Buffer.from(readFileSync(join(folder, 'ecdsa.pub'), 'utf8').split(' ')[1] ?? '', 'base64').subarray(-65);
const hardware: Readonly<Record<string, () => string>> = {
  'sk-ssh-ed25519@openssh.com': () => blob('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:'),
  'sk-ecdsa-sha2-nistp256@openssh.com': () => blob('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', point(), 'ssh:'),
};

test.each([
  ['ed25519', ['-t', 'ed25519']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
  ['ecdsa', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa521', ['-t', 'ecdsa', '-b', '521']],
])('%s: the key, and each certificate over it', (name, how) => {
  keygen(...how, '-f', name);
  expect(read(`${name}.pub`)).toBe(told(`${name}.pub`));
  for (const serial of ['1', '2']) {
    keygen('-s', 'ca', '-I', 'alice', '-n', 'alice', '-z', serial, `${name}.pub`);
    expect(read(`${name}-cert.pub`)).toBe(told(`${name}.pub`));
  }
});

test.each(Object.keys(hardware))('%s: the key, and a certificate over it', (type) => {
  writeFileSync(join(folder, 'sk.pub'), `${type} ${hardware[type]!()} alice\n`);
  expect(read('sk.pub')).toMatch(/^SHA256:/);
  expect(read('sk.pub')).toBe(told('sk.pub'));
  keygen('-s', 'ca', '-I', 'alice', '-n', 'alice', 'sk.pub');
  expect(read('sk-cert.pub')).toBe(told('sk.pub'));
});

test('what follows the key on its line changes nothing', () => {
  const key = readFileSync(join(folder, 'ca.pub'), 'utf8').trim();
  expect(fingerprintOf(`publickey ${key}\n`)).toBe(told('ca.pub'));
});

test('an algorithm that nobody here knows has a fingerprint of its own all the same', () => {
  const [one, two] = ['new-key', 'new-kez'].map((name) => fingerprintOf(`publickey ${name} ${blob(name, 'x')}`));
  expect(one).toMatch(/^SHA256:/);
  expect(two).not.toBe(one);
  const unknown = `x-cert-v01@openssh.com`;
  expect(fingerprintOf(`publickey ${unknown} ${blob(unknown, 'nonce', 'key')}`)).toMatch(/^SHA256:/);
});

test.each([
  '',
  'password',
  'publickey ssh-ed25519',
  'publickey ssh-ed25519 !!',
  'publickey ssh-ed25519 AAAA',
  'hostbased x AAAAB3NzaC1yc2EA',
])('%j names no key', (auth) => {
  expect(fingerprintOf(auth)).toBe('');
});
