// The script in a root of its own without a network, in which there is nothing but sh, coreutils, openssl, jq and zstd.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vkeyOf } from '../harness/evidence-log.ts';
import { Quarter, seed } from './evidence/period.ts';
import {
  changes,
  Example,
  flipped,
  oneOfEach,
  outcome,
  provingOf,
  script,
  type Outcome,
} from './evidence/verifying.ts';

const example = new Example();
const quarter = new Quarter();

/** Of coreutils, those that the script names; `sh` is dash here. */
const coreutils =
  'basename base64 basenc cat comm cut date dirname head mkdir mktemp od paste rm sha256sum sort split tail tr truncate uniq wc'.split(
    ' ',
  );

beforeAll(async () => {
  await example.make();
  await quarter.make();
});
afterAll(() => {
  example.work.close();
  quarter.work.close();
});

/** A folder with these programs and the libraries that they load. */
function rootWith(programs: readonly string[]): string {
  const root = example.work.next('root');
  const put = (path: string): void => {
    if (existsSync(join(root, path))) return;
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(realpathSync(path), join(root, path));
  };
  for (const program of programs) {
    const path = `/usr/bin/${program}`;
    put(path);
    const libraries = execFileSync('ldd', [path], { encoding: 'utf8' }).match(/\/\S+\.so\S*/g) ?? [];
    libraries.forEach(put);
  }
  for (const name of ['tmp', 'e']) mkdirSync(join(root, name));
  return root;
}

let root: string;
beforeAll(() => {
  root = rootWith(['dash', 'openssl', 'jq', 'zstd', ...coreutils]);
  copyFileSync('/usr/bin/dash', join(root, 'usr/bin/sh'));
  copyFileSync(script, join(root, 'e/verify.sh'));
});

/** Runs the script there on an archive of this machine. */
async function verifyThere(archive: string, ...words: readonly string[]): Promise<Outcome> {
  copyFileSync(archive, join(root, 'e/e.tar'));
  const there = ['/usr/sbin/chroot', root, '/usr/bin/sh', '/e/verify.sh', ...words, '/e/e.tar'];
  return outcome('unshare', ['--net', '--mount', ...there], { PATH: '/usr/bin' });
}

test('verifies there what it verifies here', async () => {
  const [access, period] = [
    await verifyThere(await example.work.archive(example.good), '--key', vkeyOf(example.log.host)),
    await verifyThere(await quarter.work.archive(quarter.good), '--key', quarter.key, '--seed', seed),
  ];
  for (const { code, said } of [access, period]) {
    expect([code, said]).toEqual([0, expect.stringMatching(/\nVERIFIED[.,].*\n$/)]);
    expect(said).not.toContain('BAD');
  }
});

test('finds there one byte of each kind of file, and of the tar', async () => {
  const tar = readFileSync(await example.work.archive(example.good));
  const other = example.work.next('flip.tar');
  writeFileSync(other, flipped(tar, 140));
  const kinds = [...oneOfEach(provingOf(example.good))];
  const archives = kinds.flatMap(([name, content]) =>
    [...changes(content).slice(0, 1), ...changes(content).slice(-1)].map(
      async (changed) => [name, await example.work.archive(example.changed(name, changed))] as const,
    ),
  );
  expect(kinds.length).toBeGreaterThanOrEqual(7);
  for (const [name, archive] of [['the tar', other] as const, ...(await Promise.all(archives))]) {
    const { code, said } = await verifyThere(archive);
    expect([name, code, said]).toEqual([name, 1, expect.stringMatching(/ {2}BAD [^]*\nNOT VERIFIED: \d+ check/)]);
  }
});

test('needs no more than what it says', () => {
  const text = readFileSync(script, 'utf8');
  expect(text).not.toMatch(/(?:^|[|;&(]\s*)(?:awk|sed|grep|xxd|cmp|diff|find|xargs|tar|perl|python\d?|curl|wget) /m);
});
