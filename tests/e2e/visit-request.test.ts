// Asking: what the requester sees, what a lost line keeps, what a key withdraws, and who is told.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, journal, testHost, place } from '../harness/inside.ts';
import { expectRefused, fromNow, plain, seenOf, seenOn } from '../harness/refused.ts';
import {
  endIt,
  requestAccess,
  leaveQueue,
  letIn,
  putInOrder,
  rows,
  say,
  shellPrompt,
  type Waiting,
} from '../harness/visits.ts';

const tga = place('tga');

let host: Host;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga' });
  ({ alice, bob } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

const events = (event: string) => journal(host.layout).filter((record) => record.event === event);
const pending = async (): Promise<unknown[]> => (await rows(bob, 'requests')).map((row) => row['id']);

const isLike = (notice: object, facts: object): boolean =>
  Object.entries(facts).every(([name, value]) => (notice as Record<string, unknown>)[name] === value);

async function comeAgain(): Promise<Waiting> {
  const terminal = alice.ssh(['-t', 'prod-db']);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  return { terminal, request };
}

test('the screen of a request shows all that a reviewer will see, who may approve, and the line to forward', async () => {
  const waiting = await requestAccess(alice, { window: '25m', reason: 'CHG-77 add the index' });
  const screen = plain(waiting.terminal.text);
  for (const fact of [
    `Who ${alice.login} (${alice.login}@example.com)`,
    'From 127.0.0.1 (unverified)',
    `Session prod-db on prod-box, as ${tga}-dba`,
    'Reason CHG-77 add the index',
    'For 25m',
    'Needs 1 approval from oncall',
    `Send this to an approver: ssh prod-box approve ${waiting.request}`,
  ])
    expect(screen).toContain(fact);
  await leaveQueue(waiting);
});

test('the notice says who, from where, which session, why and how long, and holds the ssh line that approves', async () => {
  const waiting = await requestAccess(alice, { window: '25m', reason: 'CHG-78 add the index' });
  const { body, headers } = await host.webhook.next(
    (notice) => (notice as { request?: string }).request === waiting.request,
  );
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(body).toMatchObject({
    event: 'requested',
    host: 'prod-box',
    session: 'prod-db',
    account: `${tga}-dba`,
    login: alice.login,
    identity: `${tga}-alice@example.com`,
    from: '127.0.0.1',
    reason: 'CHG-78 add the index',
    for: '25m',
    approve: `ssh prod-box approve ${waiting.request}`,
  });
  await leaveQueue(waiting);
});

test('a webhook that fails is tried again', async () => {
  const reason = 'INC-1 tried again';
  host.webhook.answerTo({ event: 'requested', reason }, 503);
  const waiting = await requestAccess(alice, { reason });
  const mine = (): number =>
    host.webhook.notices.filter(({ body }) => (body as { request?: string }).request === waiting.request).length;
  await eventually('it came a second time', () => mine() >= 2);
  await leaveQueue(waiting);
}, 40_000);

test('ten minutes before the end the person reads it in the title, with a bell, and whoever is on call is told', async () => {
  const inside = await letIn(host, alice, { window: '606s' });
  await inside.terminal.until(
    /\u0007\u001b\]2;10m left in prod-db on prod-box\. More time: ssh prod-box extend 10m\u0007/,
  );
  const { body } = await host.webhook.next((notice) => (notice as { event?: string }).event === 'ten-minutes-left');
  expect(body).toMatchObject({ login: alice.login, session: 'prod-db', host: 'prod-box', request: inside.request });
  await endIt(host, inside);
});

test('a denied request: the requester reads who denied it and why, and is out', async () => {
  const waiting = await requestAccess(alice);
  const denial = await say(bob, ['deny', waiting.request, '--reason', 'not during the freeze']);
  expect(denial.code).toBe(0);
  expect(denial.stdout).toBe(`Denied ${waiting.request}.\n`);
  const seen = await seenOn(waiting.terminal);
  expect(plain(seen.text)).toContain(
    `tmux-gate: Request ${waiting.request} was denied by ${tga}-bob (${tga}-bob@example.com). [DENIED] hint: their reason: not during the freeze`,
  );
  expect(seen.text).toContain('\u0007');
  expect(seen.code).toBe(77);
  expect(events('denied').at(-1)).toMatchObject({ request: waiting.request, reason: 'not during the freeze' });
  await eventually('the refused visit is journaled', () => events('refused').some(({ code }) => code === 'DENIED'));
});

test('a denial reason with escape sequences reaches no screen raw (law 9)', async () => {
  const waiting = await requestAccess(alice);
  await say(bob, [`deny ${waiting.request} --reason no\u001b[2J\u202e\u009bgo away`]);
  const { text } = await seenOn(waiting.terminal);
  const answer = text.slice(text.lastIndexOf('was denied by'));
  expect(answer.replace(/\u001b\[[0-9;]*m/g, '')).not.toMatch(
    /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u0080-\u009f\u202e]/,
  );
  expect(answer).toContain('go away');
});

test.each(['\u0003', '\u0004'])('key %j at a prompt cancels, in the same words', async (key) => {
  const terminal = alice.ssh(['-t', 'prod-db']);
  await terminal.until(/Reason[^\n]*: $/);
  terminal.type(key);
  const seen = await seenOn(terminal);
  expect(seen.code).toBe(130);
  expect(plain(seen.text)).toContain('tmux-gate: Cancelled. [CANCELLED] hint: connect again to start over');
});

