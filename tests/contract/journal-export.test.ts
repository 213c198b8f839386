// `audit export --follow` with a cursor: a receiver that is away, a keeper and a follower that restart, and nothing is lost.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { NotTaken, stdoutReceiver, syslogReceiver, type Receiver } from '../../src/adapters/export/receivers.ts';
import type { Anchor } from '../../src/adapters/journal/anchor.ts';
import { exportTo, type Exporting } from '../../src/cli/audit-export.ts';
import { minute } from '../../src/core/time.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { folder, keys } from './journal-folder.ts';
import { fill, writingTo } from './segmented-journal.ts';

let cursor: string;
let told: string[];
beforeEach(() => {
  cursor = `${folder}-cursor`;
  told = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((piece) => told.push(String(piece)) > 0);
});
const closing: (() => unknown)[] = [];
afterEach(() => {
  jest.restoreAllMocks();
  for (const close of closing.splice(0)) close();
});

/** What a follower does that begins where the cursor is. */
async function follow(receiver: Receiver, stop: AbortController, pause?: Exporting['pause']): Promise<void> {
  const from = existsSync(cursor) ? (JSON.parse(readFileSync(cursor, 'utf8')) as Anchor) : undefined;
  const options = { format: 'jsonl', choice: {}, follow: true, cursor } as const;
  await exportTo(receiver, { folder, options, from, stop: stop.signal, ...(pause && { pause }) });
}

const keeperWrites = async (many: number): Promise<void> => writingTo(folder, keys, async (one) => fill(one, many));
const numbersIn = (text: string): number[] => [...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n));
const written = (): number => (JSON.parse(readFileSync(`${folder}-anchor.json`, 'utf8')) as { n: number }).n;
const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

test('a receiver that is down for ten minutes while the keeper restarts gets all, in order, at least once', async () => {
  await keeperWrites(300);
  const [stop, tries, clock] = [new AbortController(), [] as number[], { ms: 0 }];
  let got = '';
  const siem: Receiver = {
    name: 'siem',
    send: async (lines) => {
      tries.push(clock.ms);
      if (clock.ms < 10 * minute) throw new NotTaken('HTTP status 503');
      got += `${lines.join('\n')}\n`;
      if (numbersIn(got).includes(written())) stop.abort();
      return Promise.resolve();
    },
  };
  await follow(siem, stop, async (ms) => {
    clock.ms += ms;
    if (tries.length === 5) await keeperWrites(40);
  });
  const waits = tries.slice(1).map((at, n) => (at - (tries[n] ?? 0)) / 1000);
  expect(waits.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(clock.ms).toBeLessThan(11 * minute);
  expect([...new Set(numbersIn(got))]).toEqual(upTo(written()));
  expect(told).toEqual([expect.stringContaining('HTTP status 503'), expect.stringContaining('siem')]);
});

/** Receivers as they are, each with what came to it. */
const places = {
  stdout: () => {
    const out = new PassThrough();
    let got = '';
    out.on('data', (piece: Buffer) => (got += piece.toString()));
    return Promise.resolve({ receiver: stdoutReceiver(out), got: () => got });
  },
  syslog: async () => {
    const [socket, program] = [`${folder}-log`, `${folder}-logger`];
    let got = '';
    const log = createServer((from) => from.on('data', (piece: Buffer) => (got += piece.toString('latin1'))));
    await once(log.listen(socket), 'listening');
    writeFileSync(program, `#!/bin/sh\nexec /usr/bin/logger --socket ${socket} "$@"\n`);
    chmodSync(program, 0o755);
    closing.push(() => log.close());
    return { receiver: syslogReceiver(program), got: () => got };
  },
};

test.each(['stdout', 'syslog'] as const)('%s: a follower that ends before it noted what it sent', async (to) => {
  await keeperWrites(600);
  const { receiver, got } = await places[to]();
  const dying = new AbortController();
  let sent = 0;
  await follow(
    {
      ...receiver,
      send: async (lines) => {
        await receiver.send(lines);
        if ((sent += 1) === 2) dying.abort();
      },
    },
    dying,
  );
  expect((JSON.parse(readFileSync(cursor, 'utf8')) as Anchor).n).toBe(256);
  await keeperWrites(20);
  const again = new AbortController();
  const over = follow(receiver, again);
  const missing = (): number[] => upTo(written()).filter((n) => !numbersIn(got()).includes(n));
  await eventually('all came', () => missing().length === 0, 20_000).catch(() => undefined);
  again.abort();
  await over;
  expect(missing()).toEqual([]);
});
