// More time without a drop: asked for from a second terminal, approved like any request, and never past the policy's longest window.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { account } from '../../scripts/sandbox/accounts.ts';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, connections, endGrants, journal, testHost } from '../harness/inside.ts';
import { plain, seenOn } from '../harness/refused.ts';
import { requestAccess, letIn, putInOrder, rows, say, says, signInWhenAsked, type Waiting } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
let erin: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { erin: ['oncall'], carol: ['engineers'] },
    config: (config) => ({
      ...config,
      sign_in: { ...config.sign_in, recheck: '10s' },
      sessions: {
        ...config.sessions,
        'prod-own': { ...config.sessions['prod-db'], kind: 'dedicated' },
      },
    }),
  });
  ({ alice, bob } = host.people);
  erin = host.people['erin'] ?? bob;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  await putInOrder(host);
  await endGrants(host);
});

const events = (event: string) => journal(host.layout).filter((record) => record.event === event);
const attachedTo = (session: string) => connections(host.layout).find((one) => one.session === session);
const endOf = (session = 'prod-db'): number => attachedTo(session)?.end ?? 0;

/** Asks for more from a second terminal, without one of its own. */
async function askMore(words: readonly string[], person = alice): Promise<Waiting> {
  const terminal = person.ssh(['extend', ...words], { tty: false });
  void signInWhenAsked(terminal, person);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})[^]*Send this/);
  return { terminal, request };
}

async function extended(more: string): Promise<Waiting> {
  const asked = await askMore([more, '--reason', 'INC-1 goes on']);
  await approve(bob, asked.request);
  expect((await asked.terminal.exit).code).toBe(0);
  return asked;
}

test('law 4: the window goes on past its first end, nobody is cut, and nothing of a session of one’s own is lost', async () => {
  const inside = await letIn(host, alice, { session: 'prod-own', window: '12s' });
  const first = attachedTo('prod-own')!;
  expect(await says(inside, 'echo $$ > ~/kept; cat ~/kept')).toMatch(/^\d+$/);
  const asked = await askMore(['2m', '--reason', 'INC-1 takes longer']);
  const screen = plain(asked.terminal.text);
  expect(screen).toMatch(
    new RegExp(`Reason INC-1 takes longer Extends ${first.grant}, until \\d\\d:\\d\\d:\\d\\d UTC; 2m more`),
  );
  expect(screen).toContain(`Send this to an approver: ssh prod-box approve ${asked.request}`);
  const approval = await say(bob, ['approve', asked.request]);
  expect(plain(approval.text)).toContain(`Extends ${first.grant}, until`);
  expect(approval.stdout).toContain(`Approved ${asked.request}: ${alice.login} can use prod-own until`);
  expect((await asked.terminal.exit).code).toBe(0);
  expect(asked.terminal.stdout).toMatch(new RegExp(`^Extended ${inside.request}: prod-own on prod-box until`));
  const moved = await eventually('the deadline moved', () =>
    endOf('prod-own') > first.end ? attachedTo('prod-own') : undefined,
  );
  await eventually('it is told in the status line', () => inside.terminal.text.includes('access extended until'));
  expect(moved.end - first.end).toBe(120_000);
  expect(moved).toMatchObject({ id: first.id, request: asked.request });
  const until = new Date(moved.end).toISOString().slice(11, 19);
  await inside.terminal.until(`\u001b]2;prod-own on prod-box, until ${until} UTC`);
  expect(events('extended').at(-1)).toMatchObject({
    ...{ grant: moved.grant, extends: first.grant, request: asked.request, session: 'prod-own', login: alice.login },
  });
  const told = await host.webhook.next((body) => (body as { event?: string }).event === 'extended');
  expect(told.body).toMatchObject({ extends: first.grant, login: alice.login, by: expect.stringContaining(bob.login) });
  const over = (): boolean => events('grant-ended').some(({ grant }) => grant === first.grant);
  await eventually('the first grant ended', over);
  expect(await says(inside, 'cat ~/kept; echo $$')).toMatch(/^(\d+) \1$/);
  const [one, two] = (await rows(bob, 'history')).slice(-2);
  expect(one).toMatchObject({ request: inside.request, grant: first.grant, state: 'expired' });
  expect(two).toMatchObject({
    request: asked.request,
    grant: moved.grant,
    extends: first.grant,
    state: 'granted',
    grantedSeconds: 120,
  });
  expect((await say(alice, ['give-back'])).stdout).toContain(`Gave back ${moved.grant}`);
  expect((await inside.terminal.exit).code).toBe(77);
}, 90_000);

