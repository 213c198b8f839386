// `status`: each of twelve faults is made real, and then stands in the first line, with what to do in the next.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { dropInOf, edited, sudoersLine } from '../harness/doctor.ts';
import { restartKeeper, smallDisk } from '../harness/faults.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { testHost } from '../harness/inside.ts';
import { openTlsServer, type TlsServer } from '../harness/tls-server.ts';

let host: Host;
let onCall: TlsServer;
let witness: Server;
/** How many records the witness says that it has cosigned; 0: it answers nothing of use. */
let cosigned = 0;
const made = new AsyncDisposableStack();

/** Of docs/policy.md. */
const witnessKey = 'witness.example.com/w1+4132fd93+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

beforeAll(async () => {
  onCall = made.use(await openTlsServer(5));
  witness = createServer((request, response) => {
    request.resume();
    response.writeHead(cosigned > 0 ? 409 : 503, { 'content-type': 'text/x.tlog.size' }).end(`${String(cosigned)}\n`);
  }).listen(0, '127.0.0.1');
  made.defer(() => void witness.close());
  await once(witness, 'listening');
  host = made.use(await testHost({ ownRedis: true, prefix: 'tgstat', keeper: false }));
  const url = `http://127.0.0.1:${String((witness.address() as AddressInfo).port)}`;
  host.writeConfig({
    ...host.config,
    on_call: { primary: { url: onCall.url, cache: '1s' } },
    journal: { witness: [{ url, key: witnessKey }] },
  });
  host.keeper.env = { SSL_CERT_FILE: onCall.trust };
  await host.keeper.start();
});
afterAll(async () => made.disposeAsync());

interface Seen {
  readonly code: number | null;
  readonly lines: readonly string[];
}

async function status(): Promise<Seen> {
  const { code, stdout } = await host.cli(['status']);
  return { code, lines: stdout.trimEnd().split('\n') };
}

async function expectInOrder(): Promise<void> {
  await eventually('all is in order', async () => (await status()).code === 0);
}

beforeEach(expectInOrder);
const redisPid = (): number => Number(readFileSync(`${host.layout.run}/redis.pid`, 'utf8').split(' ')[0]);

/** Also after a test that failed, so that the next one begins on a host that is in order. */
afterEach(async () => {
  process.kill(redisPid(), 'SIGCONT');
  [onCall.status, cosigned] = [200, 0];
  onCall.show('long');
  if (host.keeper.pid === undefined) await host.keeper.start();
});

