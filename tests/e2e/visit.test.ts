// One visit and the next: what a person inside sees and does, comes back to, and leaves behind.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { ofUids } from '../../scripts/sandbox/processes.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, cgroupPids, isAlive, journal, testHost, place } from '../harness/inside.ts';
import { plain, seenOn } from '../harness/refused.ts';
import { endIt, requestAccess, leaveQueue, letIn, putInOrder, shellPrompt } from '../harness/visits.ts';

const tga = place('tga');

let host: Host;
let alice: Person;
let carol: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga', people: { carol: ['engineers'] } });
  ({ alice } = host.people);
  carol = host.people['carol'] ?? alice;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

const sessionUid = (): number => account(host.layout.sessionAccount).uid;
const events = (event: string) => journal(host.layout).filter((record) => record.event === event);
const untilShown = (text: string): string => /until (\d\d:\d\d:\d\d) UTC \(/.exec(text)?.[1] ?? 'none';

async function back(person: Person): Promise<Terminal> {
  const terminal = person.ssh(['-t', 'prod-db']);
  await terminal.until(/until \d\d:\d\d:\d\d UTC \(/);
  return terminal;
}

test('law 1: without a grant a person waits at the door: nothing of the session runs, and no key reaches it', async () => {
  const waiting = await requestAccess(alice);
  waiting.terminal.type('touch ~/typed-too-early\r');
  expect(ofUids([sessionUid()])).toEqual([]);
  expect(events('connected')).toEqual([]);
  expect(existsSync(`${host.layout.run}/s`) ? readdirSync(`${host.layout.run}/s`) : []).toEqual([]);
  await leaveQueue(waiting);
  expect(existsSync(`${host.layout.home}/${host.layout.sessionAccount}/typed-too-early`)).toBe(false);
});

test('law 4: who leaves and comes back, and a second line beside the first, get the rest of the window, asked nothing', async () => {
  const inside = await letIn(host, alice, { window: '5m' });
  const until = untilShown(inside.terminal.text);
  inside.terminal.type('\u0002d');
  const left = await seenOn(inside.terminal);
  expect(left.code).toBe(0);
  expect(plain(left.text)).toMatch(
    /tmux-gate: Detached\. Access lasts until \d\d:\d\d:\d\d UTC\. Reattach: ssh -t prod-box prod-db/,
  );
  const sessions = events('session-starting').length;
  const [one, two] = [await back(alice), await back(alice)];
  for (const terminal of [one, two]) {
    expect(untilShown(terminal.text)).toBe(until);
    expect(terminal.text).not.toMatch(/user_code|Reason|Waiting/);
  }
  expect(events('session-starting').length).toBe(sessions);
  const [first, second] = connections(host.layout);
  expect(first?.end).toBe(second?.end);
  expect(first?.grant).toBe(second?.grant);
  await endIt(host, { terminal: one, request: inside.request });
  await two.exit;
});

test('two people share one session: each sees the other type, and the end of one leaves the other inside', async () => {
  const a = await letIn(host, alice);
  const c = await letIn(host, carol);
  a.terminal.type("echo 'hello from' alice\r");
  await c.terminal.until('hello from alice');
  await endIt(host, a);
  expect(plain(a.terminal.text)).toContain('Your access to prod-db on prod-box was revoked by root');
  c.terminal.type("echo 'still' here\r");
  await c.terminal.until('still here');
  const ended = events('session-ended').length;
  await endIt(host, c);
  await eventually('the session went with its last grant', () => events('session-ended').length === ended + 1);
  expect(ofUids([sessionUid()])).toEqual([]);
});

test('law 5: revoke cuts at once: the answer comes when the person is out, and says why on their screen', async () => {
  const inside = await letIn(host, alice);
  const [connection] = connections(host.layout);
  const told = await host.cli(['revoke', inside.request, '--reason', 'wrong host; really']);
  expect(told.stdout).toContain(`of ${tga}-alice for prod-db. prod-box: confirmed.`);
  expect(cgroupPids(host.layout, 'c', connection?.id ?? '')).toEqual([]);
  expect(isAlive(connection?.gate.pid ?? 1)).toBe(false);
  const seen = await seenOn(inside.terminal);
  expect(seen.code).toBe(77);
  expect(plain(seen.text)).toMatch(
    /tmux-gate: Your access to prod-db on prod-box was revoked by root: wrong host; really\. Before you ask again, talk to whoever ended it\./,
  );
});

test('a dropped line delivers no byte to the session and ends the connection; the session lives on', async () => {
  const inside = await letIn(host, alice);
  const file = `${host.layout.home}/${host.layout.sessionAccount}/dropped`;
  inside.terminal.type('cat > ~/dropped\r');
  await eventually('cat waits for its input', () => existsSync(file));
  inside.terminal.type('half a line');
  await inside.terminal.until('half a line');
  const [connection] = connections(host.layout);
  inside.terminal.kill('SIGKILL');
  await eventually('the connection ended', () => connections(host.layout).length === 0);
  expect(cgroupPids(host.layout, 'c', connection?.id ?? '')).toEqual([]);
  expect(events('disconnected').at(-1)).toMatchObject({ connection: connection?.id, why: 'the line was lost' });
  expect(readFileSync(file, 'utf8')).toBe('');
  const again = await back(alice);
  await again.until('half a line');
  again.type(', and the rest\r\u0004');
  await eventually('the line is whole', () => readFileSync(file, 'utf8') === 'half a line, and the rest\n');
  await endIt(host, { terminal: again, request: inside.request });
});

/** Once it runs it is in the foreground: a key typed before that would be the shell's. */
async function runs(...command: readonly string[]): Promise<void> {
  const commandOf = (pid: number): string => {
    try {
      return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
    } catch {
      return ''; // it ended between two looks
    }
  };
  await eventually(`${command.join(' ')} runs`, () =>
    ofUids([sessionUid()]).some((pid) => commandOf(pid) === `${command.join('\0')}\0`),
  );
}

test('every key reaches the session: Ctrl-C, Ctrl-Z, Ctrl-\\, Ctrl-D and Escape mean there what they mean everywhere', async () => {
  const inside = await letIn(host, alice);
  const { terminal } = inside;
  terminal.type('sleep 1000\r');
  await runs('sleep', '1000');
  terminal.type('\u0003');
  await terminal.until('^C');
  terminal.type('echo code $?\r');
  await terminal.until('code 130');
  terminal.type('sleep 1001\r');
  await runs('sleep', '1001');
  terminal.type('\u001a');
  await terminal.until('Stopped');
  terminal.type('kill %1; sleep 1002\r');
  await runs('sleep', '1002');
  terminal.type('\u001c');
  await terminal.until('Quit');
  terminal.type('cat -v | tr a-z A-Z\r');
  await runs('cat', '-v');
  terminal.type('esc:\u001b:q\r\u0004');
  await terminal.until('ESC:^[:Q');
  await endIt(host, inside);
});

test('a resize reaches the session, and no size breaks it', async () => {
  const inside = await letIn(host, alice);
  const { terminal } = inside;
  // tmux gathers resizes for a while, so the session is asked until it knows.
  const becomes = async (size: string): Promise<void> => {
    terminal.type(`until [ "$(stty size)" = '${size}' ]; do sleep 0.1; done; echo now: $(stty size)\r`);
    await terminal.until(`now: ${size}`);
  };
  terminal.resize(121, 41);
  await becomes('40 121');
  terminal.resize(1, 1);
  terminal.resize(500, 200);
  await becomes('199 500');
  await endIt(host, inside);
});

test('who types exit in the last shell leaves the session, and comes back to a new one', async () => {
  const inside = await letIn(host, alice);
  inside.terminal.type('exit\r');
  const seen = await seenOn(inside.terminal);
  expect(seen.code).toBe(0);
  const again = await back(alice);
  await again.until(shellPrompt);
  await endIt(host, { terminal: again, request: inside.request });
});

test('large output passes whole, and the terminal stays in step', async () => {
  const inside = await letIn(host, alice);
  inside.terminal.type("seq 1 200000 > /dev/null; seq 1 20000; echo 'the' end\r");
  await inside.terminal.until('the end');
  await endIt(host, inside);
});

test('the journal names every connection with who, from where, why, by whose leave, and until when, and is whole', async () => {
  const connected = events('connected');
  expect(connected.length).toBeGreaterThan(0);
  for (const record of connected) {
    expect(record).toMatchObject({
      login: expect.stringMatching(/^\w+-(?:alice|carol)$/),
      identity: { subject: expect.stringMatching(/^00u/), claim: expect.stringContaining('@example.com') },
      claimed: { address: '127.0.0.1', fingerprint: expect.stringMatching(/^SHA256:/) },
      session: 'prod-db',
      reason: 'INC-1 look',
      approvers: [expect.objectContaining({ login: `${tga}-bob` })],
    });
    const ended = events('disconnected').filter(({ connection }) => connection === record['connection']);
    expect(ended.length).toBe(1);
  }
  expect((await host.cli(['audit', 'verify'])).stdout).toMatch(/^The journal is whole/);
});
