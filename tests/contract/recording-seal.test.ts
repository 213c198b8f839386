// Sealing (src/adapters/recordings/seal, age): what is sealed is what was journaled, Debian's age and zstd open it, and an encrypted recording
// is read from anywhere with its identity and from nowhere without.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainAfter, noChain } from '../../src/core/recording/ranges.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { openRecording } from '../../src/adapters/recordings/open.ts';
import { sealRecording, type SealTask } from '../../src/adapters/recordings/seal.ts';

const header = '{"version":2,"width":80,"height":24}\n';
const row = (n: number): string =>
  `${JSON.stringify([n / 1000, 'o', createHash('sha512').update(`${n}`).digest('hex')])}\n`;
const rows = Array.from({ length: 3000 }, (_, n) => row(n));
const text = header + rows.join('');

let folder: string;
let base: string;
let cuts: number[];
const [identity, other] = [await generateX25519Identity(), await generateX25519Identity()];
const recipient = await identityToRecipient(identity);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seal-'));
  base = join(folder, 'ABCDEFGH23');
  writeFileSync(`${base}.cast`, text);
  cuts = [header.length];
  for (let n = 0; n < rows.length; n += 100) cuts.push(cuts.at(-1)! + rows.slice(n, n + 100).join('').length);
});
afterEach(() => rmSync(folder, { recursive: true }));

function task(recipients: readonly string[] = []): SealTask {
  const bytes = readFileSync(`${base}.cast`);
  const digests = cuts.map((to, n) => sha256(bytes.toString('utf8', cuts[n - 1] ?? 0, to)));
  return { base, cuts, chain: digests.reduce((chain, one) => chainAfter(chain, one, sha256), noChain), recipients };
}

async function read(from: number, identity?: string): Promise<string> {
  const recording = await openRecording(base, identity === undefined ? {} : { identity });
  let all = '';
  try {
    for await (const { at, code, data } of recording.events(from)) all += `${JSON.stringify([at, code, data])}\n`;
    return all;
  } finally {
    await recording.close();
  }
}

describe('compressed', () => {
  test("a range is a frame; the file is root's alone, and its digest is told", async () => {
    const { file, bytes, sha256 } = await sealRecording(task());
    expect(file).toBe(`${base}.cast.zst`);
    expect(statSync(file)).toMatchObject({ size: bytes, mode: 0o100600 });
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
    rmSync(`${base}.cast`);
    const recording = await openRecording(base);
    expect(recording.ranges.map(({ to }) => to)).toEqual(cuts);
    await recording.close();
    expect(await read(0)).toBe(rows.join(''));
    expect(readdirSync(folder)).toEqual(['ABCDEFGH23.cast.zst']);
  });

  test('a draft that a crash left is replaced', async () => {
    writeFileSync(`${base}.cast.zst.new`, 'half');
    await sealRecording(task());
    expect(existsSync(`${base}.cast.zst.new`)).toBe(false);
    expect(await read(0)).toBe(rows.join(''));
  });

  test.each([
    ['changed', (): void => writeFileSync(`${base}.cast`, text.replace('"o"', '"x"'))],
    ['shorter', (): void => truncateSync(`${base}.cast`, text.length - 1)],
    ['longer', (): void => appendFileSync(`${base}.cast`, row(9999))],
    ['missing', (): void => rmSync(`${base}.cast`)],
  ])('what is not as the journal has it is not sealed: %s', async (what, change) => {
    const journaled = task();
    change();
    await expect(sealRecording(journaled)).rejects.toMatchObject({ name: 'RecordingChanged', what });
    expect(readdirSync(folder)).toEqual(what === 'missing' ? [] : ['ABCDEFGH23.cast']);
  });
});

describe('encrypted', () => {
  let file: string;
  beforeEach(async () => {
    ({ file } = await sealRecording(task([recipient, await identityToRecipient(other)])));
    rmSync(`${base}.cast`);
  });

  test('age of Debian opens it, for each recipient', () => {
    expect(file).toBe(`${base}.cast.zst.age`);
    for (const one of [identity, other]) {
      writeFileSync(join(folder, 'key'), one, { mode: 0o600 });
      const compressed = execFileSync('age', ['-d', '-i', join(folder, 'key'), file], { maxBuffer: 1 << 26 });
      expect(execFileSync('zstd', ['-dcq'], { input: compressed, maxBuffer: 1 << 26 }).toString()).toBe(text);
    }
  });

  test('is read with an identity, from any range on', async () => {
    expect(await read(0, `# made by age-keygen\n${identity}\n`)).toBe(rows.join(''));
    expect(await read(30, other)).toBe(rows.slice(2900).join(''));
  });

  test('what age of Debian encrypts is read, too', async () => {
    execFileSync('age', ['-r', recipient, '-o', `${file}.other`, '-'], {
      input: execFileSync('age', ['-d', '-i', '-', file], { input: identity, maxBuffer: 1 << 26 }),
    });
    writeFileSync(file, readFileSync(`${file}.other`));
    expect(await read(30, identity)).toBe(rows.slice(2900).join(''));
  });

  test('not without an identity, and not with another one', async () => {
    await expect(read(0)).rejects.toMatchObject({ why: 'encrypted' });
    await expect(read(0, await generateX25519Identity())).rejects.toMatchObject({ why: 'wrong-identity' });
    await expect(read(0, 'AGE-SECRET-KEY-1')).rejects.toMatchObject({ why: 'wrong-identity' });
    await expect(read(0, '')).rejects.toMatchObject({ why: 'wrong-identity' });
  });

  test('no plain byte is in the folder', () => {
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name));
      for (const n of [0, 1500, 2999]) expect(bytes.includes(row(n).slice(10, 40))).toBe(false);
      expect(bytes.includes(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))).toBe(false); // the magic number of zstd
    }
  });

  test('a changed byte in any part is found', async () => {
    const bytes = readFileSync(file);
    for (let n = 0; n < 24; n += 1) {
      const at = Math.floor((n * (bytes.length - 1)) / 23);
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(file, changed);
      await expect(read(0, identity)).rejects.toMatchObject({ name: 'Unreadable' });
    }
  });

  test.each([10, 300, 65_000, 70_000])('a file cut to %d bytes is damaged', async (length) => {
    truncateSync(file, length);
    await expect(read(0, identity)).rejects.toMatchObject({ why: 'damaged' });
  });

  test('a file without its last chunks is damaged', async () => {
    const header = readFileSync(file).indexOf('\n', readFileSync(file).indexOf('\n--- ') + 1) + 1;
    truncateSync(file, header + 16 + 2 * (65_536 + 16));
    await expect(read(0, identity)).rejects.toMatchObject({ why: 'damaged' });
  });
});
