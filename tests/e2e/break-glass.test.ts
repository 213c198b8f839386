// Break-glass (docs/design.md, "When something is gone"): in with a one-time code when Redis and the provider are away; told at once, blocked until reviewed.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, journal, place, testHost } from '../harness/inside.ts';
import { plain, seenOn } from '../harness/refused.ts';
import { expectTranscript, normalise, spoken } from '../harness/screenplay.ts';
import { say, shellPrompt } from '../harness/visits.ts';

let host: Host;
const alice = `${place('tgk')}-alice`;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tgk',
    people: { carol: ['engineers'] },
    config: (config) => ({ ...config, redis: 'redis://127.0.0.1:1', break_glass: { window: '1m' } }),
  });
  await host.provider.stop();
});
afterAll(async () => host[Symbol.asyncDispose]());

const issue = async (count = 1): Promise<string[]> =>
  (await host.cli(['break-glass', 'issue', String(count)])).stdout.split('\n').filter(Boolean);
const review = async (): Promise<void> =>
  expect(await host.cli(['break-glass', 'review', '--reason', 'looked at it'])).toMatchObject({ code: 0 });
function knockWith(code: string, person = host.people.alice): Terminal {
  const terminal = person.ssh(['-t', 'break-glass', 'prod-db', '--reason', 'INC-9 all is down']);
  void terminal.until('Break-glass code:').then(
    () => terminal.type(`${code}\r`),
    () => undefined,
  );
  return terminal;
}
const refused = async (terminal: Terminal): Promise<string> => plain((await seenOn(terminal)).text);

test('with Redis and the provider away a code opens a session for its short window, and everyone is told', async () => {
  expect(await refused(host.people.alice.ssh(['-t', 'prod-db']))).toMatch(/\[(?:REDIS|PROVIDER)_DOWN\]/);
  const [code = ''] = await issue();
  expect(code).toMatch(/^(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}$/);
  const terminal = knockWith(code.toLowerCase());
  await terminal.until(shellPrompt);
  terminal.type('echo "$((6*7))-in"\r');
  await terminal.until('42-in');
  const [connection] = connections(host.layout);
  expect(connection).toMatchObject({ session: 'prod-db', who: { login: alice } });
  expect((connection?.end ?? 0) - Date.now()).toBeLessThanOrEqual(60_000);
  await host.webhook.next((body) => (body as { event?: string }).event === 'break-glass');
  expect(journal(host.layout).find(({ event }) => event === 'break-glass')).toMatchObject({ login: alice });
  // Listed while the store is away, which is when it opens; and that this is not all.
  const listed = await host.cli(['grants', '--json']);
  expect(listed).toMatchObject({ code: 0, stderr: expect.stringContaining('[REDIS_DOWN]') });
  expect(JSON.parse(listed.stdout)).toMatchObject([{ login: alice, session: 'prod-db', approvedBy: 'break-glass' }]);
  const told = JSON.parse((await host.cli(['history', '--json'])).stdout) as unknown[];
  const use = { request: `GLASS${code.slice(0, 4)}`, login: alice, state: 'break-glass', reason: 'INC-9 all is down' };
  expect(told).toMatchObject([{ ...use, durationSeconds: expect.any(Number), reviews: [], connections: [{}] }]);
  // A dropped line comes back within the window, without another code.
  terminal.kill('SIGKILL');
  await eventually('the line is gone', () => connections(host.layout).length === 0);
  for (const again of [['prod-db'], ['break-glass', 'prod-db', '--reason', 'INC-9 again']]) {
    await using there = host.people.alice.ssh(['-t', ...again]);
    await there.until(shellPrompt);
    there.kill('SIGKILL');
    await eventually('the line is gone', () => connections(host.layout).length === 0);
  }
  // Whoever asks for more than that is asked who they are, and nobody else comes in under it.
  expect(await refused(host.people.alice.ssh(['-t', 'prod-db', '--for', '5m']))).toMatch(/\[(?:REDIS|PROVIDER)_DOWN\]/);
  expect(await refused(host.people.bob.ssh(['-t', 'prod-db']))).toMatch(/\[(?:REDIS|PROVIDER)_DOWN\]/);
  const back = host.people.alice.ssh();
  await back.until(shellPrompt);
  // The keeper's next start knows it too, though it is not in the store.
  await host.keeper.stop();
  await host.keeper.start();
  back.type('echo "$((6*7))-still"\r');
  await back.until('42-still');
  expect((await host.cli(['revoke', connection?.grant ?? ''])).code).toBe(0);
  // The gate may not have reported back yet: then it is killed, and ssh says 255.
  expect((await back.exit).code).not.toBe(0);
}, 120_000);

