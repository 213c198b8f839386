// A host without a redis-server program: the keeper comes up, people read REDIS_DOWN, the log names the program, and it stops in order.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { account } from '../../../scripts/sandbox/accounts.ts';
import { cgroupMount } from '../../../scripts/sandbox/cgroup.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { ofUids } from '../../../scripts/sandbox/processes.ts';
import { expectCode, expectInOrder } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { journal, testHost } from '../../harness/inside.ts';
import { mutateInstalled } from '../../harness/mutate.ts';
import { seenOf, seenOn } from '../../harness/refused.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ ownRedis: true, prefix: 'tgq', keeper: false });
});
afterAll(async () => host[Symbol.asyncDispose]());

/**
 * The keeper in a mount namespace of its own, where /usr/bin has no redis-server. @param instead what is done with the program
 * @returns what lets the next one have it again
 */
function withoutRedisServer({ layout: { lib } }: Host, instead = 'rm "$d/bin/redis-server"'): () => void {
  renameSync(`${lib}/keeper`, `${lib}/keeper-whole`);
  const hide = [
    'd=$(mktemp -d) && mount -t tmpfs none "$d" && mkdir "$d/upper" "$d/work" "$d/bin"',
    'mount -t overlay none -o "lowerdir=/usr/bin,upperdir=$d/upper,workdir=$d/work" "$d/bin"',
    `${instead} && mount --bind "$d/bin" /usr/bin && umount -l "$d" && rmdir "$d"`,
    `exec "$0"`,
  ].join(' && ');
  const script = `#!/bin/sh\nexec unshare -m sh -c '${hide}' '${lib}/keeper-whole'\n`;
  writeFileSync(`${lib}/keeper`, script, { mode: 0o755 });
  return () => renameSync(`${lib}/keeper-whole`, `${lib}/keeper`);
}

test('without a redis-server the keeper serves, refuses with REDIS_DOWN, names what is missing and stops in order', async () => {
  const putBack = withoutRedisServer(host);
  await host.keeper.start();
  putBack();
  expectCode(await seenOn(host.people.alice.ssh(['-t', 'prod-db'])), 'REDIS_DOWN', 69);
  expectCode(seenOf(await host.people.bob.run(['requests'])), 'REDIS_DOWN', 69);
  expect((await host.cli(['status'])).stdout).toMatch(/^redis +DOWN {2}REDIS_DOWN$/m);
  await eventually('the log says which program', () =>
    said(/no program redis-server or valkey-server in .*apt-get install redis-server/),
  );
  await expectStopped();
  await host.keeper.start();
  await expectInOrder(host);
  await host.keeper.stop();
});

/** What the log tells of Redis. */
const said = (what: RegExp): boolean =>
  host.keeper.log.some(({ event, error }) => event === 'redis' && what.test(JSON.stringify(error)));

/** In order, and nothing is left that runs as the service account. */
async function expectStopped(): Promise<void> {
  host.keeper.kill('SIGTERM');
  expect(await host.keeper.exit).toEqual({ code: 0, signal: null });
  expect(
    journal(host.layout)
      .filter(({ event }) => event !== 'head')
      .at(-1),
  ).toMatchObject({ event: 'keeper-stopped' });
  expect(ofUids([account(host.layout.serviceAccount).uid])).toEqual([]);
}

test('a server by the name of Valkey is as good', async () => {
  const putBack = withoutRedisServer(host, 'mv "$d/bin/redis-server" "$d/bin/valkey-server"');
  await host.keeper.start();
  putBack();
  await expectInOrder(host);
  await host.keeper.stop();
});

test('a stop that comes into a start is a stop: in order, in seconds, with no redis-server left', async () => {
  const putBack = withoutRedisServer(host);
  host.keeper.launch();
  await eventually('it starts, and waits for Redis', () => host.keeper.log.some(({ event }) => event === 'redis'));
  putBack();
  await expectStopped();
});

test('law 4: what cannot be ended keeps the door from nobody: the next keeper opens, and says what it goes on with', async () => {
  const folder = `${cgroupMount()}/${host.layout.cgroups.keeper}/s/0STRAYSTRAY`;
  mkdirSync(folder, { recursive: true });
  const stray = spawn('/bin/sh', ['-c', 'echo $$ > "$0/cgroup.procs"; echo in; exec sleep 600', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(stray.stdout, 'data');
  try {
    const putBack = mutateInstalled(host.layout, [
      { file: 'keeper', piece: 'await set(path, "cgroup.kill", "1");', becomes: '' },
    ]);
    await host.keeper.start();
    putBack[Symbol.dispose]();
    expect(host.keeper.log).toContainEqual(
      expect.objectContaining({ event: 'step-not-awaited', step: 'stray 0STRAYSTRAY' }),
    );
    await host.keeper.stop();
  } finally {
    stray.kill('SIGKILL');
  }
  await host.keeper.start();
  await expectInOrder(host);
});
