// Approval links (docs/design.md, "Requests and reviews"): whoever completes one is known by it, and approves if they may; nobody else does (laws 2, 3, 11).
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { SandboxConfig } from '../../scripts/sandbox/install.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { diagnose, findingOf, withConfig } from '../harness/doctor.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { journal, place, testHost } from '../harness/inside.ts';
import { named } from '../harness/outcome.ts';
import { plain, seenOn } from '../harness/refused.ts';
import {
  endIt,
  requestAccess,
  leaveQueue,
  putInOrder,
  rows,
  say,
  shellPrompt,
  signInWhenAsked,
  type Waiting,
} from '../harness/visits.ts';

const tgl = place('tgl');
const mail = (name: string): string => `${tgl}-${name}@example.com`;
/** Login `ada` is a second one of alice's; dave has no login. */
const map: Readonly<Record<string, string>> = {
  ...Object.fromEntries<string>(
    ['alice', 'bob', 'mallory', 'erin'].map((name) => [`${tgl}-${name}`, mail(name)] as const),
  ),
  [`${tgl}-ada`]: mail('alice'),
};

let host: Host;
let alice: Person;
let bob: Person;
let mallory: Person;
let erin: Person;

const config = (given: SandboxConfig): object => {
  const session = given.sessions['prod-db'];
  const [two, quiet] = [
    { count: 2, groups: ['oncall'] },
    { by_link: false, groups: ['oncall'] },
  ];
  return {
    ...given,
    oidc: {
      ...given.oidc,
      approval_client: { client_id: 'tmux-gate-approve' },
      claims: { login: { claim: 'email', map }, groups: 'groups' },
    },
    sessions: {
      ...given.sessions,
      'prod-two': { ...session, approvers: two },
      'prod-quiet': { ...session, approvers: quiet },
    },
  };
};

beforeAll(async () => {
  const people = { alice: ['engineers', 'oncall'], ada: [], erin: ['oncall'], dave: ['oncall'] };
  host = await testHost({ prefix: 'tgl', people, config });
  ({ alice, bob, mallory } = host.people);
  erin = named(host, 'erin');
  await Promise.all([alice, bob].map(async (person) => rows(person, 'requests'))); // signed in, and pinned
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  await host.provider.overrideClaims({});
  await host.provider.deviceTtl(300);
  await putInOrder(host);
});

type Body = Readonly<Record<string, string>>;
const bodies = (): readonly Body[] => host.webhook.notices.map(({ body }) => body as Body);
const told = (event: string, request: string): readonly Body[] =>
  bodies().filter((body) => body['event'] === event && body['request'] === request);
const written = (event: string, request: string) =>
  journal(host.layout).filter((record) => record.event === event && record['request'] === request);

/** The next notice about a request that was not looked at yet. */
const seen = new Set<unknown>();
async function nextNotice(event: string, request: string): Promise<Body> {
  const isNew = (body: unknown): boolean =>
    !seen.has(body) && (body as Body)['event'] === event && (body as Body)['request'] === request;
  const { body } = await host.webhook.next(isNew);
  seen.add(body);
  return body as Body;
}

async function nextLink(request: string): Promise<string> {
  const { link = 'no link' } = await nextNotice('requested', request);
  return link;
}

/** Opens the next link of a request as somebody, who is refused: on call hears of it, the journal and the log have it. */
async function expectLinkRefused({ request, terminal }: Waiting, who: Person, code: string): Promise<void> {
  const before = terminal.text;
  await completeSignIn(await nextLink(request), who.account);
  const notice = await nextNotice('link-refused', request);
  expect(notice).toMatchObject({ why: code, session: expect.any(String) });
  const record = await eventually('it is written down', () =>
    written('link-refused', request).find((one) => one['code'] === code),
  );
  if (code !== 'TOKEN_REFUSED') {
    expect(notice['by']).toBe(who.account.email);
    expect(record).toMatchObject({ identity: { claim: who.account.email, subject: expect.any(String) } });
  }
  const logged = host.keeper.log.filter((line) => line['event'] === 'link-refused' && line['request'] === request);
  expect(logged.map((line) => line['code'])).toContain(code);
  expect(written('reviewed', request).filter(({ by }) => (by as Body)['subject'] === who.account.sub)).toEqual([]);
  expect(plain(terminal.text.slice(before.length))).not.toMatch(/refused|link|@/i);
}

async function inside({ terminal }: Waiting): Promise<void> {
  await terminal.until(shellPrompt);
}

