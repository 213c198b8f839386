// The verbs over ssh and on the host: the same table, the same rows.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { connections, testHost, place, withoutProgress } from '../harness/inside.ts';
import { audit, expectRefused, plain, seenOf } from '../harness/refused.ts';
import { endIt, requestAccess, leaveQueue, letIn, rows, say, type Waiting } from '../harness/visits.ts';

const tga = place('tga');

type Row = Readonly<Record<string, unknown>>;

let host: Host;
let alice: Person;
let bob: Person;
let inside: Waiting;
let waiting: Waiting;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga', people: { carol: ['engineers'] } });
  ({ alice, bob } = host.people);
  inside = await letIn(host, alice, { reason: 'INC-11 look' });
  waiting = await requestAccess(host.people['carol'] ?? bob, { reason: 'CHG-12 change' });
  await say(bob, ['sessions']); // so that bob is signed in
});
afterAll(async () => host[Symbol.asyncDispose]());

async function local(verb: string, ...more: readonly string[]): Promise<readonly Row[]> {
  const { code, stdout, stderr } = await host.cli([verb, ...more, '--json']);
  expect(code).toBe(0);
  expect(withoutProgress(stderr)).toBe('');
  return JSON.parse(stdout) as readonly Row[];
}

const listings = ['requests', 'grants', 'connections', 'history'] as const;

test.each(listings)('%s --json: an approver over ssh and root on the host read the same rows', async (verb) => {
  const remote = await rows(bob, verb);
  expect(remote.length).toBeGreaterThan(0);
  expect(await local(verb)).toEqual(remote);
});

test('sessions --json lists for a person what they may ask for, and for root all there is', async () => {
  expect(await rows(bob, 'sessions')).toEqual([]);
  const mine = await rows(alice, 'sessions');
  expect(mine).toEqual([
    expect.objectContaining({
      session: 'prod-db',
      runsAs: `${tga}-dba`,
      approvers: '1 of oncall',
      attached: 1,
      running: true,
    }),
  ]);
  expect(plain((await say(alice, ['sessions'])).stdout)).toContain('1 attached, you too');
  expect((await local('sessions')).map((row) => row['session'])).toEqual(['prod-db']);
});

test.each([...listings, 'sessions'] as const)(
  '%s is a table for people, printable ASCII alone as JSON',
  async (verb) => {
    const table = await host.cli([verb]);
    expect(table.code).toBe(0);
    expect(table.stdout.split('\n')[0]).toMatch(/^[A-Z][A-Z ]+$/);
    const json = await say(bob, [verb, '--json']);
    expect(json.stdout).toMatch(/^[\x20-\x7e]*\n$/);
  },
);

test('each row says what it must: who, which session, why, how long', async () => {
  const [request] = await local('requests');
  expect(request).toMatchObject({
    id: waiting.request,
    login: `${tga}-carol`,
    session: 'prod-db',
    reason: 'CHG-12 change',
    approvals: 0,
    durationSeconds: 300,
    requestedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    answerBy: expect.stringMatching(/Z$/),
  });
  const [grant] = await local('grants');
  expect(grant).toMatchObject({ request: inside.request, login: `${tga}-alice`, approvedBy: `${tga}-bob` });
  const [connection] = await local('connections');
  expect(connection).toMatchObject({
    login: `${tga}-alice`,
    session: 'prod-db',
    address: '127.0.0.1',
    grant: grant?.['id'],
    reason: 'INC-11 look',
  });
  expect(JSON.stringify([request, grant, connection])).not.toContain('secret');
});

test('a person sees what is theirs and what they may review, and nothing of others', async () => {
  const carol = host.people['carol'] ?? bob;
  expect((await rows(carol, 'requests')).map((row) => row['login'])).toEqual([`${tga}-carol`]);
  expect(await rows(carol, 'grants')).toEqual([]);
  expect(await rows(carol, 'connections')).toEqual([]);
  expect((await rows(alice, 'grants')).map((row) => row['login'])).toEqual([`${tga}-alice`]);
  expect(await rows(alice, 'requests')).toEqual([]);
});

