// A backup that is encrypted to recipients of age (src/cli/backup.ts): Debian's age opens it, `restore` opens it with an identity, and nothing
// of it is readable or unpacked without one.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { backup, restore } from '../../src/cli/backup.ts';
import { layoutAt, type Layout } from '../../src/wire/layout.ts';
import { temporary, type Folder } from '../unit/gate/folder.ts';

const [first, second, other] = [
  await generateX25519Identity(),
  await generateX25519Identity(),
  await generateX25519Identity(),
];
const recipients = [await identityToRecipient(first), await identityToRecipient(second)];
/** What zstd does not make smaller, over several chunks of age. */
const secret = execFileSync('openssl', ['rand', '-hex', '150000'], { encoding: 'utf8' });

let folder: Folder;
let host: Layout;
let file: string;
let said: string;

/** The parts of a host that a backup takes, below a folder of their own. */
function made(name: string): Layout {
  const layout = layoutAt(join(folder.path, name));
  for (const path of [`${layout.root}/etc/tmux-gate`, layout.keys, layout.journal])
    mkdirSync(path, { recursive: true });
  writeFileSync(layout.config, 'host: prod-box\n');
  writeFileSync(`${layout.keys}/host.jwk`, secret);
  writeFileSync(`${layout.journal}/journal.jsonl`, '{"n":1}\n');
  return layout;
}

beforeEach(() => {
  folder = temporary();
  said = '';
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((text) => (said += String(text)) !== '');
  host = made('host');
  file = join(folder.path, 'backup.tar.zst.age');
});
afterEach(() => {
  jest.restoreAllMocks();
  folder[Symbol.dispose]();
});

function written(name: string, text: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

/** A host that has nothing. */
function empty(): Layout {
  const layout = layoutAt(join(folder.path, 'empty'));
  mkdirSync(layout.root, { recursive: true });
  return layout;
}

const keyIn = (layout: Layout): string | undefined =>
  existsSync(`${layout.keys}/host.jwk`) ? readFileSync(`${layout.keys}/host.jwk`, 'utf8') : undefined;

test("Debian's age opens it with the identity of each recipient, and without one nothing of it can be read", async () => {
  expect(await backup(host, file, recipients)).toBe(0);
  expect(said).toMatch(/^Wrote .*\nIt is encrypted to 2 recipients: /);
  const bytes = readFileSync(file);
  expect(bytes.toString('latin1', 0, 22)).toBe('age-encryption.org/v1\n');
  const compressed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]); // how zstd begins (RFC 8878 section 3.1.1)
  expect([bytes.includes(compressed), bytes.includes(secret.slice(0, 64))]).toEqual([false, false]);
  for (const identity of [first, second]) {
    const packed = execFileSync('age', ['-d', '-i', written('identity', identity), file], { maxBuffer: 1 << 26 });
    const options = { input: packed, maxBuffer: 1 << 26 };
    const one = ['--zstd', '-xO', 'var/lib/tmux-gate/keys/host.jwk'];
    expect(execFileSync('tar', one, options).toString()).toBe(secret);
  }
});

test('restore opens it with an identity, as age-keygen writes it', async () => {
  await backup(host, file, recipients);
  const identity = written('identity', `# created: 2026-11-29\n# public key: ${recipients[1] ?? ''}\n${second}\n`);
  const to = empty();
  expect(await restore(to, file, identity)).toBe(0);
  expect(keyIn(to)).toBe(secret);
  expect(said).toContain('tmux-gate audit accept --reason');
});

test('restore takes a file that goes on behind the end of its archive, where tar reads no more', async () => {
  await backup(host, file, []);
  const whole = Buffer.concat([zstdDecompressSync(readFileSync(file)), Buffer.alloc(16 * 1024 * 1024)]);
  const to = empty();
  expect(await restore(to, written('longer', zstdCompressSync(whole)), undefined)).toBe(0);
  expect(keyIn(to)).toBe(secret);
});

describe('nothing is unpacked', () => {
  const refused = async (path: string, identity?: string): Promise<readonly unknown[]> => {
    said = '';
    const to = empty();
    return [await restore(to, path, identity), keyIn(to), said];
  };
  beforeEach(async () => {
    await backup(host, file, recipients);
  });

  test('without an identity: that it is encrypted, and which option opens it', async () => {
    expect(await refused(file)).toEqual([
      ...[77, undefined],
      'tmux-gate: the backup is encrypted\nhint: give the age identity of a recipient: --identity FILE\n',
    ]);
  });

  test('with the identity of somebody else, with none in the file, and with one that is not there', async () => {
    const notIts = expect.stringContaining('this identity does not open the backup');
    expect(await refused(file, written('other', other))).toEqual([77, undefined, notIts]);
    expect(await refused(file, written('rubbish', 'rubbish\n'))).toEqual([77, undefined, notIts]);
    expect(await refused(file, join(folder.path, 'nobody'))).toEqual([
      ...[66, undefined, expect.stringContaining('nobody cannot be read')],
    ]);
  });

  test('when its header was changed', async () => {
    const bytes = readFileSync(file);
    bytes[bytes.indexOf('\n--- ') + 10]! ^= 1;
    const changed = written('changed', bytes);
    expect((await refused(changed, written('identity', first))).slice(0, 2)).toEqual([77, undefined]);
  });
});

test.each([
  ['changed', (bytes: Buffer) => bytes.fill(0, bytes.length - 100)],
  ['cut', (bytes: Buffer) => bytes.subarray(0, -100)],
  ['cut behind a chunk', (bytes: Buffer) => bytes.subarray(0, -(bytes.length % (64 * 1024 + 16)))],
])('one that was %s is no backup', async (_how, change) => {
  await backup(host, file, recipients);
  const changed = written('changed', change(readFileSync(file)));
  expect(await restore(empty(), changed, written('identity', first))).toBe(65);
  expect(said).toContain('nothing that was restored can be used');
});

test('one that is not encrypted is restored with or without an identity', async () => {
  expect(await backup(host, file, [])).toBe(0);
  expect(said).toContain("It holds this host's signing key");
  const to = empty();
  expect(await restore(to, file, written('identity', first))).toBe(0);
  expect(keyIn(to)).toBe(secret);
});
