// A keeper and a policy that is wrong (docs/design.md, "The policy"): it does not start, and says everything that is wrong at once.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, chownSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { testHost } from '../harness/inside.ts';

let host: Host;
let path: string;
let right: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga' });
  await host.keeper.stop();
  path = `${host.layout.etc}/config.yaml`;
  right = readFileSync(path, 'utf8');
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(() => {
  writeFileSync(path, right);
  chownSync(path, 0, 0);
  chmodSync(path, 0o600);
});

/** Starts a keeper that must refuse to; what it says, which `policy check` says as well. */
async function refusal(): Promise<string> {
  host.keeper.launch();
  const { code } = await host.keeper.exit;
  expect(code).toBe(78); // EX_CONFIG
  const said = host.keeper.lines.join('\n');
  const checked = await host.cli(['policy', 'check']);
  expect(checked.code).toBe(78);
  expect(said).toContain(checked.stderr.trim());
  expect((await host.people.alice.run(['help'])).stderr).toContain('[KEEPER_DOWN]');
  return said;
}

test('all problems are told at once, each with its path', async () => {
  writeFileSync(
    path,
    right
      .replace('default: 30m', 'default: 30')
      .replace('at_expiry: kill', 'at_expiry: maybe')
      .replace('host: prod-box', 'host: prod-box\nfrob: 1'),
  );
  const said = await refusal();
  const { problems } = JSON.parse((await host.cli(['policy', 'check', '--json'])).stdout) as { problems: unknown[] };
  expect(problems).toContainEqual(expect.objectContaining({ path: 'sessions.prod-db.at_expiry' }));
  for (const place of ['frob', 'sessions.prod-db.window.default', 'sessions.prod-db.at_expiry'])
    expect(said).toContain(place);
});

test('a key written twice is an error', async () => {
  writeFileSync(path, `${right}host: other-box\n`);
  expect(await refusal()).toMatch(/host/);
});

test('a policy that others could change is refused: by mode, by owner, through a link', async () => {
  chmodSync(path, 0o622);
  await refusal();
  chmodSync(path, 0o600);
  const { uid, gid } = account(host.people.alice.login);
  chownSync(path, uid, gid);
  await refusal();
  chownSync(path, 0, 0);
  renameSync(path, `${path}.real`);
  chownSync(`${path}.real`, uid, gid);
  symlinkSync(`${path}.real`, path);
  await refusal();
  unlinkSync(path);
  renameSync(`${path}.real`, path);
});

test('no policy at all: the keeper does not start, and access is refused', async () => {
  renameSync(path, `${path}.away`);
  await refusal();
  renameSync(`${path}.away`, path);
});

test('put right, it starts', async () => {
  await host.keeper.start();
  expect((await host.people.alice.run(['help'])).code).toBe(0);
  await host.keeper.stop();
});