test('history filters by login, session and time, and tells how each request went', async () => {
  const told = await local('history', '--login', `${tga}-alice`);
  expect(told).toEqual([
    expect.objectContaining({
      request: inside.request,
      state: 'granted',
      reviews: [expect.objectContaining({ verdict: 'approve', by: `${tga}-bob` })],
    }),
  ]);
  expect((told[0] as unknown as { connections: unknown[] }).connections.length).toBe(1);
  expect(await local('history', '--session', 'other')).toEqual([]);
  expect((await local('history', '--approver', `${tga}-bob`)).length).toBeGreaterThan(0);
  expect(await local('history', '--approver', 'nobody')).toEqual([]);
  const [head, first] = (await host.cli(['history', '--csv'])).stdout.split('\n');
  expect(head).toBe(
    'request,asked,login,identity,session,seconds,state,reviews,grant,connections,reason,extends,granted_seconds,verified',
  );
  expect(first?.split(',').length).toBeGreaterThanOrEqual(11);
  expect((await local('history', '--since', '1h')).length).toBe(2);
});

describe('without a sign-in', () => {
  test('whoami tells login, address and key, and who is signed in', async () => {
    const { mallory } = host.people;
    const { stdout, code } = await mallory.run(['whoami', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      login: `${tga}-mallory`,
      host: 'prod-box',
      address: '127.0.0.1',
      key: expect.stringMatching(/^SHA256:/),
      identity: null,
      groups: [],
      unreadGroups: null,
      signedInUntil: null,
    });
    expect(JSON.parse((await alice.run(['whoami', '--json'])).stdout)).toMatchObject({
      identity: `${tga}-alice@example.com`,
      groups: ['engineers'],
    });
    expect((await host.cli(['whoami'])).stdout).toMatch(/^Login +root on prod-box$/m);
  });

  test('status names each part, in words and as JSON, the same over ssh and locally', async () => {
    const parts = [
      ...['sshd', 'sudo', 'journal', 'witness', 'disk', 'recording', 'cgroups'],
      ...['redis', 'clock', 'provider', 'hooks', 'certificate', 'policy', 'keeper'],
    ];
    const text = (await host.people.mallory.run(['status'])).stdout;
    for (const part of parts) expect(text).toMatch(new RegExp(`^${part} +ok `, 'm'));
    const told = JSON.parse((await host.cli(['status', '--json'])).stdout) as {
      ok: boolean;
      attached: number;
      parts: { name: string }[];
      longestTurnMs: number;
    };
    expect(told).toMatchObject({ host: 'prod-box', ok: true, attached: 1 });
    expect(told.longestTurnMs).toBeGreaterThanOrEqual(0);
    expect(told.parts.map(({ name }) => name)).toEqual(parts);
  });
});