test('the next code opens nothing until somebody has looked at the last use, and a code opens once', async () => {
  const [first = '', second = ''] = await issue(2);
  expect(await refused(knockWith(first, host.people['carol']))).toContain('[GLASS_UNREVIEWED]');
  expect((await say(host.people.alice, ['break-glass', 'review', '--reason', 'mine'])).text).toContain('[SELF_REVIEW]');
  await review();
  const [use] = JSON.parse((await host.cli(['history', '--json'])).stdout) as unknown[];
  expect(use).toMatchObject({
    state: 'break-glass, revoked',
    reviews: [{ verdict: 'reviewed', by: expect.stringContaining('root'), reason: 'looked at it' }],
  });
  const terminal = knockWith(first, host.people['carol']);
  await terminal.until(shellPrompt);
  const [connection] = connections(host.layout);
  await host.cli(['revoke', connection?.grant ?? '']);
  await terminal.exit;
  await review();
  expect(await refused(knockWith(first))).toContain('[GLASS_WRONG]');
  expect((await host.cli(['break-glass', 'void', second.slice(0, 4)])).stdout).toContain('Voided 1 code.');
  expect(await refused(knockWith(second))).toContain('[GLASS_WRONG]');
}, 120_000);

test('typed by root on the host itself it asks for no code, and uses none', async () => {
  const there = new Terminal(`${host.layout.lib}/tmux-gate`, ['break-glass', 'prod-db', '--reason', 'INC-9 here'], {
    cols: 80,
    rows: 24,
  });
  expect((await there.exit).code).toBe(64);
  expect(there.text).toContain('[SSH_ONLY]');
  expect(there.text).not.toContain('Break-glass code');
});

test('the story as each reads it: root beforehand, the engineer, who comes next, and root afterwards', async () => {
  const told = ({ stdout }: { readonly stdout: string }): string => normalise(stdout, host);
  const issued = await host.cli(['break-glass', 'issue', '2']);
  const [first = '', second = ''] = issued.stdout.split('\n').filter(Boolean);
  expectTranscript('break-glass-root', told(issued));
  const inside = knockWith(first);
  await inside.until(shellPrompt);
  const [connection] = connections(host.layout);
  inside.type('\u0002d');
  await inside.exit;
  await host.cli(['revoke', connection?.grant ?? '']);
  expectTranscript('break-glass-engineer', normalise(spoken(inside.text), host));
  const next = knockWith(second, host.people['carol']);
  await next.exit;
  expectTranscript('break-glass-next', normalise(spoken(next.text), host));
  const reviewed = await host.cli([
    'break-glass',
    'review',
    '--reason',
    'INC-9 was real; the codes are in the safe again',
  ]);
  expectTranscript('break-glass-review', told(reviewed));
  expect((await host.cli(['break-glass', 'void', '--all'])).code).toBe(0);
}, 60_000);

test('law 3: whoever broke in does not review it, under a second login of theirs neither', async () => {
  const { alice: her, bob } = host.people;
  const [code = ''] = await issue();
  await host.provider.start();
  // Who a login belongs to is known from its first sign-in, whatever that was for.
  await host.cli(['lock', 'somebody', '--force', '--reason', 'test']);
  expect((await say(her, ['unlock', 'somebody'])).text).toContain('[NOT_YOURS]');
  const terminal = knockWith(code);
  await terminal.until(shellPrompt);
  await host.cli(['revoke', connections(host.layout)[0]?.grant ?? '']);
  await terminal.exit;
  await host.provider.overrideClaims({ sub: her.account.sub });
  expect((await say(bob, ['break-glass', 'review', '--reason', 'mine'])).text).toContain('[SELF_REVIEW]');
  await host.provider.overrideClaims({});
  await host.cli(['unpin', bob.login]);
  expect((await say(bob, ['break-glass', 'review', '--reason', 'looked'])).text).toContain(
    'Break-glass codes work again.',
  );
  await host.provider.stop();
}, 120_000);

