// A journal that is followed, on a real file system, and the receivers of what is exported.
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createLog, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { syslogReceiver, urlReceiver } from '../../src/adapters/export/receivers.ts';
import { followJournal, OtherJournal, type Batch } from '../../src/adapters/journal/follow.ts';
import { sha256 } from '../../src/adapters/sha256.ts';

const base = mkdtempSync(join(tmpdir(), 'tmux-gate-follow-'));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(mkdtempSync(join(base, 'journal-')), 'journal.jsonl');
  count = 0;
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

const lines = (many: number): string =>
  Array.from({ length: many }, () => `${JSON.stringify({ n: (count += 1) })}\n`).join('');

async function all(
  from?: Batch['place'],
): Promise<{ readonly numbers: number[]; readonly place: Batch['place'] | undefined }> {
  const numbers: number[] = [];
  let place = from;
  for await (const batch of followJournal(path, { sha256, from })) {
    numbers.push(...batch.lines.map((line) => (JSON.parse(line) as { n: number }).n));
    place = batch.place;
  }
  return { numbers, place };
}

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, at) => at + first);

describe('what is there', () => {
  test('comes whole, in batches, and then what was added, from the place on', async () => {
    writeFileSync(path, lines(600));
    const { numbers, place } = await all();
    expect(numbers).toEqual(upTo(600));
    expect((await all(place)).numbers).toEqual([]);
    appendFileSync(path, lines(3));
    expect((await all(place)).numbers).toEqual([601, 602, 603]);
  });

  test('without a line that is not whole yet', async () => {
    writeFileSync(path, `${lines(2)}{"n":3`);
    const { numbers, place } = await all();
    expect(numbers).toEqual([1, 2]);
    appendFileSync(path, '}\n');
    expect((await all(place)).numbers).toEqual([3]);
  });

  test.each([
    ['cut', () => truncateSync(path, 10)],
    ['another one', () => writeFileSync(path, lines(600))],
  ] as const)('not when the journal was %s since', async (_, change) => {
    writeFileSync(path, lines(5));
    const { place } = await all();
    change();
    await expect(all(place)).rejects.toThrow(OtherJournal);
  });
});

test('what is added while it is followed comes as it is added, until it is stopped', async () => {
  writeFileSync(path, lines(1));
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const { lines: told, place } of followJournal(path, { sha256, until: stop.signal })) {
    seen.push(...told.map((line) => (JSON.parse(line) as { n: number }).n));
    if (place.n === 4) stop.abort();
    else appendFileSync(path, lines(1));
  }
  expect(seen).toEqual([1, 2, 3, 4]);
});

describe('a receiver', () => {
  async function served(status: number, task: (url: string) => Promise<void>): Promise<readonly string[]> {
    const got: string[] = [];
    const take = async (request: IncomingMessage): Promise<void> => {
      got.push([request.headers.authorization ?? '', request.headers['content-type'], await text(request)].join(' '));
    };
    const server = createServer((request, response) => {
      void take(request).then(() => response.writeHead(status, { 'retry-after': '7', location: '/elsewhere' }).end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await task(`http://127.0.0.1:${(server.address() as AddressInfo).port}/SECRET`);
    server.closeAllConnections();
    server.close();
    return got;
  }

  test('at a URL is sent the lines, with the token', async () => {
    const got = await served(204, async (url) =>
      urlReceiver(url, 'application/x-ndjson', 'tok').send(['{"a":1}', '{}']),
    );
    expect(got).toEqual(['Bearer tok application/x-ndjson {"a":1}\n{}\n']);
  });

  test.each([503, 404, 302])(
    'at a URL that answers %i did not take them, and no redirect is followed',
    async (status) => {
      const got = await served(status, async (url) => {
        const receiver = urlReceiver(url, 'application/x-ndjson', undefined);
        expect(receiver.name).not.toContain('SECRET');
        await expect(receiver.send(['{}'])).rejects.toMatchObject({ name: 'NotTaken', waitMs: 7000 });
      });
      expect(got).toHaveLength(1);
    },
  );

  test('at a URL that nobody listens at did not take them, and its path is not told', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const refused = urlReceiver(`http://127.0.0.1:${port}/SECRET`, 'text/csv', undefined).send(['a']);
    await expect(refused).rejects.toMatchObject({ name: 'NotTaken', message: 'ECONNREFUSED' });
  });

  test('that is the system log takes them when its socket is there, and not when it is not', async () => {
    const log = createLog().listen(join(base, 'log'));
    await once(log, 'listening');
    const took = once(log, 'connection').then(async ([socket]) => text(socket as Socket));
    const through = (script: string): string => {
      const program = join(base, `logger-${(count += 1)}`);
      writeFileSync(program, `#!/bin/sh\n${script}\n`);
      chmodSync(program, 0o755);
      return program;
    };
    await syslogReceiver(through(`exec /usr/bin/logger --socket ${base}/log "$@"`)).send(['one', 'two']);
    expect(await took).toMatch(/^<85>.* tmux-gate: one.<85>.* tmux-gate: two.$/s);
    log.close();
    const gone = syslogReceiver(through(`exec /usr/bin/logger --socket ${base}/gone "$@"`)).send(['one']);
    await expect(gone).rejects.toMatchObject({ name: 'NotTaken', message: 'logger ended with 1' });
    await expect(syslogReceiver(join(base, 'no-such-program')).send(['one'])).rejects.toThrow('ENOENT');
  });
});
