// Approve and deny: who may, how it is proved, and what it does (law 3).
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, journal, testHost, place } from '../harness/inside.ts';
import { expectRefused, plain, seenOf, seenOn, type Seen } from '../harness/refused.ts';
import { endIt, requestAccess, leaveQueue, putInOrder, rows, say, shellPrompt } from '../harness/visits.ts';

const tga = place('tga');

let host: Host;
let alice: Person;
let bob: Person;
let erin: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { alice: ['engineers', 'oncall'], erin: ['oncall'], carol: ['engineers'] },
    config: (config) => ({
      ...config,
      sessions: {
        ...config.sessions,
        'prod-two': { ...config.sessions['prod-db'], approvers: { groups: ['oncall'], count: 2 } },
      },
    }),
  });
  ({ alice, bob } = host.people);
  erin = host.people['erin'] ?? bob;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

const events = (event: string) => journal(host.layout).filter((record) => record.event === event);
const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

/** Types the verb as one login; the device login is completed with another's password. */
async function reviewAs(typing: Person, completing: Person, words: readonly string[]): Promise<Seen> {
  const terminal = typing.ssh(words, { tty: false });
  const [url] = await terminal.until(link);
  await completeSignIn(url, completing.account);
  return seenOn(terminal);
}

test('the whole request stands before the code, and each review takes a sign-in of its own', async () => {
  for (const reason of ['INC-1 first', 'INC-2 second']) {
    const waiting = await requestAccess(alice, { reason, window: '7m' });
    const seen = await reviewAs(bob, bob, ['approve', waiting.request]);
    expect(seen.code).toBe(0);
    const before = plain(seen.text.slice(0, seen.text.indexOf('Open ')));
    for (const fact of [
      `You are about to APPROVE request ${waiting.request}`,
      `Who ${alice.login} (${alice.login}@example.com)`,
      'From 127.0.0.1 (unverified)',
      `Session prod-db on prod-box, as ${tga}-dba`,
      `Reason ${reason}`,
      'For 7m',
      `tmux-gate on prod-box: APPROVE ${waiting.request}`,
    ])
      expect(before).toContain(fact);
    await waiting.terminal.until(shellPrompt);
    expect(plain(waiting.terminal.text)).toContain(`Approved by ${tga}-bob (${tga}-bob@example.com).`);
    await endIt(host, waiting);
  }
  expect(events('proved-anew').length).toBeGreaterThanOrEqual(2);
});

test('count: 2: one approval is not enough, the same person counts once, a second person lets in', async () => {
  const waiting = await requestAccess(alice, { session: 'prod-two' });
  expect(plain(waiting.terminal.text)).toContain('Needs 2 approvals from oncall');
  const first = await reviewAs(bob, bob, ['approve', waiting.request]);
  expect(plain(first.text)).toContain(`Your approval of ${waiting.request} counts. It needs more approvals.`);
  const again = {
    code: 'ALREADY_REVIEWED',
    says: `You have already reviewed request ${waiting.request}.`,
    hint: 'see: ssh prod-box requests',
  } as const;
  await expectRefused(host, bob, again, async () => reviewAs(bob, bob, ['approve', waiting.request]));
  expect(connections(host.layout)).toEqual([]);
  const second = await reviewAs(erin, erin, ['approve', waiting.request]);
  expect(plain(second.text)).toContain(`Approved ${waiting.request}: ${alice.login} can now use prod-two until`);
  await waiting.terminal.until(shellPrompt);
  expect(events('granted').at(-1)?.['approvers']).toEqual([
    expect.objectContaining({ login: bob.login }),
    expect.objectContaining({ login: erin.login }),
  ]);
  await endIt(host, waiting);
});

test('count: 2: a denial wins over an approval', async () => {
  const waiting = await requestAccess(alice, { session: 'prod-two' });
  expect((await reviewAs(bob, bob, ['approve', waiting.request])).code).toBe(0);
  expect((await reviewAs(erin, erin, ['deny', waiting.request, '--reason', 'not now'])).code).toBe(0);
  const seen = await seenOn(waiting.terminal);
  expect(plain(seen.text)).toContain(
    `was denied by ${tga}-erin (${tga}-erin@example.com). [DENIED] hint: their reason: not now`,
  );
});

test('count: 2: two approvals at the same moment make one grant', async () => {
  const waiting = await requestAccess(alice, { session: 'prod-two' });
  const grants = events('granted').length;
  await Promise.all([bob, erin].map(async (person) => reviewAs(person, person, ['approve', waiting.request])));
  await waiting.terminal.until(shellPrompt);
  expect((await rows(bob, 'grants')).filter((row) => row['request'] === waiting.request).length).toBe(1);
  expect(events('granted').length - grants).toBe(1);
  await endIt(host, waiting);
});

