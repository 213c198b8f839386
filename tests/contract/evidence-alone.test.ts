// The script in a root of its own without a network, in which there is nothing but sh, coreutils, openssl, jq and zstd.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { vkeyOf } from '../harness/evidence-log.ts';
import { Quarter, seed } from './evidence/period.ts';
import { Example, script } from './evidence/verifying.ts';

const example = new Example();
const quarter = new Quarter();
const run = promisify(execFile);

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

test('verifies there what it verifies here', async () => {
  const root = rootWith(['dash', 'openssl', 'jq', 'zstd', ...coreutils]);
  copyFileSync('/usr/bin/dash', join(root, 'usr/bin/sh'));
  copyFileSync(script, join(root, 'e/verify.sh'));
  copyFileSync(await example.work.archive(example.good), join(root, 'e/e.tar'));
  copyFileSync(await quarter.work.archive(quarter.good), join(root, 'e/period.tar'));
  const alone = ['--net', '--mount', '/usr/sbin/chroot', root, '/usr/bin/sh', '/e/verify.sh'];
  const words = [
    ['--key', vkeyOf(example.log.host), '/e/e.tar'],
    ['--key', quarter.key, '--seed', seed, '/e/period.tar'],
  ];
  for (const each of words) {
    const { stdout, stderr } = await run('unshare', [...alone, ...each], { env: { PATH: '/usr/bin' } });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\nVERIFIED[.,]/);
    expect(stdout).not.toContain('BAD');
  }
});

test('needs no more than what it says', () => {
  const text = readFileSync(script, 'utf8');
  expect(text).not.toMatch(/(?:^|[|;&(]\s*)(?:awk|sed|grep|xxd|cmp|diff|find|xargs|tar|perl|python\d?|curl|wget) /m);
});
