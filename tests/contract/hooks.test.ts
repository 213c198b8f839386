// What the policy asks outside of itself, on real programs and a real server: who is on call, and whether a ticket stands behind a
// request. Needs root: the programs are root's and run as somebody else.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '../../scripts/sandbox/sockets.ts';
import { openHooks, openSource, openTicket } from '../../src/adapters/hooks/hook.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { isAlive } from '../harness/inside.ts';

const nobody = { uid: 65534, gid: 65534 };
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), 'tmux-gate-hooks-'));
  await chmod(dir, 0o755);
});
afterAll(async () => rm(dir, { recursive: true, force: true }));

let made = 0;

async function program(lines: string, mode = 0o755): Promise<string> {
  const path = join(dir, `hook-${String(++made)}`);
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, mode);
  return path;
}

async function people(lines: string, limitMs = 10_000): Promise<readonly string[]> {
  const hook = { command: [await program(lines), 'db;echo'], answerWithinMs: limitMs };
  return (await openSource({ hook, cacheMs: 1_000 }, nobody)).people(0);
}

const asking = { id: 'K7QF2M', login: 'alice', reason: '"; $(id)\u202e' };

describe('a program', () => {
  test('prints a JSON list of people', async () => {
    expect(await people('echo \'["bob", "carol@example.com"]\'')).toEqual(['bob', 'carol@example.com']);
    expect(await people('echo "[]"')).toEqual([]);
  });

  test('law 9, law 10: runs as the service account, for good, without a shell, in an environment of ours', async () => {
    process.env['HOOK_SECRET'] = 'hunter2';
    const seen = join(dir, 'seen');
    await writeFile(seen, '');
    await chmod(seen, 0o666);
    await people(
      `{ id; grep -E "^(NoNewPrivs|CapBnd|CapEff|Groups)" /proc/self/status; env; echo "<$1>"; pwd; ulimit -n; umask; } > ${seen}; echo "[]"`,
    );
    const told = readFileSync(seen, 'utf8');
    expect(told).toContain('uid=65534');
    expect(told).toMatch(/^NoNewPrivs:\t1$/m);
    expect(told).toMatch(/^CapBnd:\t0+$/m);
    expect(told).toMatch(/^CapEff:\t0+$/m);
    expect(told).toMatch(/^Groups:\t *$/m);
    expect(told).toContain('<db;echo>');
    expect(told).toMatch(/^1024\n0?077$/m);
    expect(told).not.toContain('hunter2');
    expect(told.match(/^[A-Z]+=/gm)?.sort()).toEqual(['LANG=', 'PATH=', 'PWD=']);
    delete process.env['HOOK_SECRET'];
  });

  test.each<readonly [what: string, lines: string, problem: RegExp]>([
    ['fails', 'echo "[]"; exit 3', /exit status 3/],
    ['is ended', 'kill -9 $$', /signal/],
    ['prints rubbish', 'echo bob', /no JSON/],
    ['prints an object', 'echo \'{"people": ["bob"]}\'', /no JSON/],
    ['prints more than names', 'echo \'["bob", 7]\'', /no JSON/],
    ['prints an empty name', 'echo \'["bob", ""]\'', /no JSON/],
    ['prints nothing', 'true', /no JSON/],
    ['prints without end', 'exec yes', /more than 65536/],
    ['prints too much and fails to stop', 'trap "" PIPE TERM; head -c 100000 /dev/zero; sleep 1000', /more than 65536/],
  ])('that %s names nobody', async (_, lines, problem) => {
    await expect(people(lines)).rejects.toThrow(problem);
  });

  test('that hangs is ended with all of its group, and what it says of itself goes nowhere', async () => {
    const pids = join(dir, 'pids');
    await writeFile(pids, '');
    await chmod(pids, 0o666);
    const lines = `trap "" TERM HUP; echo hunter2 >&2; sleep 4245 & echo "$$ $!" > ${pids}; wait`;
    const failure = await people(lines, 5_000).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ message: 'no answer in time' });
    const [shell = 0, child = 0] = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    expect(child).toBeGreaterThan(1);
    for (const pid of [shell, child]) await eventually(`${String(pid)} is gone`, () => !isAlive(pid));
  });

  test('that leaves something behind in its group has answered all the same, and it is gone', async () => {
    const pids = join(dir, 'left');
    await writeFile(pids, '');
    await chmod(pids, 0o666);
    expect(await people(`sleep 4246 & echo "$!" > ${pids}; echo '["bob"]'`)).toEqual(['bob']);
    const left = Number(readFileSync(pids, 'utf8'));
    await eventually('it is gone', () => !isAlive(left));
  });

  test('that somebody else could write by now is not started (law 10)', async () => {
    const mark = join(dir, 'ran');
    const path = await program(`touch ${mark} 2>touch ${mark}; echo-; echo "[]"`, 0o777);
    const hook = { command: [path], answerWithinMs: 5_000 };
    const source = await openSource({ hook, cacheMs: 1_000 }, nobody);
    await expect(source.people(0)).rejects.toThrow(/writable by others/);
    expect(existsSync(mark)).toBe(false);
  });

  test('behind which a script stands that somebody else could write is not started either', async () => {
    const [mark, script] = [join(dir, 'ran-too'), join(dir, 'script')];
    await writeFile(script, `touch ${mark} 2>touch ${mark}; echo-; echo '["bob"]'`);
    const hook = { command: [await program('exec sh "$1"'), script, '/api/on-call'], answerWithinMs: 5_000 };
    const source = await openSource({ hook, cacheMs: 1_000 }, nobody);
    await chmod(script, 0o666);
    await expect(source.people(0)).rejects.toThrow(/writable by others/);
    expect(existsSync(mark)).toBe(false);
    await chmod(script, 0o644);
    expect(await source.people(0)).toEqual(['bob']);
  });

  test('never runs as root', async () => {
    const hook = { command: [await program('echo "[]"')], answerWithinMs: 5_000 };
    const source = await openSource({ hook, cacheMs: 1_000 }, { uid: 0, gid: 0 });
    await expect(source.people(0)).rejects.toThrow(/root runs no program/);
  });

  test('for a ticket hears of the request as one line of ASCII JSON, and answers yes in one form alone', async () => {
    const heard = join(dir, 'heard');
    await writeFile(heard, '');
    await chmod(heard, 0o666);
    const ask = async (lines: string) =>
      (await openTicket({ command: [await program(lines)], answerWithinMs: 5_000 }, nobody)).ask(asking);
    const yes = { approve: true, why: 'INC-1 is open' };
    expect(await ask(`cat > ${heard}; echo '${JSON.stringify(yes)}'`)).toEqual(yes);
    expect(readFileSync(heard, 'utf8')).toMatch(/^[ -~]*\n$/);
    expect(JSON.parse(readFileSync(heard, 'utf8'))).toEqual(asking);
    expect(await ask('echo \'{"approve": false}\'')).toEqual({ approve: false });
    await expect(ask('echo true')).rejects.toThrow(/no JSON/);
    await expect(ask('echo \'{"approve": "yes"}\'')).rejects.toThrow(/no JSON/);
  });
});