test('law 11: a link in the notice approves from a phone, and stands nowhere else', async () => {
  const waiting = await requestAccess(alice);
  const { request, terminal } = waiting;
  const notice = await nextNotice('requested', request);
  const { link = '', code = '', warning } = notice;
  expect(link).toContain(code);
  expect(notice).toMatchObject({ approve: `ssh prod-box approve ${request}`, linkEnds: expect.stringMatching(/UTC$/) });
  expect(warning).toContain('APPROVES');
  const listed = JSON.stringify([await rows(alice, 'requests'), (await say(bob, ['requests'])).text]);
  expect(await completeSignIn(link, bob.account)).toContain('tmux-gate: APPROVE access');
  await inside(waiting);
  expect(plain(terminal.text)).toContain(`Approved by ${bob.login} (${mail('bob')}).`);
  expect(await nextNotice('reviewed', request)).toMatchObject({ by: bob.login, how: 'by approval link' });
  const toBob = { login: bob.login, identity: mail('bob'), from: 'an approval link' };
  expect(await nextNotice('signed-in', request)).toMatchObject(toBob);
  const [review] = written('reviewed', request);
  expect(review).toMatchObject({
    ...{ verdict: 'approve', by: { login: bob.login, subject: bob.account.sub }, host: 'prod-box' },
    proof: { byLink: true, issuedAt: expect.any(Number) },
  });
  await expect(completeSignIn(link, bob.account)).rejects.toThrow(/used|no such code|not right/i);
  for (const text of [terminal.text, listed, host.keeper.lines.join('\n')]) expect(text).not.toContain(code);
  expect((await outcome('grep', ['-rFl', code, `${host.root}/var`, `${host.root}/run`])).stdout).toBe('');
  await endIt(host, waiting);
});

/** Alice comes by her second login: to the provider she is the same. */
async function knockAsAda(): Promise<Waiting> {
  const terminal = named(host, 'ada').ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
  void signInWhenAsked(terminal, alice);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  return { terminal, request };
}

test('law 3: the requester by another login, a person of no group, one without a login and one who is locked: none approves, four links and no more', async () => {
  const waiting = await knockAsAda();
  await expectLinkRefused(waiting, alice, 'SELF_REVIEW');
  await expectLinkRefused(waiting, mallory, 'NOT_APPROVER');
  await expectLinkRefused(waiting, named(host, 'dave'), 'NOT_THIS_LOGIN');
  await host.cli(['lock', erin.login, '--reason', 'left']);
  await expectLinkRefused(waiting, erin, 'LOCKED');
  await host.cli(['unlock', erin.login]);
  // No link has pinned a login of somebody who may not review.
  expect(journal(host.layout).filter(({ event, login }) => event === 'pinned' && login === mallory.login)).toEqual([]);
  expect((await say(bob, ['approve', waiting.request])).code).toBe(0);
  await inside(waiting);
  expect(told('requested', waiting.request).length).toBe(4);
  await endIt(host, waiting);
});

test('law 2: a token of the other client, one older than the link and one of another subject approve nothing', async () => {
  const waiting = await requestAccess(alice);
  const { request } = waiting;
  for (const [claims, code] of [
    [{ aud: 'tmux-gate' }, 'TOKEN_REFUSED'],
    [{ iat: Math.floor(Date.now() / 1000) - 30 }, 'TOKEN_REFUSED'],
    [{ sub: 'somebody-else' }, 'PIN_MISMATCH'],
  ] as const) {
    await host.provider.overrideClaims(claims);
    await expectLinkRefused(waiting, bob, code);
  }
  await host.provider.overrideClaims({ aud: 'tmux-gate-approve' });
  expect((await say(bob, ['approve', request])).text).toContain('[TOKEN_REFUSED]');
  await host.provider.overrideClaims({});
  await completeSignIn(await nextLink(request), bob.account);
  await inside(waiting);
  expect(written('reviewed', request).length).toBe(1);
  await endIt(host, waiting);
});

test('count: 2: the next link is for the next person; the same one counts once', async () => {
  const waiting = await requestAccess(alice, { session: 'prod-two' });
  const { request } = waiting;
  await completeSignIn(await nextLink(request), bob.account);
  await nextNotice('reviewed', request);
  await completeSignIn(await nextLink(request), bob.account);
  expect(await nextNotice('link-refused', request)).toMatchObject({ why: 'ALREADY_REVIEWED' });
  await completeSignIn(await nextLink(request), erin.account);
  await inside(waiting);
  expect(written('granted', request)).toMatchObject([
    { approvers: [{ login: bob.login }, { login: erin.login }], proofs: [{ byLink: true }, { byLink: true }] },
  ]);
  await endIt(host, waiting);
});

