import { setTimeout as delay } from 'node:timers/promises';
// The embedded redis-server, and what the store and its followers do when it hangs, dies or forgets (threats H9 and M16).
import { execFile, spawn } from 'node:child_process';
import { once, type EventEmitter } from 'node:events';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../src/adapters/redis/store.ts';
import type { StoreEvent } from '../../src/adapters/redis/follow.ts';
import { startEmbedded } from '../../src/adapters/redis/embedded.ts';
import { note } from '../../src/adapters/redis/process.ts';
import { minute } from '../../src/core/time.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import {
  openTestStore,
  collect,
  foldersIn,
  happening,
  nobody,
  patience,
  request,
  reviewOf,
  type TestStore,
} from './store-harness.ts';

let harness: TestStore;
let store: Store;
let redis: TestStore['redis'];

beforeAll(async () => {
  harness = await openTestStore();
  ({ store, redis } = harness);
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis('flushall');
});

/** One letter (proc(5)); nothing when the process is gone. A zombie waits for the host's init alone. */
async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

describe('the embedded server', () => {
  test('is the service account’s, without a port, capabilities or a way to gain any', async () => {
    const status = await readFile(`/proc/${harness.server.pid!}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(status).toMatch(/^Groups:\t\s*$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Umask:\t0077$/m);
    for (const folder of ['redis', 'redis-data']) {
      expect(await stat(join(harness.root, folder))).toMatchObject({ uid: nobody, gid: nobody, mode: 0o040700 });
    }
    expect((await stat(join(harness.root, 'redis', 'sock'))).mode & 0o777).toBe(0o600);
    // One setting at a time: Redis lists several in an order that differs from one start to the next.
    for (const [name, value] of Object.entries({ port: '0', 'maxmemory-policy': 'noeviction', appendonly: 'yes' })) {
      expect(await redis('config', 'get', name)).toBe(`${name}\n${value}`);
    }
  });

  test('that hangs becomes REDIS_DOWN, and answers again once it goes on (M16)', async () => {
    const lost = happening();
    const back = happening();
    await using own = await openStore({
      url: harness.server.url,
      onLost: lost.happen,
      onReady: back.happen,
    });
    await own.connected(patience());
    process.kill(harness.server.pid!, 'SIGSTOP');
    try {
      await expect(own.ping()).rejects.toMatchObject({ code: 'REDIS_DOWN' });
      await expect(own.post(request('STOP'))).rejects.toMatchObject({ code: 'REDIS_DOWN' });
      await lost.happened;
    } finally {
      process.kill(harness.server.pid!, 'SIGCONT');
    }
    await back.happened;
    await own.connected(patience());
    expect(await own.find('STOP')).toBeUndefined();
  });

  test('that is killed is started again with what it knew, and a follower misses nothing', async () => {
    const { done } = await collect(store, 4);
    await store.post(request('A111'));
    await store.review('A111', reviewOf('bob', 'yes'));
    // With `everysec` what was answered waits in the server's memory while an fsync goes on (redis.conf, appendfsync).
    await eventually('it is in the file', async () =>
      /^aof_buffer_length:0\r?$/m.test(await redis('info', 'persistence')),
    );
    const old = harness.server.pid!;
    harness.problems.length = 0;
    process.kill(old, 'SIGKILL');
    await untilDown();
    await harness.server.ready(patience());
    // The first to write after the restart is another store, while the follower may still be on its way back.
    await using other = await openStore({ url: harness.server.url });
    await other.connected(patience());
    expect(harness.server.pid).not.toBe(old);
    await other.settle('A111', 'denied', minute);
    await other.post(request('B222'));
    expect((await done).map(({ type, fields }) => [type, fields['id']])).toEqual([
      ['requested', 'A111'],
      ['reviewed', 'A111'],
      ['denied', 'A111'],
      ['requested', 'B222'],
    ]);
    expect(harness.problems).toEqual(['the embedded redis-server ended: SIGKILL']);
    await store.connected(patience());
    expect(await store.find('A111')).toMatchObject({ state: 'denied', reviews: ['yes'] });
  });

  test('that is killed is started again while a child of its (a rewrite of the append-only file) still holds its output', async () => {
    await redis('config', 'set', 'rdb-key-save-delay', '60000000');
    await redis('set', 'one', 'key');
    await redis('bgrewriteaof');
    const old = harness.server.pid!;
    const [child = 0] = (await readFile(`/proc/${old}/task/${old}/children`, 'utf8')).trim().split(' ').map(Number);
    try {
      process.kill(old, 'SIGKILL');
      await untilDown();
      await harness.server.ready(patience());
      expect(harness.server.pid).not.toBe(old);
      expect(await stateOf(child)).toMatch(/[RSD]/);
    } finally {
      process.kill(child, 'SIGKILL');
    }
    // The child held the store's own connection open as well, so its loss is noticed late.
    while ((await store.ping().catch((error: unknown) => error)) !== undefined) {
      await store.connected(patience());
      await delay(10); // both may answer at once, and the loss is heard of only in a turn of the loop
    }
  });

  /** The store fails quickly while the server is away; then its connection is known to be lost. */
  async function untilDown(): Promise<void> {
    for (;;) {
      const answer = await store.ping().catch((error: unknown) => error);
      if (answer !== undefined) return expect(answer).toMatchObject({ code: 'REDIS_DOWN' });
    }
  }
});

describe('a follower', () => {
  test('hands over everything again when Redis lost what it had seen (H9)', async () => {
    const { done } = await collect(store, 3);
    await store.post(request('A111'));
    await redis('xadd', '{tmux-gate}:events', '99999999999999-0', 'type', 'late', 'id', 'X');
    await redis('del', '{tmux-gate}:events');
    await store.post(request('B222'));
    await redis('client', 'kill', 'type', 'normal');
    expect((await done).at(-1)).toMatchObject({ type: 'requested', fields: { id: 'B222' } });
  });

  test('passes by what is no event of ours, and outlives a handler that throws', async () => {
    const caught = happening();
    await using own = await openStore({
      url: harness.server.url,
      onProblem: (error) => {
        if (error.message === 'mine') caught.happen();
      },
    });
    await own.connected(patience());
    const [seen, stop, started, last] = [[] as StoreEvent[], new AbortController(), happening(), happening()];
    const handler = (event: StoreEvent): void => {
      seen.push(event);
      if (event.type === 'end') last.happen();
      if (event.type === 'bad') throw new Error('mine');
    };
    const followed = own.follow(handler, stop.signal, {
      onStart: started.happen,
    });
    await started.happened;
    await redis('xadd', '{tmux-gate}:events', '*', 'type', 'huge', 'id', 'x'.repeat(5000));
    await redis('xadd', '{tmux-gate}:events', '*', 'type', 'bad', '__proto__', 'x');
    await redis('xadd', '{tmux-gate}:events', '*', 'type', 'end');
    await last.happened;
    await caught.happened;
    stop.abort();
    await followed;
    expect(seen.map(({ type }) => type)).toEqual(['', 'bad', 'end']);
    expect(Object.keys(seen[0]!.fields)).toEqual([]);
  });
});

describe('an instance that a killed keeper left', () => {
  const script = `
    import { startEmbedded } from ${JSON.stringify(join(import.meta.dirname, '../../src/adapters/redis/embedded.ts'))};
    const server = await startEmbedded(JSON.parse(process.argv[1]));
    await server.ready(AbortSignal.timeout(30000));
    console.log(server.pid);
  `;

  test('has died with it', async () => {
    const folders = foldersIn(harness.root, 'orphan');
    const keeper = execFile(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(folders)]);
    const pid = await new Promise<number>((resolve, reject) => {
      keeper.stdout?.once('data', (line) => resolve(Number(line)));
      keeper.once('close', () => reject(new Error('the first keeper ended')));
    });
    keeper.kill('SIGKILL');
    await using next = await startEmbedded(folders);
    await next.ready(patience());
    expect(next.pid).not.toBe(pid);
    expect(await stateOf(pid)).toMatch(/^Z?$/);
  });

  test('is ended by what was noted of it, if it has not', async () => {
    const folders = foldersIn(harness.root, 'left');
    const drop = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];
    const socket = join(tmpdir(), `left-${process.pid}`);
    const left = spawn('setpriv', [...drop, 'redis-server', '--port', '0', '--save', '', '--unixsocket', socket]);
    const exit = once(left, 'exit');
    await once(createInterface({ input: left.stdout }).on('line', onReady), 'listening');
    await note(`${folders.run}.pid`, left.pid!);
    await using next = await startEmbedded(folders);
    expect(await exit).toEqual([0, null]);
    await next.ready(patience());

    function onReady(this: EventEmitter, line: string): void {
      if (/ready to accept/i.test(line)) this.emit('listening');
    }
  });

  test('is not somebody else who has its pid, or another account', async () => {
    const folders = foldersIn(harness.root, 'foreign');
    const bystander = spawn('sleep', ['60']);
    await note(`${folders.run}.pid`, bystander.pid!);
    await (await startEmbedded(folders)).close();
    await writeFile(`${folders.run}.pid`, `${harness.server.pid!} 1\n`);
    await (await startEmbedded(folders)).close();
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    await store.ping();
    bystander.kill();
  });

  test('a server that cannot start is tried again until it can', async () => {
    await mkdir(join(harness.root, 'late-data'));
    await writeFile(join(harness.root, 'late-data', 'appendonlydir'), 'in the way');
    const failed = happening();
    const folders = foldersIn(harness.root, 'late');
    await using late = await startEmbedded({
      ...folders,
      onProblem: failed.happen,
    });
    await failed.happened;
    await expect(late.ready(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await rm(join(harness.root, 'late-data', 'appendonlydir'));
    await late.ready(patience());
  });
});