describe('a URL', () => {
  let server: Server;
  let url: string;
  const seen: { method: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        seen.push({ method: request.method, headers: request.headers, body });
        const path = request.url ?? '';
        if (path === '/hangs') return;
        if (path === '/drips') return void response.writeHead(200).write('[');
        if (path === '/moved') return void response.writeHead(302, { location: '/people' }).end();
        if (path === '/endless') {
          const more = (): void => {
            response.write('x'.repeat(65_536), (error) => (error ? undefined : setImmediate(more)));
          };
          response.on('error', () => undefined);
          return more();
        }
        if (path === '/down') return void response.writeHead(503).end('["bob"]');
        response.end(request.method === 'POST' ? '{"approve": true, "why": "open"}' : '["bob"]');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const hookAt = (path: string, secretFile?: string) => ({
    ...{ url: `${url}${path}`, insecureHttp: true, answerWithinMs: /hangs|drips/.test(path) ? 1_500 : 10_000 },
    ...(secretFile === undefined ? {} : { secretFile }),
  });
  const at = async (path: string) => (await openSource({ hook: hookAt(path), cacheMs: 1_000 }, nobody)).people(0);

  test('is asked with the secret of its file, and answers like a program', async () => {
    const secretFile = join(dir, 'secret');
    await writeFile(secretFile, 'hunter2\n', { mode: 0o600 });
    const source = await openSource({ hook: hookAt('/people', secretFile), cacheMs: 1_000 }, nobody);
    expect(await source.people(0)).toEqual(['bob']);
    expect(seen.at(-1)).toMatchObject({ method: 'GET', headers: { authorization: 'Bearer hunter2' } });
    const { tickets } = await openHooks({ onCall: {}, tickets: { jira: hookAt('/ticket') } }, nobody);
    expect(await tickets.get('jira')?.ask(asking)).toEqual({ approve: true, why: 'open' });
    expect(seen.at(-1)?.method).toBe('POST');
    expect(seen.at(-1)?.body).toMatch(/^[ -~]*\n$/);
    expect(JSON.parse(seen.at(-1)?.body ?? '')).toEqual(asking);
  });

  test.each([
    ['/hangs', /no answer in time/],
    ['/drips', /no answer in time/],
    ['/moved', /HTTP status 302/],
    ['/down', /HTTP status 503/],
    ['/endless', /more than 65536/],
  ])('%s names nobody', async (path, problem) => {
    await expect(at(path)).rejects.toThrow(problem);
  });

  test('law 11: that cannot be reached names nobody, and its address is in no message', async () => {
    const hook = {
      url: `http://127.0.0.1:${String(await freePort())}/hunter2`,
      insecureHttp: true,
      answerWithinMs: 1_500,
    };
    const failure = await (
      await openSource({ hook, cacheMs: 1_000 }, nobody)
    )
      .people(0)
      .catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ message: 'it cannot be reached (ECONNREFUSED)' });
  });
});