describe('on the host alone', () => {
  test('unpin over ssh is refused by its name', async () => {
    const expected = {
      code: 'LOCAL_ONLY',
      says: '"unpin" is for root on the host itself.',
      hint: 'on prod-box: tmux-gate unpin',
    } as const;
    await expectRefused(host, bob, expected, async () => seenOf(await bob.run(['unpin', `${tga}-alice`])));
  });

  test.each(['audit show', 'policy check', 'version'])('"%s" is no verb over ssh', async (command) => {
    const { code, stdout, stderr } = await bob.run([command]);
    expect(stdout).toBe('');
    expect(plain(stderr)).toMatch(/\[(?:NOT_A_VERB|UNKNOWN_SESSION|LOCAL_ONLY)\] hint: /);
    expect(code).not.toBe(0);
  });

  test('version, policy check and usage errors, with exit codes for scripts', async () => {
    expect((await host.cli(['version'])).stdout).toMatch(/^tmux-gate \d+\.\d+\.\d+ \(Node v\d+/);
    expect(JSON.parse((await host.cli(['version', '--json'])).stdout)).toHaveProperty('version');
    expect(await host.cli(['policy', 'check'])).toMatchObject({
      code: 0,
      stdout: `${host.layout.etc}/config.yaml is in order.\n`,
    });
    const may = await host.cli(['policy', 'check', '--as', 'x', '--group', 'engineers', '--session', 'prod-db']);
    expect(may).toMatchObject({ code: 0, stdout: 'x (in engineers) may ask; rule: sessions.prod-db.who: engineers\n' });
    const not = await host.cli(['policy', 'check', '--session', 'prod-db', '--json']);
    expect(not.code).toBe(77);
    expect(JSON.parse(not.stdout)).toMatchObject({ allow: false, code: 'NOT_ALLOWED' });
    for (const wrong of [['frobnicate'], ['grants', '--frob'], ['approve'], [], ['history', '--since', 'x']]) {
      const { code, stdout, stderr } = await host.cli(wrong);
      expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
      expect(stderr).toMatch(/^tmux-gate: .*\nhint: /);
      expect(stderr).not.toMatch(/\n {4}at /);
    }
  });

  test('a fault of the CLI itself is no usage error', async () => {
    const broken = 'data:text/javascript,process.getuid=()=>{throw%20Error(404)}';
    const { code, stderr } = await host.cli(['status'], { env: { NODE_OPTIONS: `--import ${broken}` } });
    expect({ code, stderr }).toEqual({ code: 70, stderr: expect.stringMatching(/^tmux-gate: 404\nhint: .*\n$/) });
  });

  test('--version is what version says', async () => {
    expect(await host.cli(['--version'])).toEqual(await host.cli(['version']));
  });

  test.each([
    ['a reader that has seen enough', '| true', '', 141],
    ['a full disk', '> /dev/full', 'tmux-gate: the output cannot be written (ENOSPC)\n', 74],
  ])('%s gets no stack trace', async (_, sink, stderr, code) => {
    const { outcome } = await import('../../scripts/sandbox/exec.ts');
    const line = `set -o pipefail; ${host.layout.lib}/tmux-gate audit show ${sink}`;
    const shown = await outcome('bash', ['--norc', '-c', line]);
    expect(shown).toMatchObject({ stderr, code });
  });

  test('nobody but root gets anything from the CLI', async () => {
    for (const words of [['grants'], ['audit', 'show'], ['audit', 'verify']]) {
      const { code, stdout } = await asLogin(words);
      expect(stdout).toBe('');
      expect(code).not.toBe(0);
    }
  });
});

async function asLogin(words: readonly string[]): Promise<{ code: number | null; stdout: string }> {
  const { outcome } = await import('../../scripts/sandbox/exec.ts');
  return outcome('setpriv', [
    `--reuid=${alice.login}`,
    `--regid=${alice.login}`,
    '--init-groups',
    `${host.layout.lib}/tmux-gate`,
    ...words,
  ]);
}

test('audit show reads the journal a line a record, and with --json as it stands', async () => {
  const json = await audit(host);
  const text = (await host.cli(['audit', 'show'])).stdout.trimEnd().split('\n');
  expect(text.length).toBe(json.length);
  expect(text[0]).toMatch(/^ +1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}opened$/);
  const who = `who "${alice.login} (${alice.login}@example.com)"`;
  expect(text.find((line) => line.includes('  requested  '))).toContain(`  ${who}  session prod-db  request `);
  expect(json.map((record) => record['n'])).toEqual(json.map((_, i) => i + 1));
});

test('when nothing is there, listings say so in words, exit 0, and are an empty list as JSON', async () => {
  await endIt(host, inside);
  await leaveQueue(waiting);
  expect(connections(host.layout)).toEqual([]);
  const words = {
    requests: 'No requests are waiting.',
    grants: 'No live grants.',
    connections: 'Nobody is attached.',
  };
  for (const [verb, text] of Object.entries(words)) {
    expect(await host.cli([verb])).toMatchObject({ code: 0, stdout: `${text}\n` });
    expect((await host.cli([verb, '--json'])).stdout).toBe('[]\n');
  }
});
