// The live dashboard of whoever is on call: what it shows, and that a key on it is the typed verb, no more and no less.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { gates } from '../harness/around.ts';
import { keys, onScreen, select, selectedOn, signInOn, watchAs } from '../harness/dashboard.ts';
import { hostKeys, hour, plantRequest, requestKey, tell, type Keys } from '../harness/forge.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { journal, testHost } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';
import { peerHost, peerKeys, withPeer } from '../harness/peer.ts';
import { nastyWord } from '../harness/raw.ts';
import { expectRefused, plain, seenOf } from '../harness/refused.ts';
import { requestAccess, leaveQueue, letIn, putInOrder, say, shellPrompt, signInWhenAsked } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
let hostsOwn: Keys;
/** Bob's, all the time. */
let dashboard: Terminal;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgw', people: { dave: ['oncall'] }, config: withPeer });
  ({ alice, bob } = host.people);
  hostsOwn = await hostKeys(host.layout);
  dashboard = await watchAs(bob);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

const events = (event: string) => journal(host.layout).filter((record) => record.event === event);

/** A request that stands on the dashboard by itself; told like any other. */
async function stand(id: string, reason = 'INC-1 look', on = { host: 'prod-box', keys: hostsOwn }): Promise<void> {
  const who = { issuer: host.provider.issuer, subject: 'somebody', login: 'somebody', claim: 'somebody@example.com' };
  const facts = {
    ...{ id, host: on.host, session: 'prod-db', account: 'dba', who, address: '192.0.2.1', fingerprint: '', reason },
    ...{ durationMs: 300_000, requestedAt: Date.now(), answerBy: Date.now() + hour },
  };
  await plantRequest(host.layout, id, await on.keys.sign('request', facts));
  await tell(host.layout, 'requested', { id });
}

async function takeAway(...ids: readonly string[]): Promise<void> {
  await redis(host.layout, 'zrem', '{tmux-gate}:requests', ...ids);
  for (const id of ids) await redis(host.layout, 'del', requestKey(id));
  await tell(host.layout, 'withdrawn', { id: ids[0] ?? '' });
}

