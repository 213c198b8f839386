// Programs that carry files, as they are: no file comes and none goes, and the person reads why, whatever the client speaks.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { testHost } from '../harness/inside.ts';
import { audit, expectRefused, fromNow, plain, seenOf, type Seen } from '../harness/refused.ts';

let host: Host;
let alice: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga' });
  ({ alice } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());

const run = async (...words: readonly string[]): Promise<Seen> => seenOf(await alice.run(words));

const noFiles = (word: string) =>
  ({
    code: 'NO_FILES',
    says: `tmux-gate transfers no files and runs no commands ("${word}").`,
    hint: 'attach to a session instead: ssh -t prod-box',
  }) as const;
let config: string;
beforeEach(() => {
  config = `${host.layout.client}/ssh_config`;
});

const sftpServer = '/usr/lib/openssh/sftp-server';

test('scp, old and new protocol: no file comes and none goes', async () => {
  const target = `${host.root}/stolen`;
  for (const pair of [
    ['alice:/etc/hostname', target],
    ['/etc/hostname', `alice:${target}`],
  ]) {
    const later = await fromNow(host);
    const { code, stderr } = await outcome('scp', ['-O', '-F', config, ...pair]);
    const { says, hint } = noFiles('scp');
    expect(plain(stderr)).toContain(`tmux-gate: ${says} [NO_FILES] hint: ${hint}`);
    expect(code).not.toBe(0); // scp's own: it does not pass ours on
    await eventually('it is journaled', async () => (await later()).find((r) => r['code'] === 'NO_FILES'));
  }
  for (const pair of [
    ['alice:/etc/hostname', target],
    ['/etc/hostname', `alice:${target}`],
  ]) {
    const { code, stderr } = await outcome('scp', ['-s', '-F', config, ...pair]);
    expect(stderr).toContain('Operation unsupported'); // all that scp shows of what sftp answers for one file
    expect(code).not.toBe(0);
  }
  // A folder that is to go there is asked for by its real path, and of that answer scp shows the text.
  const folder = await outcome('scp', ['-s', '-r', '-F', config, import.meta.dirname, `alice:${target}`]);
  expect(plain(folder.stderr)).toContain(noFiles('sftp-server').says);
  expect(folder.code).not.toBe(0);
  expect(existsSync(target)).toBe(false);
});

test('sftp: sshd keeps what a subsystem says on stderr to itself, so it is told in sftp', async () => {
  const seen = await outcome('sftp', ['-b', '-', '-F', config, 'alice'], { input: 'ls /\n' });
  const { says, hint } = noFiles('sftp-server');
  expect(plain(seen.stderr)).toContain(`tmux-gate: ${says} [NO_FILES] hint: ${hint}`);
  expect(seen.stdout).not.toContain('etc');
  expect(seen.code).not.toBe(0);
  // Counted, perhaps: the modern scp asked for the same subsystem a moment ago.
  const refused = await eventually('it is journaled', async () =>
    (await audit(host)).find((r) => r['command'] === sftpServer),
  );
  expect(refused['code']).toBe('NO_FILES');
});

test('git clone ends with the refusal', async () => {
  const target = `${host.root}/clone`;
  const env = { GIT_SSH_COMMAND: `ssh -F ${config}`, HOME: host.root };
  const later = await fromNow(host);
  const seen = await outcome('git', ['clone', 'alice:repo.git', target], { env });
  expect(plain(seen.stderr)).toContain('("git-upload-pack"). [NO_FILES]');
  expect(seen.code).not.toBe(0);
  expect(existsSync(target)).toBe(false);
  await eventually('it is journaled', async () =>
    (await later()).find((r) => r['command'] === "git-upload-pack 'repo.git'"),
  );
});

test('rsync: its client shows the words', async () => {
  const seen = await outcome('rsync', ['-e', `ssh -F ${config}`, 'alice:/etc/hostname', `${host.root}/stolen`]);
  const { says, hint } = noFiles('rsync');
  expect(plain(seen.stderr)).toContain(`tmux-gate: ${says} [NO_FILES] hint: ${hint}`);
  expect(seen.code).not.toBe(0);
});

test('rsync: the line that its client sends', async () => {
  const line = 'rsync --server --sender -vlogDtpre.iLsfxCIvu . /etc/hostname';
  await expectRefused(host, alice, noFiles('rsync'), async () => run(line));
});