test('a link is dead once its request was denied or withdrawn; one that could not be delivered is not written down', async () => {
  const denied = await requestAccess(alice);
  const first = await nextLink(denied.request);
  expect((await say(bob, ['deny', denied.request, '--reason', 'no'])).code).toBe(0);
  expect((await seenOn(denied.terminal)).text).toContain('[DENIED]');
  const reason = 'INC-1 nobody gets it';
  host.webhook.answerTo({ event: 'requested', reason }, 400);
  const withdrawn = await requestAccess(alice, { reason });
  const { link: second = '', code = '' } = await nextNotice('requested', withdrawn.request);
  const ofWithdrawn = (notice: unknown): boolean =>
    typeof notice === 'object' && notice !== null && 'request' in notice && notice.request === withdrawn.request;
  const failed = await eventually('it is written that nobody got it', () =>
    journal(host.layout).find(({ event, notice }) => event === 'notice-failed' && ofWithdrawn(notice)),
  );
  expect(JSON.stringify(failed)).not.toContain(code);
  await leaveQueue(withdrawn);
  for (const link of [first, second]) await completeSignIn(link, bob.account);
  // Whoever still asked the provider about those two would have its answer before this one.
  const last = await requestAccess(alice);
  await completeSignIn(await nextLink(last.request), bob.account);
  await inside(last);
  for (const { request } of [denied, withdrawn])
    for (const event of ['reviewed', 'granted', 'link-refused'])
      expect(written(event, request).filter(({ verdict }) => verdict !== 'deny')).toEqual([]);
  await endIt(host, last);
});

test('a link that nobody opens is followed by another, three times; then the request waits without', async () => {
  await host.provider.deviceTtl(1);
  const waiting = await requestAccess(alice);
  const codes = new Set<string | undefined>();
  for (let n = 0; n < 4; n++) codes.add((await nextNotice('requested', waiting.request))['code']);
  expect(codes.size).toBe(4);
  await eventually('the fourth has ended', () => written('link-ended', waiting.request).length === 4);
  await host.provider.deviceTtl(300);
  expect((await say(bob, ['approve', waiting.request])).code).toBe(0);
  await inside(waiting);
  expect(told('requested', waiting.request).length).toBe(4);
  await endIt(host, waiting);
});

test('by_link: false, or a provider that is away: the request is told without a link', async () => {
  const quiet = await requestAccess(alice, { session: 'prod-quiet' });
  expect(await nextNotice('requested', quiet.request)).not.toHaveProperty('link');
  await leaveQueue(quiet);
  await host.provider.stop();
  const alone = await requestAccess(alice);
  const notice = await nextNotice('requested', alone.request);
  expect(notice).toMatchObject({ approve: `ssh prod-box approve ${alone.request}` });
  expect(notice).not.toHaveProperty('link');
  const logged = host.keeper.log.filter(({ event }) => event === 'link-not-issued');
  expect(logged).toMatchObject([{ request: alone.request, level: 'warn' }]);
  await leaveQueue(alone);
  await host.provider.start();
  // It has forgotten whom it vouched for, and would not vouch for alice at the next approval: she signs in anew.
  expect((await host.cli(['lock', alice.login, '--reason', 'signs in anew'])).code).toBe(0);
  expect((await host.cli(['unlock', alice.login])).code).toBe(0);
});

test('the doctor asks for a code as the approval client', async () => {
  const look = async () => findingOf(await diagnose(host, ['--only', 'provider-approval']), 'provider-approval');
  expect(await look()).toMatchObject({ verdict: 'ok' });
  await using spoilt = new AsyncDisposableStack();
  spoilt.use(
    withConfig(host, (now) => ({ ...now, oidc: { ...(now['oidc'] as object), approval_client: { client_id: 'x' } } })),
  );
  expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('invalid_client') });
});

test('a restart ends the link, and what still waits gets a last one; a request that nobody answers takes its link with it', async () => {
  const waiting = await requestAccess(alice);
  const dead = await nextLink(waiting.request);
  await host.keeper.stop();
  host.writeConfig({ ...host.config, request: { answer_within: '10s' } });
  await host.keeper.start();
  const fresh = await nextLink(waiting.request);
  const late = await requestAccess(alice, { session: 'prod-two' });
  const link = await nextLink(late.request);
  await completeSignIn(dead, mallory.account);
  await completeSignIn(fresh, bob.account);
  await eventually('it is granted', () => written('granted', waiting.request).length === 1);
  expect(written('link-refused', waiting.request)).toEqual([]);
  await host.cli(['revoke', waiting.request]);
  expect((await seenOn(late.terminal)).text).toContain('[NO_ANSWER]');
  await completeSignIn(link, bob.account);
  const next = await requestAccess(alice);
  await completeSignIn(await nextLink(next.request), mallory.account);
  await nextNotice('link-refused', next.request);
  expect([...written('reviewed', late.request), ...written('link-refused', late.request)]).toEqual([]);
});