test('a shorter extension with a reason: the asker reads by whom, why, and that it is less; two approvers at once make one grant', async () => {
  await letIn(host, alice);
  const before = endOf();
  const asked = await askMore(['10m', '--reason', 'INC-1 takes longer']);
  const joins = await askMore(['20m', '--reason', 'INC-1 again']);
  expect(joins.request).toBe(asked.request);
  const links = await Promise.all(
    [bob, erin].map(async (person) => {
      const words = ['approve', asked.request, '--for', '4m', '--reason', `ok says ${person.name}`];
      const terminal = person.ssh(words, { tty: false });
      const [url] = await terminal.until(/http:\S+user_code=[A-Z]{4}-[A-Z]{4}/);
      return { terminal, complete: async () => completeSignIn(url, person.account) };
    }),
  );
  await Promise.all(links.map(async ({ complete }) => complete()));
  await Promise.all(links.map(async ({ terminal }) => terminal.exit));
  expect((await asked.terminal.exit).code).toBe(0);
  expect((await joins.terminal.exit).code).toBe(0);
  const read = plain(asked.terminal.text);
  // Both, where the second came before the first was counted.
  expect(read).toMatch(/Approved by \S+-(bob|erin) .*\. \S+-\1: ok says \1/);
  expect(read).toContain('Shortened to 4m; you asked for 10m.');
  expect(endOf() - before).toBe(240_000);
  // One that was made before the second review came is dropped, and says so.
  const dropped = events('grant-dropped').map(({ grant }) => grant);
  const made = events('granted').filter(({ request }) => request === asked.request);
  expect(made.filter(({ grant }) => !dropped.includes(grant))).toHaveLength(1);
  expect(events('extended').filter(({ request }) => request === asked.request)).toHaveLength(1);
});

test('a denied extension changes nothing, and a withdrawn one cannot be approved', async () => {
  const inside = await letIn(host, alice);
  const before = endOf();
  const denied = await askMore(['10m', '--reason', 'INC-1 more']);
  await say(bob, ['deny', denied.request, '--reason', 'hand over to nights']);
  const seen = await seenOn(denied.terminal);
  expect(plain(seen.text)).toContain('[DENIED] hint: their reason: hand over to nights');
  const withdrawn = alice.ssh(['-t', 'extend', '10m', '--reason', 'INC-1 more']);
  const [, request = ''] = await withdrawn.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  withdrawn.type('q');
  expect((await withdrawn.exit).code).toBe(130);
  await eventually('it is written', () => events('withdrawn').some((record) => record['request'] === request));
  expect((await bob.run(['approve', request])).stderr).toContain(`Request ${request} is over: withdrawn.`);
  expect(endOf()).toBe(before);
  expect(await says(inside, 'echo here')).toBe('here');
});

test('each grant ends for itself, and the end is that of the latest', async () => {
  const inside = await letIn(host, alice);
  const first = endOf();
  const second = await extended('10m');
  expect(endOf() - first).toBe(600_000);
  expect((await host.cli(['revoke', second.request])).stdout).toContain(
    `${alice.login} still has access to prod-db until`,
  );
  await eventually('it is the first one’s again', () => endOf() === first);
  expect(attachedTo('prod-db')).toMatchObject({ request: inside.request });
  await eventually('it is told', () => inside.terminal.text.includes('access shortened until'));
  const third = await extended('5m');
  expect((await host.cli(['revoke', inside.request])).stdout).toContain(`: tmux-gate revoke ${third.request}`);
  expect(endOf() - first).toBe(300_000);
  expect(await says(inside, 'echo here')).toBe('here');
  await host.cli(['revoke', third.request]);
  expect((await inside.terminal.exit).code).toBe(77);
});

test('what has ended is not extended: the asker is told at once, the approver when they come', async () => {
  const inside = await letIn(host, alice);
  const asked = await askMore(['10m', '--reason', 'INC-1 more']);
  const approving = bob.ssh(['approve', asked.request], { tty: false });
  const [url] = await approving.until(/http:\S+user_code=[A-Z]{4}-[A-Z]{4}/);
  await host.cli(['revoke', inside.request]);
  const late = `The access that request ${asked.request} was to extend has ended. [EXTENSION_LATE]`;
  const seen = await seenOn(asked.terminal);
  expect(plain(seen.text)).toContain(late);
  expect(seen.code).toBe(65);
  await completeSignIn(url, bob.account);
  expect(plain((await seenOn(approving)).text)).toContain(late);
  expect(plain((await erin.run(['approve', asked.request])).stderr)).toContain(late);
  expect(events('granted').some(({ request }) => request === asked.request)).toBe(false);
  expect((await say(alice, ['extend', '5m', '--reason', 'INC-1 more'])).text).toContain('[NO_SUCH_GRANT]');
});