/** Expects that this fault comes first, with what to do, on one screen; and that a login sees it too, without why. */
async function expectFirst(first: RegExp, fix: RegExp, code: number): Promise<void> {
  let seen: Seen = { code: null, lines: [] };
  const isFirst = async (): Promise<boolean> => first.test((seen = await status()).lines[0] ?? '');
  await eventually(`the first line is ${String(first)}`, isFirst, 20_000).catch(() => undefined);
  expect(seen.lines[0]).toMatch(first);
  expect(seen.code).toBe(code);
  const rest = seen.lines.slice(1, 4).join(' ').replace(/\s+/g, ' ');
  expect(rest).toMatch(fix);
  expect(seen.lines.length).toBeLessThanOrEqual(23);
  expect(Math.max(...seen.lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  const name = seen.lines[0]?.split(' ')[0] ?? '';
  const told = JSON.parse((await host.cli(['status', '--json'])).stdout) as { parts: { name: string }[] };
  expect(told.parts[0]).toMatchObject({ name, fix: expect.stringMatching(/./) });
  const login = await host.people.mallory.run(['status']);
  expect([login.code, login.stdout.split(' ')[0]]).toEqual([code, name]);
  expect(login.stdout).not.toContain('fix:');
}

test('in order: every part, and who is there', async () => {
  const { lines } = await status();
  const words = lines.map((line) => line.split(/ +/).slice(0, 2).join(' '));
  expect(words.slice(0, -2).filter((line) => !line.endsWith(' ok'))).toEqual([]);
  expect(words).toHaveLength(16);
  expect(lines.slice(-2)).toEqual(['attached    0', 'sessions    0 running']);
});

test('1. the clock: the provider’s Date is another', async () => {
  await host.provider.clock(90);
  await expectFirst(/^clock +DOWN {2}the clocks of this host and of the provider differ by 1m 3/, /fix: set/, 69);
  await host.provider.clock(10);
  await expectFirst(/^clock +warn /, /fix: set this clock/, 1);
  await host.provider.clock(0);
});

test('2. the disk of the journal is full', async () => {
  await host.keeper.stop();
  const disk = await smallDisk(`${host.root}/var/lib/tmux-gate/journal`, '96m', true);
  try {
    await host.keeper.start();
    await expectInOrder();
    disk.fill();
    await expectFirst(/^disk +DOWN {2}0 KiB free for the journal/, /fix: free some space/, 69);
    disk.free();
    await expectInOrder();
    await host.keeper.stop();
  } finally {
    await disk[Symbol.asyncDispose]();
  }
  await host.keeper.start();
});

test('3. the store: Redis does not answer', async () => {
  process.kill(redisPid(), 'SIGSTOP');
  await expectFirst(/^redis +DOWN {2}REDIS_DOWN$/, /fix: is it running\? systemctl status/, 69);
});

test('4. the issuer does not answer', async () => {
  await host.provider.stop();
  await expectFirst(/^provider +DOWN {2}PROVIDER_DOWN: the provider refuses/, /fix: is it running/, 69);
  await host.provider.start();
});

test('5. a certificate ends in less than 14 days', async () => {
  onCall.show('short');
  await expectFirst(/^certificate warn {2}the certificate of localhost:\d+ ends in 4 days/, /fix: renew it/, 1);
});

test('6. sshd grants more than it should', async () => {
  await using undo = new AsyncDisposableStack();
  undo.use(edited(dropInOf(host), 'DisableForwarding yes', 'DisableForwarding no'));
  await expectFirst(/^sshd +DOWN {2}\w+-\w+: sshd says "disableforwarding no"/, /fix: put "DisableForwarding yes"/, 69);
});

test('7. sudo lets a gated login run something else', async () => {
  await using undo = new AsyncDisposableStack();
  undo.use(await sudoersLine(host, `${host.people.alice.login} ALL=(root) NOPASSWD: /usr/bin/id`));
  await expectFirst(/^sudo +DOWN {2}sudo also lets \w+-alice run: .*id/, /fix: take the login out/, 69);
});

test('8. the keeper is older than its program; the same written again is none', async () => {
  const path = `${host.layout.lib}/keeper`;
  const program = readFileSync(path, 'utf8');
  writeExact(path, `${program}\n// another build\n`, 0o755);
  await expectFirst(/^keeper +warn {2}keeper on disk is not the one that runs; up for/, /fix: systemctl restart/, 1);
  writeExact(path, program, 0o755);
});

test('9. the journal was added to from outside', async () => {
  const file = `${host.root}/var/lib/tmux-gate/journal/journal.jsonl`;
  await host.keeper.stop();
  appendFileSync(file, '{"n":9999,"event":"reviewed"}\n');
  await host.keeper.start();
  await expectFirst(/^journal +DOWN {2}JOURNAL_CHANGED$/, /fix: tmux-gate audit verify/, 69);
  await host.keeper.stop();
  const text = readFileSync(file, 'utf8').split('\n').slice(0, -2).join('\n');
  writeExact(file, `${text}\n`, 0o600);
  await host.keeper.start();
});

test('10. a witness has cosigned another journal', async () => {
  const records = JSON.parse((await host.cli(['audit', 'verify', '--json'])).stdout) as { records: number };
  cosigned = records.records + 1000;
  await host.people.mallory.run(['frobnicate']); // a new record, about which the witness is asked
  await expectFirst(/^witness +DOWN /, /fix: tmux-gate audit witnessed/, 69);
  await host.keeper.stop();
  host.writeConfig({ ...host.config, journal: {} });
  await host.keeper.start();
});

test('11. a hook does not answer', async () => {
  onCall.status = 500;
  await expectFirst(/^hooks +DOWN {2}no answer from primary/, /fix: .*docs\/policy\.md/, 69);
});

test('12. the recordings have less room than their reserve', async () => {
  await using disk = await smallDisk(`${host.root}/var/lib/tmux-gate/recordings`, '64m');
  disk.fill();
  await expectFirst(/^recording +DOWN {2}RECORDINGS_FULL: 0 KiB free, less/, /fix: free some space for the rec/, 69);
  disk.free();
});

test('several: the worst is first, and each has its line', async () => {
  await host.provider.clock(90);
  await using undo = new AsyncDisposableStack();
  undo.use(await sudoersLine(host, `${host.people.alice.login} ALL=(root) NOPASSWD: /usr/bin/id`));
  onCall.status = 500;
  await eventually(
    'three faults',
    async () => (await status()).lines.filter((line) => / DOWN /.test(line)).length === 3,
  );
  const { lines } = await status();
  const faults = lines.filter((line) => / DOWN /.test(line)).map((line) => line.split(' ')[0]);
  expect(faults).toEqual(['sudo', 'clock', 'hooks']);
  await host.provider.clock(0);
});

test('the keeper is restarted by what "fix" says: the fault is over', async () => {
  const path = `${host.layout.lib}/keeper`;
  const program = readFileSync(path, 'utf8');
  writeExact(path, `${program}\n// another build\n`, 0o755);
  await expectFirst(/^keeper +warn /, /systemctl restart tmux-gate/, 1);
  await restartKeeper(host);
  await expectInOrder();
  writeExact(path, program, 0o755);
  await restartKeeper(host);
});