test('a request appears while one looks, and a on it is bob approving it: shown whole, signed in anew; alice is in', async () => {
  await onScreen(dashboard, 'No requests are waiting.');
  const waiting = await requestAccess(alice, { reason: 'INC-7 replica lag' });
  await onScreen(dashboard, new RegExp(`${waiting.request}.*${alice.login}.*INC-7 replica lag`));
  await dashboard.until('\u0007');
  await select(dashboard, waiting.request);
  dashboard.type(keys.enter);
  await onScreen(dashboard, /From +127\.0\.0\.1 \(unverified\)/);
  dashboard.type('a');
  await dashboard.until(`You are about to APPROVE request ${waiting.request}`);
  await signInOn(dashboard, bob);
  await waiting.terminal.until(shellPrompt);
  await onScreen(dashboard, `Approved ${waiting.request}`);
  expect(events('reviewed').at(-1)).toMatchObject({
    request: waiting.request,
    verdict: 'approve',
    by: { login: bob.login },
  });
  expect(events('proved-anew').at(-1)).toMatchObject({ login: bob.login });
  dashboard.type(keys.tab);
  await onScreen(dashboard, new RegExp(`${alice.login} +prod-db +[45]m`));
  dashboard.type(keys.tab);
  await onScreen(dashboard, '[Connections 1]');
  dashboard.type('j');
  await onScreen(dashboard, /^> \S+ +\S+ +prod-db/m);
  dashboard.type('r');
  await onScreen(dashboard, 'Reason to revoke');
  dashboard.type('wrong host\r');
  await onScreen(dashboard, 'y to revoke');
  dashboard.type('y');
  await waiting.terminal.exit;
  expect(plain(waiting.terminal.text)).toContain('wrong host');
  await onScreen(dashboard, /Revoked \S+ \(request/);
  await onScreen(dashboard, 'Nobody is attached.');
  dashboard.type(keys.tab);
});

test('d denies with a reason that the requester reads; a cancelled sign-in there goes back to the dashboard', async () => {
  const waiting = await requestAccess(alice);
  await onScreen(dashboard, waiting.request);
  await select(dashboard, waiting.request);
  dashboard.type('d');
  await onScreen(dashboard, `Reason to deny ${waiting.request}`);
  dashboard.type('use the replica\r');
  await dashboard.until(`You are about to DENY request ${waiting.request}`);
  await dashboard.until('Waiting for your sign-in');
  dashboard.type('q');
  await onScreen(dashboard, '[CANCELLED]');
  expect(events('refused').at(-1)).toMatchObject({
    login: bob.login,
    code: 'CANCELLED',
    command: `deny ${waiting.request}`,
  });
  dashboard.type('d');
  await onScreen(dashboard, 'Reason to deny');
  dashboard.type('use the replica\r');
  await dashboard.until(`You are about to DENY request ${waiting.request}`);
  await dashboard.until('Waiting for your sign-in');
  dashboard.type('\u0003');
  await onScreen(dashboard, '[CANCELLED]');
  expect((await waiting.terminal.screen()).join('\n')).toContain('Waiting for approval');
  dashboard.type('d');
  await onScreen(dashboard, 'Reason to deny');
  dashboard.type('use the replica\r');
  await dashboard.until(`You are about to DENY request ${waiting.request}`);
  await signInOn(dashboard, bob);
  expect((await waiting.terminal.exit).code).toBe(77);
  expect(plain(waiting.terminal.text)).toContain('their reason: use the replica');
  await onScreen(dashboard, `Denied ${waiting.request}.`);
  await onScreen(dashboard, 'No requests are waiting.');
});

test('law 3: whoever watches their own request cannot approve it; the refusal is told and the dashboard stands', async () => {
  const waiting = await requestAccess(alice);
  await stand('AAAAA1');
  const hers = await watchAs(alice);
  expect((await onScreen(hers, waiting.request)).join('\n')).not.toContain('AAAAA1');
  await select(hers, waiting.request);
  hers.type('a');
  await onScreen(hers, '[SELF_REVIEW]');
  hers.type('q');
  expect((await hers.exit).code).toBe(0);
  expect(await hers.modes()).toMatchObject({ alternateScreen: false, bracketedPasteMode: false, wraparoundMode: true });
  await leaveQueue(waiting);
  await takeAway('AAAAA1');
});

test('attack: the list moves between the glance and the key; what is named is what was selected, or nothing', async () => {
  await stand('BBBBB2');
  await stand('CCCCC3');
  await onScreen(dashboard, 'CCCCC3');
  await select(dashboard, 'CCCCC3');
  await stand('AAAAA1');
  await onScreen(dashboard, 'AAAAA1');
  await takeAway('BBBBB2');
  await onScreen(dashboard, '[Requests 2]');
  expect(await selectedOn(dashboard)).toMatch(/^CCCCC3/);
  dashboard.type('a');
  await dashboard.until(/APPROVE request CCCCC3/);
  await dashboard.until('Waiting for your sign-in');
  dashboard.type('q');
  await onScreen(dashboard, '[CANCELLED]');
  const refused = events('refused').length;
  await stand('DDDDD4');
  await onScreen(dashboard, 'DDDDD4');
  await takeAway('CCCCC3');
  await onScreen(dashboard, '[Requests 2]');
  dashboard.type('a');
  await onScreen(dashboard, 'CCCCC3 is gone.');
  expect(events('refused').length).toBe(refused);
  await takeAway('AAAAA1', 'DDDDD4');
});

test('law 9: what people wrote neither moves the cursor nor breaks the screen; 40 columns are enough', async () => {
  await stand('NASTY1', `INC-1 ${nastyWord}`, { host: peerHost, keys: peerKeys });
  await stand('WIDE22', '日本語の理由'.repeat(20));
  await onScreen(dashboard, 'WIDE22');
  for (const [cols, rows] of [
    [40, 20],
    [80, 24],
  ] as const) {
    dashboard.resize(cols, rows);
    const seen = await onScreen(
      dashboard,
      cols === 40 ? /^ ?\[Requests 2\][^]*q quit/m : /tmux-gate on prod-box +\[Requests 2\][^]*q quit/,
    );
    expect(seen.filter((row) => row.includes('somebody')).length).toBe(2);
    expect(seen.at(-1)).toContain('q quit');
  }
  await select(dashboard, 'NASTY1');
  dashboard.type(keys.enter);
  await onScreen(dashboard, /Reason +INC-1/);
  for (const sequence of ['\u001b]', '\u001b[31m', '\u001bP', '\u009b', '\u202e', '\u200b'])
    expect(dashboard.text).not.toContain(sequence);
  dashboard.type(keys.escape);
  await takeAway('NASTY1', 'WIDE22');
});

test('without a terminal there is no dashboard, and what to type instead is said', async () => {
  const needs = {
    code: 'NO_TERMINAL',
    says: 'The dashboard needs a terminal, and this connection has none.',
    hint: 'use: ssh -t prod-box watch, or without a terminal: ssh prod-box requests --json',
  } as const;
  await expectRefused(host, bob, needs, async () => seenOf(await bob.run(['watch'])));
});

test('law 5: a lock of the login takes the dashboard away', async () => {
  const dave = host.people['dave'] ?? bob;
  const his = await watchAs(dave);
  void host.cli(['lock', dave.login, '--reason', 'left']); // and waits for the peer, which is none
  await his.until('[LOCKED]');
  expect((await his.exit).code).toBe(77);
  expect((await his.modes()).alternateScreen).toBe(false);
});

test('root on the host has the same dashboard and no review; a lost line and a signal leave nothing', async () => {
  await stand('AAAAA1');
  const local = new Terminal(`${host.layout.lib}/tmux-gate`, ['watch'], { cols: 80, rows: 24 });
  await onScreen(local, 'AAAAA1');
  await select(local, 'AAAAA1');
  local.type('a');
  await onScreen(local, '[NEEDS_A_PERSON]');
  local.kill('SIGTERM');
  await local.exit;
  expect((await local.modes()).alternateScreen).toBe(false);
  await takeAway('AAAAA1');

  const before = gates(host.layout);
  const lost = await watchAs(bob);
  lost.kill('SIGKILL');
  await eventually('its gate is gone', () => gates(host.layout).length === before.length);
  const signalled = await watchAs(bob);
  const gate = gates(host.layout).find((pid) => !before.includes(pid)) ?? 0;
  process.kill(gate, 'SIGTERM');
  await signalled.exit;
  expect((await signalled.modes()).alternateScreen).toBe(false);
});

test('a keeper that goes: said, and the terminal is as it was; with the next one there is a dashboard again', async () => {
  await host.keeper.stop();
  expect((await dashboard.exit).code).toBe(69);
  expect(plain(dashboard.text)).toContain('[KEEPER_DOWN]');
  expect(await dashboard.modes()).toMatchObject({ alternateScreen: false, bracketedPasteMode: false });
  host.keeper.launch();
  await host.keeper.waitReady();
  await eventually('Redis answers', async () => (await host.cli(['requests'])).code === 0);
  const again = bob.ssh(['-t', 'watch'], { rows: 24, cols: 80 });
  void signInWhenAsked(again, bob);
  await again.until('[Requests');
  const inside = await letIn(host, alice);
  again.type(keys.tab);
  await onScreen(again, '[Grants 1]');
  expect((await say(bob, ['revoke', inside.request])).code).toBe(0);
  await onScreen(again, '[Grants 0]');
  again.type('\u0003');
  expect((await again.exit).code).toBe(0);
});