test('what cannot be granted is not asked for', async () => {
  await letIn(host, alice, { window: '50m' });
  const long = await say(alice, ['extend', '20m', '--reason', 'INC-1 more']);
  expect(plain(long.text)).toMatch(
    /Access to session prod-db lasts at most 1h\. \[WINDOW_TOO_LONG\] hint: try: ssh prod-box extend (?:9m\d+s|10m(?:\d+s)?)/,
  );
  for (const [words, code] of [
    [['5m', '--reason', 'because'], 'BAD_REASON'],
    [['5m'], 'BAD_REASON'],
    [['soon', '--reason', 'INC-1 more'], 'BAD_COMMAND'],
    [['ABCDEF', '5m', '--reason', 'INC-1 more'], 'NO_SUCH_GRANT'],
    [['5m', '--session', 'prod-own', '--reason', 'INC-1 more'], 'NO_SUCH_GRANT'],
  ] as const)
    expect((await say(alice, ['extend', ...words])).text).toContain(`[${code}]`);
  expect((await host.cli(['extend', '5m', '--reason', 'INC-1 more'])).stderr).toContain('[NEEDS_A_PERSON]');
  expect((await say(bob, ['extend', '5m', '--reason', 'INC-1 more'])).text).toContain('[NO_SUCH_GRANT]');
});

test('on the host itself, by the person behind sudo', async () => {
  await letIn(host, alice);
  const before = endOf();
  const { uid } = account(alice.login);
  const line = `echo ${String(uid)} > /proc/self/loginuid; exec ${host.layout.lib}/tmux-gate extend 5m --reason 'INC-1 more'`;
  const terminal = new Terminal('sh', ['-c', line], { tty: false, env: { PATH: '/usr/bin:/bin' } });
  await alice.signInFrom(terminal);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  await approve(bob, request);
  expect((await terminal.exit).code).toBe(0);
  expect(endOf() - before).toBe(300_000);
});

test('more of a look is a look: it lets nobody type', async () => {
  const looking = alice.ssh(['-t', 'prod-db', '--view --for 5m --reason INC-1 look']);
  const [, request = ''] = await looking.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  await approve(bob, request);
  await looking.until(/until \d\d:\d\d:\d\d UTC \(/);
  const before = endOf();
  const more = await extended('5m');
  expect(plain(more.terminal.text)).toContain('Mode view only, cannot type');
  expect(endOf() - before).toBe(300_000);
  expect(events('granted').at(-1)).toMatchObject({ request: more.request, mode: 'view' });
  const typing = await requestAccess(alice);
  typing.terminal.type('q');
  await typing.terminal.exit;
});

test('break-glass is not extended', async () => {
  const [code = ''] = (await host.cli(['break-glass', 'issue', '1'])).stdout.split('\n').filter(Boolean);
  const terminal = alice.ssh(['-t', 'break-glass', 'prod-db', '--reason', 'INC-9 all is down']);
  await terminal.until('Break-glass code:');
  terminal.type(`${code}\r`);
  await terminal.until(/dba@\w+:~\$ /);
  expect((await say(alice, ['extend', '5m', '--reason', 'INC-1 more'])).text).toContain('[GLASS_FIXED]');
});

test('approved and withdrawn at the same moment: one of the two, for both sides', async () => {
  const waiting = await requestAccess(alice);
  const approving = bob.ssh(['approve', waiting.request], { tty: false });
  const [url] = await approving.until(/http:\S+user_code=[A-Z]{4}-[A-Z]{4}/);
  const approved = completeSignIn(url, bob.account);
  await approving.until('Signed in as');
  waiting.terminal.type('q');
  await approved;
  const { text } = await seenOn(approving);
  const granted = events('granted').some(({ request }) => request === waiting.request);
  expect(events('withdrawn').some(({ request }) => request === waiting.request)).toBe(!granted);
  // It was over before the approval was made, or before it counted.
  expect(text).toMatch(granted ? `Approved ${waiting.request}` : /is over: |was answered or withdrawn before/);
  await host.cli(['revoke', waiting.request]);
  await waiting.terminal.exit;
});

test('whoever left the group meanwhile gets nothing: neither at the approval nor when they come back', async () => {
  const carol = host.people['carol'] ?? bob;
  const used = await requestAccess(carol);
  used.terminal.kill('SIGKILL');
  await used.terminal.exit;
  await approve(bob, used.request);
  const asked = Date.now();
  const waiting = await requestAccess(alice);
  await host.provider.overrideClaims({ groups: ['oncall'] });
  try {
    const approval = await say(bob, ['approve', waiting.request]);
    expect(plain(approval.text)).toContain(
      `Request ${waiting.request} is over: the requester no longer has the right to it. [REQUEST_OVER]`,
    );
    expect(plain((await seenOn(waiting.terminal)).text)).toContain(
      'You may not ask for session prod-db. [NOT_ALLOWED]',
    );
    // The provider is asked again once what it said is as old as `sign_in.recheck`.
    await eventually('that is so', () => Date.now() - asked > 10_000);
    const back = await seenOn(carol.ssh(['-t', 'prod-db']));
    expect(plain(back.text)).toContain('[NOT_ALLOWED]');
  } finally {
    await host.provider.overrideClaims({});
  }
  expect(events('lapsed').at(-1)).toMatchObject({ request: waiting.request, code: 'NOT_ALLOWED' });
  await host.cli(['revoke', used.request]);
}, 60_000);
