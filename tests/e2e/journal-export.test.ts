// `audit export`: who reads is journaled, the formats, and a receiver and a keeper that go away while it is followed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { plainEnv } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { journal, testHost } from '../harness/inside.ts';
import { faultsOf } from '../harness/ocsf-schema.ts';
import { letIn } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgx' });
  await host.people.alice.run(['frobnicate']);
});
afterAll(async () => host[Symbol.asyncDispose]());

const records = (): readonly number[] => journal(host.layout).map(({ n }) => n as number);

test('as it is, as a table and as OCSF; and the journal has who exported it', async () => {
  const { code, stdout } = await host.cli(['audit', 'export', '--reason', 'for the SIEM']);
  expect(code).toBe(0);
  expect(stdout).toBe(readFileSync(`${host.layout.root}/var/lib/tmux-gate/journal/journal.jsonl`, 'utf8'));
  expect(journal(host.layout).at(-1)).toMatchObject({
    event: 'recording-read',
    what: 'export',
    reason: 'for the SIEM',
  });
  const csv = (await host.cli(['audit', 'export', '--format', 'csv', '--login', host.people.alice.login])).stdout;
  expect(csv).toMatch(/^n,at,host,event,login,.*\n\d+,\S+,prod-box,refused,/);
  const ocsf = (await host.cli(['audit', 'export', '--format', 'ocsf'])).stdout.trimEnd().split('\n');
  const refused = ocsf.map((line) => JSON.parse(line) as { class_uid: number; raw_data: string });
  expect(refused.filter(({ class_uid: of }) => of === 4007)).toHaveLength(1);
  expect(refused.map(({ raw_data: raw }) => (JSON.parse(raw) as { n: number }).n)).toEqual(records());
});

test('each line of OCSF is valid by the schema of its class, of what a host writes in an hour of work', async () => {
  const { alice } = host.people;
  const wrong = alice.ssh(['-t', 'break-glass', 'prod-db', '--reason', 'INC-9 all is down']);
  await wrong.until('Break-glass code:');
  wrong.type('AAAA-AAAA-AAAA-AAAA-AAAA\r');
  await wrong.exit;
  const { terminal } = await letIn(host, alice);
  terminal.type("(trap '' HUP TERM; exec sleep 4712) & echo left\r");
  await terminal.until('left\r');
  for (const words of [
    'lock LOGIN --force --reason lost',
    'unlock LOGIN --reason found',
    'break-glass issue',
    'recordings',
  ])
    expect(await host.cli(words.replace('LOGIN', alice.login).split(' '))).toMatchObject({ code: 0 });
  await terminal.exit;
  const ended = (): boolean => journal(host.layout).some(({ event }) => event === 'session-ended');
  await eventually('the session ended', ended);
  const { stdout } = await host.cli(['audit', 'export', '--format', 'ocsf']);
  const lines = stdout.trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(events.flatMap((event) => faultsOf(event) ?? [])).toEqual([]);
  const classes = new Set(events.map((event) => event['class_uid'] as number));
  expect([...classes].sort()).toEqual([1007, 2004, 3001, 3002, 3003, 3004, 4007]);
});

test('what cannot be done is said: nowhere to send it, a journal that is another one, no keeper', async () => {
  const nowhere = await host.cli(['audit', 'export', '--to', 'ftp://siem']);
  expect([nowhere.code, nowhere.stderr]).toEqual([64, expect.stringContaining('--to is stdout, syslog or a URL')]);
  const cursor = `${host.root}/cursor`;
  expect((await host.cli(['audit', 'export', '--cursor', cursor])).code).toBe(0);
  const kept = JSON.parse(readFileSync(cursor, 'utf8')) as { hash: string };
  writeFileSync(cursor, JSON.stringify({ ...kept, hash: 'ab'.repeat(32) }));
  const other = await host.cli(['audit', 'export', '--cursor', cursor]);
  expect([other.code, other.stdout]).toEqual([65, '']);
  expect(other.stderr).toContain('move the cursor file away');
});

/** A receiver that takes what it is sent once it `opens`. */
class Siem {
  readonly #server: Server;
  #open = false;
  #got: readonly string[] = [];
  readonly #news = new EventTarget();

  constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        if (this.#open) this.#got = [...this.#got, ...body.trimEnd().split('\n')];
        response.writeHead(this.#open ? 204 : 503).end();
        this.#news.dispatchEvent(new Event('heard'));
      });
    });
  }

  async start(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves at the next thing that it is sent. */
  async hears(): Promise<void> {
    await once(this.#news, 'heard');
  }

  open(): void {
    this.#open = true;
  }

  numbers(): readonly number[] {
    return this.#got.map((line) => (JSON.parse(line) as { metadata: { sequence: number } }).metadata.sequence);
  }

  async until(last: () => number): Promise<void> {
    while (!this.numbers().includes(last())) await this.hears();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const follower = (port: number): ChildProcess => {
  const to = [`http://127.0.0.1:${port}/in`, '--cursor', `${host.root}/siem`];
  const words = ['audit', 'export', '--format', 'ocsf', '--follow', '--to', ...to];
  return spawn(`${host.layout.lib}/tmux-gate`, words, { env: plainEnv, stdio: ['ignore', 'inherit', 'pipe'] });
};

async function stopped(child: ChildProcess): Promise<void> {
  const over = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await over)[0]).toBe(0);
}

test('a receiver that is away, a keeper that restarts and an exporter that restarts lose nothing', async () => {
  const siem = new Siem();
  const port = await siem.start();
  const first = follower(port);
  await siem.hears(); // it was asked, and takes nothing yet
  expect(siem.numbers()).toEqual([]);
  await host.keeper.stop();
  await host.keeper.start();
  await host.people.alice.run(['frobnicate']);
  siem.open();
  await siem.until(() => records().at(-1) as number);
  await stopped(first);
  await siem.stop();
  await host.people.alice.run(['approve ZZZZZZ']); // while nobody exports
  const again = new Siem();
  again.open();
  await again.start(port);
  const second = follower(port);
  await again.until(() => records().at(-1) as number);
  await stopped(second);
  await again.stop();
  const got = [...siem.numbers(), ...again.numbers()];
  expect(records().filter((n) => !got.includes(n))).toEqual([]);
  // What was sent twice, if anything, follows at once: its cursor was not written yet.
  expect(again.numbers().filter((n) => siem.numbers().includes(n)).length).toBeLessThanOrEqual(256);
});
