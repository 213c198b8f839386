// The file that says who is in which group: only what root alone can have written counts, anew each time, and all of it or nothing.
import { chmod, chown, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openGroupList } from '../../src/adapters/oidc-groups.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigError } from '../../src/config/problem.ts';
import type { Refused } from '../../src/core/refusal.ts';
import { altered, options } from '../unit/config/sample.ts';

const nobody = 65534;
const list = 'alice@example.com: [engineers]\nbob@example.com: [engineers, oncall]\n';
let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), 'tmux-gate-groups-'));
  await chmod(dir, 0o755);
  file = join(dir, 'groups.yaml');
  await write(list);
});
afterEach(async () => rm(dir, { recursive: true }));

async function write(text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o644 });
  await rename(`${file}.new`, file);
}

/** The groups of a claim, or the code of the refusal with its cause. */
async function groupsOf(claim: string, read = openGroupList(file)): Promise<readonly string[]> {
  return read().then(
    (listed) => listed(claim),
    (error: unknown) => [(error as Refused).code, String((error as Refused).cause)],
  );
}

/** What `policy check` says of the file. */
async function problems(): Promise<readonly string[]> {
  const policy = join(dir, 'config.yaml');
  await writeFile(policy, altered('example.com } }', `example.com }, groups_file: ${file} }`), { mode: 0o644 });
  return loadConfig(policy, options).then(
    () => [],
    (error: unknown) => (error as ConfigError).problems.map(({ path, problem }) => `${path}: ${problem}`),
  );
}

test('a person is in the groups of their entry, whatever the case of their domain, and nobody else is', async () => {
  expect(await groupsOf('bob@example.com')).toEqual(['engineers', 'oncall']);
  expect(await groupsOf('bob@EXAMPLE.com')).toEqual(['engineers', 'oncall']);
  for (const claim of ['Bob@example.com', 'bob', 'carol@example.com', 'constructor', '__proto__', ''])
    expect(await groupsOf(claim)).toEqual([]);
  expect(await problems()).toEqual([]);
});

test('a change counts at once, and the file is parsed again only then', async () => {
  const read = openGroupList(file);
  const first = await read();
  expect(await read()).toBe(first);
  await write('alice@example.com: []\n');
  expect(await groupsOf('alice@example.com', read)).toEqual([]);
  expect(await groupsOf('bob@example.com', read)).toEqual([]);
});

describe('law 1: a list that is not safe names nobody', () => {
  test.each([
    ['that others may write', async () => chmod(file, 0o666), /writable by others/],
    ['that its group may write', async () => chmod(file, 0o664), /writable by others/],
    ['that belongs to somebody else', async () => chown(file, nobody, nobody), /belongs to uid 65534/],
    ['in a folder that others may write', async () => chmod(dir, 0o777), /The directory .* is writable by others/],
    ['that is gone', async () => rm(file), /does not exist/],
  ])('%s', async (_, spoil, why) => {
    const read = openGroupList(file);
    expect(await groupsOf('bob@example.com', read)).toEqual(['engineers', 'oncall']);
    await spoil();
    const [code, cause] = await groupsOf('bob@example.com', read);
    expect([code, cause]).toEqual(['GROUPS_FILE', expect.stringMatching(why)]);
    await chmod(dir, 0o755);
  });

  test.each([
    ['a group that is no list', 'bob@example.com: oncall\n', /Write each person with a list of groups/],
    ['a group that is no text', 'bob@example.com: [7]\n', /Write each person with a list of groups/],
    ['no person', 'engineers\n', /Write each person with a list of groups/],
    ['nothing', '', /Write each person with a list of groups/],
    ['a person twice', `${list}bob@example.com: []\n`, /line 3, .*appears twice/],
    ['a person twice, in other capitals', `${list}bob@EXAMPLE.COM: []\n`, /line 3, .*same person as "bob@example.com"/],
    ['no YAML', 'bob@example.com: [oncall\n', /not closed|valid YAML/],
    ['a hidden character', 'bob@example.com: ["on\u202ecall"]\n', /Write each person with a list of groups/],
  ])('with %s', async (_, text, why) => {
    await write(text);
    const [code, cause] = await groupsOf('bob@example.com');
    expect([code, cause]).toEqual(['GROUPS_FILE', expect.stringMatching(why)]);
    expect((await problems()).join('\n')).toMatch(/^oidc\.claims\.groups_file: /);
    expect((await problems()).join('\n')).toMatch(why);
  });

  test('what is wrong is said ten times at most', async () => {
    await write(Array.from({ length: 50 }, (_, n) => `p${n}: 7`).join('\n'));
    expect((await problems()).length).toBe(10);
  });
});
