// What is taken as public keys of a login.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { publicKeysIn } from '../../../../src/core/setup-rules/public-keys.ts';

const blobOf = (kind: string, fill = 1): string => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(kind.length);
  return Buffer.concat([head, Buffer.from(kind), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, fill)]).toString(
    'base64',
  );
};
const key = (kind: string, comment = '', fill = 1): string =>
  `${kind} ${blobOf(kind, fill)}${comment === '' ? '' : ` ${comment}`}`;
const ed = key('ssh-ed25519', 'alice@laptop');

test.each(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'sk-ssh-ed25519@openssh.com'])('%s is a key', (kind) => {
  expect(publicKeysIn(key(kind))).toEqual([{ line: key(kind), kind, comment: '' }]);
});

test('several lines, as GitHub serves them; empty ones and remarks are skipped', () => {
  const text = `# of alice\r\n${ed}\r\n\r\n${key('ssh-rsa')}\n`;
  expect(publicKeysIn(text)).toMatchObject([{ comment: 'alice@laptop' }, { kind: 'ssh-rsa' }]);
});

describe('anything else refuses the whole', () => {
  test.each([
    ['private', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\n'],
    ['none', '\n# nothing\n'],
    ['too-many', Array.from({ length: 51 }, (_, n) => key('ssh-ed25519', '', n)).join('\n')],
    ['malformed', `${ed}\n<html>`],
    ['malformed', ed.slice(0, 50)],
    ['malformed', `ssh-ed25519 ${blobOf('ssh-rsa')}`],
    ['malformed', 'ssh-dss AAAAB3NzaC1kc3MAAACBAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['options', `command="id" ${ed}`],
    ['options', `restrict,environment="LD_PRELOAD=/tmp/x" ${ed}`],
  ])('%s', (problem, text) => expect(publicKeysIn(text)).toBe(problem));
});

test('law 9: a comment is one line that can be shown', () => {
  expect(publicKeysIn(`${key('ssh-ed25519')} a\u202eb`)).toMatchObject([{ comment: 'a\ufffdb' }]);
});

test('what is read is written back as lines that are read alike; nothing throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(50), (text, at) => {
      const read = publicKeysIn(`${ed.slice(0, at)}${text}${ed.slice(at)}`);
      if (typeof read !== 'string') expect(publicKeysIn(read.map(({ line }) => line).join('\n'))).toEqual(read);
    }),
  );
});
