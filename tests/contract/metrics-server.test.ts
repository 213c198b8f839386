// The server of /metrics (src/adapters/metrics/server.ts): who reaches it, and what it answers. As root, with other accounts by setpriv(1).
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveMetrics, type MetricsServerOptions } from '../../src/adapters/metrics/server.ts';
import { freePort } from '../../scripts/sandbox/sockets.ts';

const run = promisify(execFile);
/** `daemon` and `bin` of Debian, which own nothing here. */
const [memberGid, otherGid] = [1, 2];

let folder: string;
let stop: AbortController;
let made: number;

beforeEach(() => {
  folder = mkdtempSync('/run/tmux-gate-metrics-');
  chmodSync(folder, 0o755);
  [stop, made] = [new AbortController(), 0];
});
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true });
});

async function serve(given: Partial<MetricsServerOptions>): Promise<void> {
  const text = async (): Promise<string> => Promise.resolve(`tmux_gate_grants ${String(++made)}\n`);
  const options = { gid: undefined, contentType: 'text/plain; version=0.0.4; charset=utf-8', text };
  await serveMetrics({ listen: { path: join(folder, 'sock') }, ...options, ...given }, stop.signal);
}

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
}

async function ask(place: { socketPath: string } | { host: string; port: number }, asked: Asked = {}): Promise<Answer> {
  const { path = '/metrics', method = 'GET', host } = asked;
  return new Promise((resolve, reject) => {
    const sent = request(
      { ...place, path, method, ...(host === undefined ? {} : { headers: { host } }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            type: response.headers['content-type'],
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('error', reject).end();
  });
}

/** Whether an account without rights, of this group, gets an answer. */
async function reads(gid: number): Promise<boolean> {
  const curl = ['curl', '-s', '--max-time', '5', '--unix-socket', join(folder, 'sock'), 'http://localhost/metrics'];
  const account = ['--reuid', '65534', '--regid', String(gid), '--clear-groups', '--inh-caps=-all'];
  return run('setpriv', [...account, ...curl]).then(
    ({ stdout }) => stdout.startsWith('tmux_gate_grants'),
    () => false,
  );
}

describe('a unix socket', () => {
  const socketPath = (): string => join(folder, 'sock');

  test('is for root and the group, and for nobody else', async () => {
    await serve({ gid: memberGid });
    const { mode, uid, gid } = lstatSync(socketPath());
    expect({ mode: mode & 0o777, uid, gid }).toEqual({ mode: 0o660, uid: 0, gid: memberGid });
    expect([await reads(memberGid), await reads(otherGid)]).toEqual([true, false]);
    expect((await ask({ socketPath: socketPath() })).status).toBe(200);
  });

  test('is for root alone where there is no such group', async () => {
    await serve({});
    expect(lstatSync(socketPath()).mode & 0o777).toBe(0o600);
    expect(await reads(memberGid)).toBe(false);
    expect((await ask({ socketPath: socketPath() })).body).toBe('tmux_gate_grants 1\n');
  });

  test('replaces the socket of an earlier keeper', async () => {
    const before = createServer().listen(socketPath());
    await new Promise((resolve) => before.once('listening', resolve));
    await serve({});
    expect((await ask({ socketPath: socketPath() })).status).toBe(200);
    before.close();
  });

  test.each([
    ['a file', (path: string) => writeFileSync(path, 'of somebody')],
    ['a link to a file', (path: string) => symlinkSync('/etc/passwd', path)],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('never removes %s', async (_, put) => {
    put(socketPath());
    await expect(serve({})).rejects.toThrow(/is no socket/);
    expect(existsSync(socketPath())).toBe(true);
  });

  test('is not made in a folder that somebody else can write', async () => {
    chmodSync(folder, 0o777);
    await expect(serve({})).rejects.toThrow(/writable by others/);
    chmodSync(folder, 0o755);
    symlinkSync(folder, `${folder}/link`);
    await expect(serve({ listen: { path: `${folder}/link/sock` } })).rejects.toThrow(/symbolic link/);
  });
});

describe('a port', () => {
  test('listens on the loopback alone', async () => {
    const port = await freePort();
    await serve({ listen: { host: '127.0.0.1', port } });
    const { stdout } = await run('ss', ['-Hltn', `sport = :${String(port)}`]);
    expect(stdout).toMatch(new RegExp(`^LISTEN\\s+\\d+\\s+\\d+\\s+127\\.0\\.0\\.1:${String(port)}\\s[^\\n]*\\n$`));
    expect((await ask({ host: '127.0.0.1', port })).status).toBe(200);
  });

  test.each(['0.0.0.0', '::', '127.0.0.2', 'localhost'])('never on %s', async (host) => {
    await expect(serve({ listen: { host, port: await freePort() } })).rejects.toThrow(/not an address of the loopback/);
  });

  test('answers no name that points to it (DNS rebinding)', async () => {
    const port = await freePort();
    await serve({ listen: { host: '127.0.0.1', port } });
    const place = { host: '127.0.0.1', port };
    const statusOf = async (host: string): Promise<number | undefined> => (await ask(place, { host })).status;
    expect(await statusOf('evil.example:9747')).toBe(403);
    expect(await statusOf('127.0.0.1.evil.example')).toBe(403);
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:9747', '[::1]:9747'])
      expect(await statusOf(host)).toBe(200);
  });
});

describe('an answer', () => {
  const place = (): { socketPath: string } => ({ socketPath: join(folder, 'sock') });

  test('has the type that Prometheus asks for; nothing else is there, and nothing is changed by asking', async () => {
    await serve({});
    expect(await ask(place(), { path: '/metrics?name=x' })).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'tmux_gate_grants 1\n',
    });
    expect(await ask(place(), { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect((await ask(place(), { path: '/' })).status).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask(place(), { method })).status).toBe(405);
  });

  test('is made once for all who ask at the same time, and reused for a moment', async () => {
    const gate = Promise.withResolvers<string>();
    let begun = 0;
    const text = async (): Promise<string> => {
      begun++;
      return gate.promise;
    };
    await serve({ text });
    const answers = Promise.all([ask(place()), ask(place()), ask(place())]);
    gate.resolve('tmux_gate_grants 7\n');
    expect((await answers).map(({ body }) => body)).toEqual(Array(3).fill('tmux_gate_grants 7\n'));
    await ask(place());
    expect(begun).toBe(1);
  });

  test('that cannot be made drops its connection, and the next one is made anew', async () => {
    let fails = true;
    const text = async (): Promise<string> => (fails ? Promise.reject(new Error('no')) : Promise.resolve('ok\n'));
    await serve({ text });
    await expect(ask(place())).rejects.toThrow();
    fails = false;
    await expect(ask(place())).resolves.toMatchObject({ body: 'ok\n' });
  });
});

describe('whoever asks without end', () => {
  test('gets eight connections, and the keeper closes those that say nothing', async () => {
    await serve({});
    const path = join(folder, 'sock');
    // They read what comes, such as an answer that they were too slow: a socket with something unread does not close.
    const silent = Array.from({ length: 12 }, () => connect(path).resume());
    const over = silent.map(
      async (socket) => new Promise((resolve) => socket.on('error', resolve).on('close', resolve)),
    );
    await Promise.all(over.slice(8)); // at once
    expect(silent.slice(0, 8).map(({ destroyed }) => destroyed)).toEqual(Array(8).fill(false));
    await Promise.all(over); // the rest, after the time of a request
    expect((await ask({ socketPath: path })).status).toBe(200);
  });

  test('sends no large headers', async () => {
    await serve({});
    expect((await ask({ socketPath: join(folder, 'sock') }, { host: 'x'.repeat(8192) })).status).toBe(431);
  });
});

test('it ends with the keeper, and a signal that came before is heeded', async () => {
  await serve({});
  stop.abort();
  await expect(ask({ socketPath: join(folder, 'sock') })).rejects.toThrow();
  await serve({ listen: { path: join(folder, 'late') } });
  await expect(ask({ socketPath: join(folder, 'late') })).rejects.toThrow();
});
