// The provider is down, hangs, answers rubbish, moves, changes its key or has a wrong clock: nobody gets in by it, and nobody who is in loses their place to it.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { completeSignIn } from '../../../scripts/sandbox/browser.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import { answers, expectCode, expectInOrder, expectNobody } from '../../harness/faults.ts';
import { layoutAt } from '../../../src/wire/layout.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { approve, comeBack, endAll, endGrants, enter, journal, testHost } from '../../harness/inside.ts';
import { seenOn, type Seen } from '../../harness/refused.ts';
import { requestAccess, leaveQueue, say, signInWhenAsked } from '../../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  const recheck = { lifetime: '8h', recheck: '10s' };
  host = await testHost({
    prefix: 'tgq',
    people: { carol: ['engineers'] },
    config: (config) => ({ ...config, sign_in: recheck }),
  });
  ({ alice, bob } = host.people);
  carol = host.people['carol'] ?? alice;
});
afterAll(async () => host[Symbol.asyncDispose]());
// Not of the connections alone: one may be gone already, and its grant lets the next test in.
afterEach(async () => endGrants(host));

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
/** Nobody of this login is remembered. */
async function attach(person: Person): Promise<Seen> {
  const terminal = person.ssh(['-t', 'prod-db']);
  void signInWhenAsked(terminal, person);
  return seenOn(terminal);
}

test('it answers rubbish everywhere: sign-ins are refused, who is known comes in, and who is in stays', async () => {
  const inside = await enter(host, alice);
  for (const kind of ['html', 'wrong-json', 'huge', 'redirect'] as const) {
    await host.provider.misanswer(kind);
    expectCode(await attach(carol), 'PROVIDER_DOWN', 69);
    await answers(await comeBack(host, alice), kind);
  }
  await answers(inside, 'on');
  await host.provider.misanswer('none');
});

/** Of refresh tokens whose answer is awaited, or never came. */
const awaited = (): boolean => readFileSync(layoutAt(host.root).refresh, 'utf8').includes('"asked"');

/** Until the keeper has given a question up: its answer is lost. */
async function untilLost(): Promise<void> {
  const givenUp = (): number =>
    host.keeper.log.filter(({ event, isLost }) => event === 'recheck-failed' || isLost === true).length;
  const before = givenUp();
  await eventually('a question is given up', () => givenUp() > before);
}

async function expectSignInAnew(): Promise<void> {
  const again = alice.ssh(['-t', 'prod-db']);
  await again.until(link);
  again.kill('SIGKILL');
  await again.exit;
}

test('law 5: it hangs: sign-ins are refused, who is in runs on; once it answers, who is disabled is out', async () => {
  const inside = await enter(host, alice);
  await host.provider.hang(true);
  expectCode(await attach(carol), 'PROVIDER_DOWN', 69);
  await untilLost();
  await answers(inside, 'on');
  await host.provider.hang(false);
  await eventually('it vouches again', () => !awaited());
  await host.provider.disable(alice.account.username);
  expect(await inside.terminal.exit).toMatchObject({ code: 77 });
  expect(inside.terminal.text).toContain('The identity provider no longer vouches for you');
  expect(journal(host.layout).filter(({ event }) => event === 'identity-gone')).toHaveLength(1);
  await expectSignInAnew();
  await host.provider.enable(alice.account.username);
  expect((await host.cli(['revoke', inside.grant])).code).toBe(0);
  await expectInOrder(host);
}, 120_000);

test('an answer is lost, and the token is refused after it: who is in stays, and their next visit signs in anew', async () => {
  const inside = await enter(host, alice);
  await host.provider.hang(true);
  await untilLost();
  await host.provider.disable(alice.account.username);
  await host.provider.hang(false);
  const told = (): boolean => host.keeper.log.some(({ event }) => event === 'refresh-answer-lost');
  await eventually('it is told', told);
  await answers(inside, 'still');
  await expectSignInAnew();
  await host.provider.enable(alice.account.username);
  expect((await host.cli(['revoke', inside.grant])).code).toBe(0);
}, 120_000);

test('its endpoints move: they are found again without a restart, and nobody is refused', async () => {
  await expectInOrder(host);
  await host.provider.move(true);
  await leaveQueue(await requestAccess(carol));
  await host.provider.move(false);
  await expectInOrder(host);
});

test('it changes its key in the middle of a sign-in: that completes, and nobody who is in is put out', async () => {
  const inside = await enter(host, alice);
  const waiting = await requestAccess(carol);
  const review = bob.ssh(['approve', waiting.request], { tty: false });
  const [url] = await review.until(link);
  await host.provider.rotate();
  await completeSignIn(url, bob.account);
  expect(await review.exit).toMatchObject({ code: 0 });
  await waiting.terminal.until('until ');
  const before = refreshed();
  await eventually('the provider was asked again', () => refreshed() !== before);
  await answers(inside, 'on');
  await endAll(host);
  await expectNobody(host);
  await expectInOrder(host);
});

const refreshed = (): string => readFileSync(`${host.root}/var/lib/tmux-gate/refresh.json`, 'utf8');

test.each([3600, -30])('its clock is %i s off: no review counts, and nothing opens', async (seconds) => {
  const waiting = await requestAccess(alice);
  await host.provider.clock(seconds);
  expectCode(await say(bob, ['approve', waiting.request]), 'TOKEN_REFUSED', 77);
  await host.provider.clock(0);
  await approve(bob, waiting.request);
  await waiting.terminal.until('until ');
  await endAll(host);
  await waiting.terminal.exit;
});

test('it is down: who has no sign-in is refused; who has one, and a grant, attaches; then all is in order again', async () => {
  const inside = await enter(host, alice);
  await host.provider.stop();
  expectCode(await attach(host.people.mallory), 'PROVIDER_DOWN', 69);
  await answers(await comeBack(host, alice), 'known');
  expect((await host.cli(['status'])).stdout).toMatch(/^provider +DOWN/m);
  await answers(inside, 'on');
  await host.provider.start();
  await expectInOrder(host);
});

test('law 2: it ends a sign-in while a request waits: the approval opens nothing, and the next request takes a new sign-in', async () => {
  const waiting = await requestAccess(alice);
  // As it comes up again it has forgotten whom it vouched for.
  await host.provider.stop();
  await host.provider.start();
  expect((await say(bob, ['approve', waiting.request])).text).toContain('the requester no longer has the right to it');
  expectCode(await seenOn(waiting.terminal), 'SIGN_IN_OVER', 77);
  await expectInOrder(host);
});