test('approve --for shortens the window, and cannot lengthen it', async () => {
  const waiting = await requestAccess(alice, { window: '10m' });
  const longer = {
    code: 'WINDOW_TOO_LONG',
    says: 'Access to session prod-db lasts at most 10m.',
    hint: 'try: --for 10m',
  } as const;
  await expectRefused(host, bob, longer, async () =>
    seenOf(await bob.run(['approve', waiting.request, '--for', '11m'])),
  );
  const seen = await reviewAs(bob, bob, ['approve', waiting.request, '--for', '2m']);
  expect(plain(seen.text)).toContain('You grant 2m (asked 10m)');
  await waiting.terminal.until(/until \d\d:\d\d:\d\d UTC \(((?:1m \d\ds|2m)) left\)/);
  const granted = events('granted').at(-1) as unknown as { start: number; end: number };
  expect(granted.end - granted.start).toBeLessThanOrEqual(120_000);
  expect(granted.end - granted.start).toBeGreaterThan(118_000);
  expect((await rows(bob, 'history')).at(-1)).toMatchObject({ durationSeconds: 600, grantedSeconds: 120 });
  expect(plain((await say(bob, ['history'])).stdout)).toContain('2m (asked 10m)');
  await endIt(host, waiting);
});

test('count: 2: of two windows the shorter one holds', async () => {
  const waiting = await requestAccess(alice, { session: 'prod-two', window: '10m' });
  await reviewAs(bob, bob, ['approve', waiting.request, '--for', '3m']);
  await reviewAs(erin, erin, ['approve', waiting.request, '--for', '8m']);
  await waiting.terminal.until(/until \d\d:\d\d:\d\d UTC \((?:2m \d\ds|3m) left\)/);
  await endIt(host, waiting);
});

test('one sign-in answers several ids typed in one line, in small letters and with O for 0 as well', async () => {
  const carol = host.people['carol'] ?? alice;
  const [a, c] = [await requestAccess(alice), await requestAccess(carol)];
  const typed = [a.request.toLowerCase().replaceAll('0', 'o'), c.request.replaceAll('1', 'l')];
  const seen = await reviewAs(bob, bob, ['approve', ...typed]);
  expect(seen.code).toBe(0);
  expect(seen.text.match(/user_code=/g)?.length).toBe(1);
  await Promise.all([a.terminal.until(shellPrompt), c.terminal.until(shellPrompt)]);
  await endIt(host, a);
  await endIt(host, c);
});

test('an answered request is over: a second answer is refused before any sign-in', async () => {
  const waiting = await requestAccess(alice);
  await reviewAs(bob, bob, ['approve', waiting.request]);
  await waiting.terminal.until(shellPrompt);
  const over = {
    code: 'REQUEST_OVER',
    says: `Request ${waiting.request} is over: approved.`,
    hint: 'see: ssh prod-box history',
  } as const;
  await expectRefused(host, erin, over, async () =>
    seenOf(await erin.run(['deny', waiting.request, '--reason', 'late'])),
  );
  await endIt(host, waiting);
});

test('a reviewer whose line is lost, or who cancels, has not reviewed, even when the code is used afterwards', async () => {
  const waiting = await requestAccess(alice);
  const terminal = bob.ssh(['-t', 'approve', waiting.request]);
  const [url] = await terminal.until(link);
  terminal.type('q');
  expect((await terminal.exit).code).toBe(130);
  await completeSignIn(url, bob.account).catch(() => undefined);
  const lost = bob.ssh(['deny', waiting.request, '--reason', 'gone'], { tty: false });
  const [second] = await lost.until(link);
  lost.kill('SIGKILL');
  await lost.exit;
  // sshd does not end a command that has no terminal; the gate notices at its next sign of life, ten seconds later at most.
  const closed = (): boolean =>
    events('refused').some(({ code, command }) => code === 'CANCELLED' && String(command).startsWith('deny'));
  await eventually('the keeper saw the line close', closed);
  await completeSignIn(second, bob.account).catch(() => undefined);
  expect((await rows(erin, 'requests')).find((row) => row['id'] === waiting.request)?.['approvals']).toBe(0);
  await leaveQueue(waiting);
});

test('revoke: the owner may, an approver may, another engineer may not', async () => {
  const carol = host.people['carol'] ?? bob;
  const notYours = {
    code: 'NOT_YOURS',
    says: 'You need to be an approver, the owner, or root to do that.',
    hint: 'see: ssh prod-box whoami',
  } as const;
  for (const person of [alice, bob]) {
    const waiting = await requestAccess(alice);
    await reviewAs(bob, bob, ['approve', waiting.request]);
    await waiting.terminal.until(shellPrompt);
    await expectRefused(host, carol, notYours, async () =>
      say(carol, ['revoke', waiting.request, '--reason', person.name]),
    );
    const told = await say(person, ['revoke', waiting.request]);
    expect(told.stdout).toContain('prod-box: confirmed.');
    expect((await waiting.terminal.exit).code).toBe(77);
  }
});