test.each(['q', '\u0003', '\u0004'])('key %j withdraws the request: nobody can approve it any more', async (key) => {
  const { terminal, request } = await requestAccess(alice);
  const later = await fromNow(host);
  terminal.type(key);
  const seen = await seenOn(terminal);
  expect(seen.code).toBe(130);
  expect(plain(seen.text)).toContain('Cancelled.');
  await eventually('it is journaled', async () =>
    (await later()).find(({ event, request: id }) => event === 'withdrawn' && id === request),
  );
  expect(await pending()).not.toContain(request);
  const over = {
    code: 'REQUEST_OVER',
    says: `Request ${request} is over: withdrawn.`,
    hint: 'see: ssh prod-box history',
  } as const;
  await expectRefused(host, bob, over, async () => seenOf(await bob.run(['approve', request])));
});

test('a lost line keeps the request; who comes again takes the old place, and the answer finds them there', async () => {
  const waiting = await requestAccess(alice);
  waiting.terminal.kill('SIGKILL');
  await waiting.terminal.exit;
  expect(await pending()).toEqual([waiting.request]);
  const again = await comeAgain();
  expect(again.request).toBe(waiting.request);
  expect(await pending()).toEqual([waiting.request]);
  await approve(bob, waiting.request);
  await again.terminal.until(shellPrompt);
  await endIt(host, again);
});

test('approved while the line was lost: who comes again is let in at once', async () => {
  const waiting = await requestAccess(alice);
  waiting.terminal.kill('SIGKILL');
  await waiting.terminal.exit;
  await approve(bob, waiting.request);
  const terminal = alice.ssh(['-t', 'prod-db']);
  await terminal.until(shellPrompt);
  await endIt(host, { terminal, request: waiting.request });
});

test('a request that is withdrawn in one terminal is over in the other as well', async () => {
  const one = await requestAccess(alice);
  const two = await comeAgain();
  one.terminal.type('q');
  expect((await one.terminal.exit).code).toBe(130);
  const seen = await seenOn(two.terminal);
  expect([seen.code, plain(seen.text)]).toEqual([
    75,
    expect.stringContaining(`request ${one.request} in another terminal`),
  ]);
});

test('two terminals of one person wait for one request, and one answer lets both in', async () => {
  const one = await requestAccess(alice);
  const two = await comeAgain();
  expect(two.request).toBe(one.request);
  await approve(bob, one.request);
  await Promise.all([one.terminal.until(shellPrompt), two.terminal.until(shellPrompt)]);
  await endIt(host, one);
  await two.terminal.exit;
});

test('nobody answers in time: the requester is told so, and the request cannot be approved any more', async () => {
  const config = host.config;
  await host.keeper.stop();
  host.writeConfig({ ...config, request: { answer_within: '2s' } });
  await host.keeper.start();
  try {
    const waiting = await requestAccess(alice);
    const seen = await seenOn(waiting.terminal);
    expect(plain(seen.text)).toContain(
      `tmux-gate: Nobody answered request ${waiting.request} in time. [NO_ANSWER] hint: call whoever is on call, then ask again`,
    );
    expect(seen.code).toBe(75);
    const late = seenOf(await bob.run(['approve', waiting.request]));
    expect(plain(late.text)).toMatch(
      /\[(?:NO_SUCH_REQUEST|REQUEST_OVER)\] hint: see: ssh prod-box (?:requests|history)$/,
    );
    expect(late.code).toBe(65);
    expect(await pending()).toEqual([]);
    const told = { event: 'unanswered', request: waiting.request, login: alice.login };
    await eventually('the notice', () => host.webhook.notices.some(({ body }) => isLike(body as object, told)));
    expect(events('unanswered')).toContainEqual(expect.objectContaining({ request: waiting.request }));
  } finally {
    await host.keeper.stop();
    host.writeConfig(config);
    await host.keeper.start();
  }
});

test('what is withdrawn is told to whoever was told of it', async () => {
  const waiting = await requestAccess(alice);
  waiting.terminal.type('q');
  await waiting.terminal.exit;
  const told = { event: 'withdrawn', request: waiting.request, login: alice.login, session: 'prod-db' };
  await eventually('the notice', () => host.webhook.notices.some(({ body }) => isLike(body as object, told)));
});

test('a request lives over the restart of the keeper, and can be approved after it', async () => {
  const waiting = await requestAccess(alice);
  await host.keeper.stop();
  await waiting.terminal.until('tmux-gate is restarting');
  waiting.terminal.type('q');
  const seen = await seenOn(waiting.terminal);
  expect(plain(seen.text)).toContain('[KEEPER_DOWN]');
  await host.keeper.start();
  const again = await comeAgain();
  expect(again.request).toBe(waiting.request);
  await approve(bob, again.request);
  await again.terminal.until(shellPrompt);
  await endIt(host, again);
});

test('a webhook that never answers delays nobody', async () => {
  host.webhook.answer(0, 0, 0);
  const started = Date.now();
  await endIt(host, await letIn(host, alice));
  expect(Date.now() - started).toBeLessThan(30_000);
});
