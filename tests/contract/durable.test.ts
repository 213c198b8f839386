// What a power cut must not take back, watched at the system calls: bytes, then the name, then the folder that holds the name.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repo } from '../../scripts/sandbox/layout.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmux-gate-durable-'));
});
afterAll(async () => rm(folder, { recursive: true }));

/** The calls in a folder that a piece of code makes, each by its name and what it was about. */
async function calls(code: string, within = folder): Promise<readonly string[]> {
  const trace = join(folder, 'trace');
  const child = [process.execPath, '--no-warnings', '--input-type=module', '-e', code];
  const which = 'rename,renameat,renameat2,link,linkat,unlink,unlinkat,fsync,fdatasync,ftruncate';
  await promisify(execFile)('strace', ['-f', '-y', '-o', trace, '-e', `trace=${which}`, ...child], { cwd: repo });
  const lines = (await readFile(trace, 'utf8')).split('\n');
  return lines.flatMap((line) => {
    const [, call = '', rest = ''] =
      /\b(rename|link|unlink|fsync|fdatasync|ftruncate)(?:at2?)?\((.*)\)\s+=\s+0$/.exec(line) ?? [];
    const about = new RegExp(`${within}/?([\\w.]*)`).exec(rest);
    return about === null ? [] : [`${call.replace('fdatasync', 'fsync')} ${about[1] === '' ? 'folder' : about[1]}`];
  });
}

const withStates = (code: string): string =>
  `import { writeState, removeState } from '${repo}/src/adapters/state-file.ts'; ${code}`;

test('a durable state file: its bytes, its name, and its folder, in this order', async () => {
  const made = await calls(withStates(`await writeState('${folder}/a.json', 1, true);`));
  expect(made).toEqual(['fsync a.json.new', 'rename a.json.new', 'fsync folder']);
});

test('a state file that is removed is removed on disk', async () => {
  const made = await calls(
    withStates(`await writeState('${folder}/b.json', 1, false); await removeState('${folder}/b.json');`),
  );
  expect(made).toEqual(['rename b.json.new', 'unlink b.json', 'fsync folder']);
});

test('removing what is not there, also in a folder that is not there, is no error', async () => {
  expect(await calls(withStates(`await removeState('${folder}/none/c.json');`))).toEqual([]);
});

test('the keys of a host: bytes, name, folder, for the private one and for what is shown of it', async () => {
  const keys = join(folder, 'keys');
  const made = await calls(
    `import { openKeys } from '${repo}/src/adapters/keys.ts'; await openKeys({ folder: '${keys}', host: 'a', peers: {} });`,
    keys,
  );
  const short = made.map((call) => call.replace(/\.[0-9a-f]{8}$/, '.draft'));
  expect(short).toEqual([
    ...['fsync host.jwk.draft', 'link host.jwk.draft', 'unlink host.jwk.draft', 'fsync folder'],
    ...['fsync host.pub.jwk.draft', 'rename host.pub.jwk.draft', 'fsync folder'],
  ]);
});

test('the part of a line that a crash left: it is on disk under a name of its own before it leaves the journal', async () => {
  const journal = join(folder, 'journal');
  await mkdir(journal);
  await writeFile(join(journal, 'a.jsonl'), '{}\n{"n":', { mode: 0o600 });
  const made = await calls(
    `import { JournalFile } from '${repo}/src/adapters/journal/file.ts'; await JournalFile.open('${journal}/a.jsonl', 0);`,
    journal,
  );
  expect(made).toEqual(['fsync torn', 'fsync folder', 'ftruncate a.jsonl', 'fsync a.jsonl', 'fsync folder']);
});
