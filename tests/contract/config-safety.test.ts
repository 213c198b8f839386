// Owner and mode of real files. Needs root: only root can make files that belong to somebody else.
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError, type Problem } from '../../src/config/problem.ts';
import { checkProgram, readGuarded, UnsafeFileError } from '../../src/config/safety.ts';
import { altered, options, smallest } from '../unit/config/sample.ts';

const nobody = 65534;
let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), 'tmux-gate-safety-'));
  await chmod(dir, 0o755);
  file = join(dir, 'config.yaml');
  await writeFile(file, smallest, { mode: 0o644 });
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function reasons(path: string, secret = false): Promise<string> {
  try {
    await readGuarded(path, { secret, maxBytes: 4096 });
  } catch (error) {
    if (error instanceof UnsafeFileError) return error.reasons.join(' ');
    throw error;
  }
  return '';
}

async function problems(path: string): Promise<readonly Problem[]> {
  try {
    await loadConfig(path, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readGuarded (law 10)', () => {
  test('reads a file that root alone can have written, also below a sticky directory', async () => {
    expect((await readGuarded(file, { maxBytes: 4096 })).toString()).toBe(smallest);
    await chmod(dir, 0o1777);
    expect(await reasons(file)).toBe('');
  });

  test.each([0o664, 0o646, 0o666])('refuses mode %o', async (mode) => {
    await chmod(file, mode);
    expect(await reasons(file)).toMatch(/writable by others/);
  });

  test('refuses another owner, and tells all that is wrong', async () => {
    await chmod(file, 0o666);
    await chown(file, nobody, 0);
    expect(await reasons(file)).toMatch(/belongs to uid 65534.*writable by others/);
  });

  test.each([0o640, 0o604, 0o644])('refuses a secret of mode %o', async (mode) => {
    await chmod(file, mode);
    expect(await reasons(file, true)).toMatch(/holds a secret/);
    await chmod(file, 0o600);
    expect(await reasons(file, true)).toBe('');
  });

  test.each([0o775, 0o757, 0o777])('refuses a directory of mode %o', async (mode) => {
    await chmod(dir, mode);
    expect(await reasons(file)).toMatch(/directory .* is writable by others/);
  });

  test('refuses a directory of another owner, also a sticky one and one further up', async () => {
    const below = join(dir, 'below');
    await mkdir(below);
    await writeFile(join(below, 'file'), '');
    await chown(dir, nobody, 0);
    await chmod(dir, 0o1755);
    expect(await reasons(join(below, 'file'))).toMatch(/belongs to uid 65534/);
  });

  test('refuses symbolic links, as file and as directory', async () => {
    await symlink(file, join(dir, 'link'));
    await symlink(dir, join(dir, 'way'));
    expect(await reasons(join(dir, 'link'))).toMatch(/symbolic link/);
    expect(await reasons(join(dir, 'way', 'config.yaml'))).toMatch(/symbolic link/);
  });

  test('refuses a pipe at once, a directory, nothing', async () => {
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    expect(await reasons(join(dir, 'pipe'))).toMatch(/not a regular file/);
    await mkdir(join(dir, 'folder'));
    expect(await reasons(join(dir, 'folder'))).toMatch(/not a regular file/);
    expect(await reasons(join(dir, 'missing'))).toMatch(/does not exist/);
    expect(await reasons(join(dir, 'missing', 'file'))).toMatch(/does not exist/);
  });

  test('refuses a file over the limit', async () => {
    await writeFile(file, 'x'.repeat(4097));
    expect(await reasons(file)).toMatch(/larger than 4096/);
  });
});

describe('loadConfig', () => {
  test('reads a safe file', async () => {
    expect((await loadConfig(file, options)).host).toBe('prod-box');
  });

  test('does not even parse an unsafe one', async () => {
    await writeFile(file, 'rubbish: [');
    await chmod(file, 0o666);
    expect(await problems(file)).toEqual([{ path: '', problem: expect.stringMatching(/writable by others/) }]);
  });

  test('refuses bytes that are not UTF-8, and a missing file', async () => {
    await writeFile(file, Buffer.from([0x68, 0xff, 0xfe]));
    expect(await problems(file)).toEqual([{ path: '', problem: expect.stringMatching(/UTF-8/) }]);
    expect(await problems(join(dir, 'none.yaml'))).toEqual([
      { path: '', problem: `The file ${join(dir, 'none.yaml')} does not exist.` },
    ]);
  });

  test('checks the files that the policy names, together with everything else', async () => {
    const secret = join(dir, 'oidc.secret');
    const key = join(dir, 'peer.jwk');
    await writeFile(secret, 's', { mode: 0o644 });
    await writeFile(key, '{}', { mode: 0o644 });
    await writeFile(
      file,
      `${altered('oidc:', `oidc:\n  client_secret_file: ${secret}`)}peers: { b: ${key}, c: ${dir}/no }\nx: 1\n`,
    );
    expect(await problems(file)).toEqual([
      { path: 'oidc.client_secret_file', line: 3, problem: expect.stringMatching(/holds a secret/) },
      { path: 'peers.c', line: 13, problem: expect.stringMatching(/^The file \/.* does not exist\.$/) },
      { path: 'x', line: 14, problem: expect.stringMatching(/unknown/) },
    ]);
    const approval = `oidc:\n  approval_client: { client_id: a, client_secret_file: ${secret} }`;
    await writeFile(file, altered('oidc:', approval));
    expect(await problems(file)).toMatchObject([{ path: 'oidc.approval_client.client_secret_file' }]);
    await chmod(secret, 0o600);
    await writeFile(file, altered('oidc:', `oidc:\n  client_secret_file: ${secret}`));
    expect(await problems(file)).toEqual([]);
  });
});

describe('programs that the policy names (law 10)', () => {
  const policy = (): string => `${smallest}on_call: { pager: { command: [${join(dir, 'on-call')}] } }\n`;
  beforeEach(async () => {
    await writeFile(join(dir, 'on-call'), '#!/bin/sh\n', { mode: 0o755 });
    await chmod(join(dir, 'on-call'), 0o755);
    await writeFile(file, policy());
  });

  test("root's own, which others may run, is accepted", async () => {
    expect(await problems(file)).toEqual([]);
    await chmod(join(dir, 'on-call'), 0o710);
    expect(await problems(file)).toEqual([]);
  });

  test.each<readonly [what: string, spoil: (program: string) => Promise<unknown>, sentence: RegExp]>([
    ['that others can write', async (program) => chmod(program, 0o777), /writable by others/],
    ['of another owner', async (program) => chown(program, nobody, 0), /belongs to uid 65534/],
    ['in a folder of another owner', async () => chown(dir, nobody, 0), /belongs to uid 65534/],
    ['that root alone may run', async (program) => chmod(program, 0o700), /chmod 0755/],
    ['that is a link', async (program) => rm(program).then(async () => symlink('/bin/sh', program)), /symbolic link/],
    ['that is a folder', async (program) => rm(program).then(async () => mkdir(program)), /not a regular file/],
    ['that is not there', async (program) => rm(program), /does not exist/],
  ])('one %s is refused, before it runs as well', async (what, spoil, sentence) => {
    await spoil(join(dir, 'on-call'));
    await expect(checkProgram(join(dir, 'on-call'))).rejects.toThrow(sentence);
    if (what === 'in a folder of another owner') return; // then the policy itself is not believed
    expect(await problems(file)).toEqual([
      expect.objectContaining({ path: 'on_call.pager.command[0]', problem: expect.stringMatching(sentence) }),
    ]);
  });

  test('so is one that runs a script which others can write; a word that names no file is a word', async () => {
    const script = join(dir, 'script');
    await writeFile(script, '');
    await writeFile(
      file,
      `${smallest}on_call: { pager: { command: [${join(dir, 'on-call')}, ${script}, /api/v1] } }\n`,
    );
    await chmod(script, 0o666);
    expect(await problems(file)).toEqual([
      expect.objectContaining({
        path: 'on_call.pager.command[1]',
        problem: expect.stringMatching(/writable by others/),
      }),
    ]);
    await chmod(script, 0o644);
    expect(await problems(file)).toEqual([]);
  });
});
