// Law 2: identity is proved, not told. What the provider, the person or somebody else gets wrong at a sign-in is refused with its
// own code, journaled, and remembered by nobody.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { must, outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { journal, testHost, place } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';
import { expectRefused, fromNow, plain, seenOf, seenOn, type Seen } from '../harness/refused.ts';
import { endIt, requestAccess, leaveQueue, letIn, putInOrder, rows, say } from '../harness/visits.ts';
const tga = place('tga');

let host: Host;
let alice: Person;
let bob: Person;
let mallory: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga', people: { carol: ['engineers'], dave: ['engineers'] } });
  ({ alice, bob, mallory } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

/** Knocks as `person`, and `who` completes the sign-in. */
async function signIn(person: Person, who: Person = person, deny = false): Promise<Seen> {
  const terminal = person.ssh(['-t', 'prod-db']);
  const [url] = await terminal.until(link);
  await completeSignIn(url, who.account, { deny });
  return seenOn(terminal);
}

async function expectNotSignedIn(person: Person): Promise<void> {
  expect((await person.run(['whoami'])).stdout).toMatch(/^Identity +not signed in$/m);
  expect(journal(host.layout).filter(({ event, login }) => event === 'sign-in' && login === person.login)).toEqual([]);
}

describe('law 2: an ID token that is wrong', () => {
  afterEach(async () => {
    await host.provider.tamper('none');
    await host.provider.overrideClaims({});
  });

  test.each([
    ['a claim that is no text', { email: [`${tga}-carol@example.com`] }],
    ['an empty claim', { email: '' }],
  ])('with %s signs nobody in', async (_, claims) => {
    await host.provider.overrideClaims(claims);
    const carol = host.people['carol'] ?? alice;
    const seen = await signIn(carol);
    expect(plain(seen.text)).toMatch(/\[(?:TOKEN_REFUSED|NOT_THIS_LOGIN)\]/);
    expect(seen.code).toBe(77);
    await expectNotSignedIn(carol);
  });

  test.each([
    ['in another domain', `${tga}-carol@example.org`],
    ['with a domain that only ends alike', `${tga}-carol@evil-example.com`],
    ['with a second @', `${tga}-carol@example.com@example.com`],
    ['in capitals', 'TGA-CAROL@example.com'],
    ['with a look-alike letter', `${tga}-c\u0430rol@example.com`],
    ['without a domain', `${tga}-carol`],
  ])('whose mail address is %s is not this login', async (_, email) => {
    await host.provider.overrideClaims({ email });
    const carol = host.people['carol'] ?? alice;
    const seen = await signIn(carol);
    expect(plain(seen.text)).toContain(
      `The person who signed in (${email}) may not act as login ${carol.login}. [NOT_THIS_LOGIN] hint: sign in as the owner of ${carol.login}, or connect with your own login`,
    );
    expect(seen.code).toBe(77);
    await expectNotSignedIn(carol);
  });
});

test('a sign-in that the person cancels at the provider is denied', async () => {
  const expected = {
    code: 'SIGN_IN_DENIED',
    says: 'The sign-in was denied at the identity provider.',
    hint: 'connect again to start over',
  } as const;
  await expectRefused(host, alice, expected, async () => signIn(alice, alice, true));
});

test('a code that nobody uses runs out', async () => {
  await host.provider.deviceTtl(2);
  try {
    const expected = {
      code: 'SIGN_IN_EXPIRED',
      says: 'Nobody completed the sign-in in time.',
      hint: 'connect again for a new code',
    } as const;
    await expectRefused(host, alice, expected, async () => seenOn(alice.ssh(['-t', 'prod-db'])));
  } finally {
    await host.provider.deviceTtl(300);
  }
});

test('a provider that answers HTML, or nothing at all, refuses', async () => {
  await host.provider.rubbish(true);
  const dave = host.people['dave'] ?? alice;
  const expected = {
    code: 'PROVIDER_DOWN',
    says: 'The identity provider does not answer, or not correctly.',
    hint: 'try again in a minute; if it fails again, tell an admin of prod-box',
  } as const;
  try {
    await expectRefused(host, dave, expected, async () => signIn(dave));
  } finally {
    await host.provider.rubbish(false);
  }
  await expectNotSignedIn(dave);
});

test('a provider that says slow_down is asked less often, and the sign-in still succeeds', async () => {
  await host.provider.slowDown(1);
  await leaveQueue(await requestAccess(alice));
}, 30_000);

test('q cancels a sign-in, and the code is worth nothing afterwards', async () => {
  const dave = host.people['dave'] ?? alice;
  const terminal = dave.ssh(['-t', 'prod-db']);
  const [url] = await terminal.until(link);
  const later = await fromNow(host);
  terminal.type('q');
  const seen = await seenOn(terminal);
  expect(plain(seen.text)).toContain('tmux-gate: Cancelled. [CANCELLED] hint: connect again to start over');
  expect(seen.code).toBe(130);
  await completeSignIn(url, dave.account).catch(() => undefined);
  await expectNotSignedIn(dave);
  await eventually('it is journaled', async () => (await later()).find((r) => r['code'] === 'CANCELLED'));
});

test('a sign-in is remembered: the next visit asks nothing, and whoami says until when', async () => {
  await leaveQueue(await requestAccess(alice));
  const terminal = alice.ssh(['-t', 'prod-db']);
  await terminal.until('Reason');
  expect(terminal.text).not.toContain('user_code');
  terminal.kill('SIGKILL');
  const { stdout } = await alice.run(['whoami', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    login: alice.login,
    identity: `${tga}-alice@example.com`,
    groups: ['engineers'],
  });
});

test('law 2: the sign-in of one key does not serve another key of the same login', async () => {
  const other = `${host.layout.client}/other`;
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
  const keys = `${host.layout.keys}/${alice.login}`;
  const kept = readFileSync(keys, 'utf8');
  await leaveQueue(await requestAccess(alice));
  expect((await alice.run(['whoami'])).stdout).toMatch(/^Identity +\w+-alice@example\.com, until/m);
  writeFileSync(keys, readFileSync(`${other}.pub`));
  try {
    const { stdout } = await outcome('ssh', ['-i', other, ...alice.sshArgs(['whoami'])]);
    expect(stdout).toMatch(/^Identity +not signed in$/m);
  } finally {
    writeFileSync(keys, kept);
  }
});

test('law 2: a login belongs to who signed in first: the same address with another subject is refused until root unpins', async () => {
  await host.keeper.stop();
  await host.keeper.start();
  await redisForgetsSignIns();
  await host.provider.overrideClaims({ sub: '00uSOMEBODYELSE' });
  const expected = {
    code: 'PIN_MISMATCH',
    says: `Login ${alice.login} belongs to another person at the identity provider.`,
    hint: `if the login has a new owner, an admin of prod-box types: tmux-gate unpin ${alice.login}`,
  } as const;
  try {
    await expectRefused(host, alice, expected, async () => signIn(alice));
    expect(plain((await say(alice, ['unpin', alice.login])).text)).toContain('[LOCAL_ONLY]');
    expect((await host.cli(['unpin', alice.login])).stdout).toContain('is pinned to it.');
    await leaveQueue(await requestAccess(alice));
  } finally {
    await host.provider.overrideClaims({});
    await host.cli(['unpin', alice.login]);
  }
});

async function redisForgetsSignIns(): Promise<void> {
  const keys = (await redis(host.layout, '--scan', '--pattern', '{tmux-gate}:sign-in:*')).split('\n').filter(Boolean);
  for (const key of keys) await redis(host.layout, 'del', key);
}

test('mallory, who is in no group, signs in and may do nothing', async () => {
  const says = 'You may not ask for session prod-db.';
  await expectRefused(
    host,
    mallory,
    { code: 'NOT_ALLOWED', says, hint: 'you need to be in one of these groups: engineers' },
    async () => signIn(mallory),
  );
  const none = {
    code: 'NO_SESSION',
    says: 'You may not ask for any session on prod-box.',
    hint: 'ask an admin of prod-box which group you need',
  } as const;
  await expectRefused(host, mallory, none, async () => seenOn(mallory.ssh([])));
  const inside = await letIn(host, alice);
  const waiting = await requestAccess(host.people['dave'] ?? bob);
  for (const verb of ['requests', 'grants', 'connections', 'sessions', 'history'])
    expect(await rows(mallory, verb)).toEqual([]);
  const notYours = {
    code: 'NOT_YOURS',
    says: 'You need to be an approver, the owner, or root to do that.',
    hint: 'see: ssh prod-box whoami',
  } as const;
  await expectRefused(host, mallory, notYours, async () => seenOf(await mallory.run(['revoke', inside.request])));
  const notApprover = {
    code: 'NOT_APPROVER',
    says: 'You may not review requests for session prod-db.',
    hint: 'ask: oncall',
  } as const;
  await expectRefused(host, mallory, notApprover, async () => say(mallory, ['approve', waiting.request]));
  await expectRefused(host, mallory, notApprover, async () =>
    say(mallory, ['deny', waiting.request, '--reason', 'no']),
  );
  expect((await rows(bob, 'requests')).map((row) => row['id'])).toEqual([waiting.request]);
  await leaveQueue(waiting);
  await endIt(host, inside);
});

test('law 11: no device code, token or secret is in the journal, the log or Redis', async () => {
  const told = [
    readFileSync(`${host.root}/var/lib/tmux-gate/journal/journal.jsonl`, 'utf8'),
    host.keeper.lines.join('\n'),
  ];
  const keys = (await redis(host.layout, '--scan')).split('\n').filter(Boolean);
  for (const key of keys)
    told.push(key, await redis(host.layout, 'get', key), await redis(host.layout, 'hgetall', key));
  const all = told.join('\n');
  expect(all).not.toMatch(/\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b/);
  expect(all).not.toMatch(/user_code|device_code|access_token|refresh_token|id_token/);
  const refresh = readFileSync(`${host.root}/var/lib/tmux-gate/refresh.json`, 'utf8');
  const tokens = [...refresh.matchAll(/"token":"([^"]{20,})"/g)].map(([, token]) => token ?? '');
  expect(tokens.length).toBeGreaterThan(0);
  for (const token of tokens) expect(all).not.toContain(token);
});
