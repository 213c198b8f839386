// The store of the hosts under test: the keeper's own Redis, or with TMUX_GATE_STORE=cluster a Redis Cluster of each host (docs/store.md).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { cluster } from '../../scripts/sandbox/redis-servers.ts';
import { slot } from '../../src/adapters/redis/cluster.ts';

/** A store beside the hosts. */
export interface OutsideStore extends AsyncDisposable {
  /** `redis` of the policy. */
  readonly redis: object;
  /** Runs redis-cli as an administrator, at the server that has the keys. */
  cli(...words: readonly string[]): Promise<string>;
}

const stores = new Map<string, OutsideStore>();

/** Starts the store that a host is to have; undefined for the keeper's own. @param prefix of the sandbox */
export async function openStoreUnderTest(prefix: string): Promise<OutsideStore | undefined> {
  if (process.env['TMUX_GATE_STORE'] !== 'cluster') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'store-under-test-'));
  const password = join(folder, 'password');
  writeFileSync(password, 'a-password\n', { mode: 0o600 });
  const [, shipped = ''] = /^user tmux-gate on (.*)$/m.exec(readFileSync('deploy/redis.acl', 'utf8')) ?? [];
  const servers = await cluster([`user tmux-gate on >a-password ${shipped}`]);
  const [first, ...more] = servers.servers.map(({ port }) => `127.0.0.1:${String(port)}`);
  const store: OutsideStore = {
    redis: { url: `redis://tmux-gate@${first ?? ''}`, password_file: password, cluster: more },
    cli: async (...words) => (await servers.owner(slot)).cli(...words),
    [Symbol.asyncDispose]: async () => {
      stores.delete(prefix);
      await servers[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
  stores.set(prefix, store);
  return store;
}

/** Runs redis-cli at the store of a host, as an administrator. @returns its output */
export async function redis({ prefix, run }: Layout, ...words: readonly string[]): Promise<string> {
  const store = stores.get(prefix);
  if (store !== undefined) return store.cli(...words);
  return (await must('redis-cli', ['-s', `${run}/redis/sock`, ...words])).trim();
}