test('law 3: a review that is left waiting looks at no use that came after it', async () => {
  const { bob } = host.people;
  const [first = '', second = ''] = await issue(2);
  await host.provider.start();
  const breakIn = async (code: string, person = host.people.alice): Promise<void> => {
    const terminal = knockWith(code, person);
    await terminal.until(shellPrompt);
    await host.cli(['revoke', connections(host.layout)[0]?.grant ?? '']);
    await terminal.exit;
  };
  await breakIn(first);
  const waiting = bob.ssh(['break-glass', 'review', '--reason', 'looked'], { tty: false });
  const [link = ''] = await waiting.until(/http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/);
  await review();
  await breakIn(second, bob);
  await completeSignIn(link, bob.account);
  await waiting.exit;
  expect(waiting.text).toContain('[CHANGED_MEANWHILE]');
  const { unreviewed } = JSON.parse((await host.cli(['break-glass', 'list', '--json'])).stdout) as {
    readonly unreviewed: { readonly login: string } | null;
  };
  expect(unreviewed?.login).toBe(bob.login);
  expect((await host.cli(['break-glass', 'list'])).stdout).toContain(': tmux-gate break-glass review --reason ...\n');
  await review();
  await host.provider.stop();
}, 120_000);

test('law 7: a use whose keeper died before anything was opened is used, told of, and waits for its review', async () => {
  const [code = ''] = await issue();
  await host.keeper.stop();
  const file = `${host.root}/var/lib/tmux-gate/break-glass.json`;
  const glass = JSON.parse(readFileSync(file, 'utf8')) as { codes: { id: string }[] };
  const codes = glass.codes.map((one) => (one.id === code.slice(0, 4) ? { ...one, usedAt: 1, usedBy: alice } : one));
  const use = {
    code: code.slice(0, 4),
    login: alice,
    session: 'prod-db',
    grant: 'DEADKEEPER',
    at: Date.now(),
    unfinished: true,
  };
  writeFileSync(file, JSON.stringify({ ...glass, codes, unreviewed: use }));
  const told = host.webhook.next((body) => (body as { grant?: string }).grant === 'DEADKEEPER');
  await host.keeper.start();
  await told;
  expect(journal(host.layout).find(({ event }) => event === 'break-glass-unfinished')).toMatchObject({ login: alice });
  expect(await refused(knockWith(code))).toContain('[GLASS_UNREVIEWED]');
  await review();
}, 120_000);

test('wrong codes are counted for who typed them: after five none of theirs is tried, and everybody else goes on', async () => {
  const [code = ''] = await issue();
  const last = code.endsWith('0') ? '1' : '0';
  for (let left = 5; left > 0; left--)
    expect(await refused(knockWith(`${code.slice(0, -1)}${last}`))).toContain('[GLASS_WRONG]');
  expect(await refused(knockWith(code))).toContain('[GLASS_PAUSED]');
  const hers = knockWith(code, host.people['carol']);
  await hers.until(shellPrompt);
  await host.cli(['revoke', connections(host.layout)[0]?.grant ?? '']);
  await hers.exit;
  await review();
}, 120_000);

describe('who may', () => {
  test.each([
    ['issue', ['break-glass', 'issue'], 'LOCAL_ONLY'],
    ['list', ['break-glass', 'list'], 'LOCAL_ONLY'],
    ['void', ['break-glass', 'void', '--all'], 'LOCAL_ONLY'],
    ['attach without a terminal', ['break-glass', 'prod-db', '--reason', 'INC-1 x'], 'NO_PTY'],
  ] as const)('not over ssh: %s', async (_, words, code) => {
    expect((await say(host.people.alice, words)).text).toContain(`[${code}]`);
  });

  test('a code opens no session that is not there, and takes a reason of its form', async () => {
    expect(await refused(host.people.alice.ssh(['-t', 'break-glass', 'nope', '--reason', 'INC-1 x']))).toContain(
      '[UNKNOWN_SESSION]',
    );
    expect(await refused(host.people.alice.ssh(['-t', 'break-glass', 'prod-db', '--reason', 'because']))).toContain(
      '[BAD_REASON]',
    );
  });
});

test('law 11: codes are kept as hashes, and the journal of all this verifies', async () => {
  const [code = ''] = await issue();
  const secret = code.slice(5).replaceAll('-', '');
  const folder = `${host.root}/var/lib/tmux-gate`;
  for (const file of ['break-glass.json', 'journal/journal.jsonl']) {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    expect(text.replaceAll('-', '')).not.toContain(secret);
  }
  expect(JSON.parse((await host.cli(['break-glass', 'list', '--json'])).stdout)).toMatchObject({
    codes: expect.arrayContaining([expect.objectContaining({ id: code.slice(0, 4), state: 'open' })]),
  });
  expect((await host.cli(['audit', 'verify'])).code).toBe(0);
});
