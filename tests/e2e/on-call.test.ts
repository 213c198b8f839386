// Who decides beside groups: people on call, by a rota and by a program; and rules of the policy that approve by themselves.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { SandboxConfig } from '../../scripts/sandbox/install.ts';
import { layoutOf } from '../../scripts/sandbox/layout.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { diagnose, findingOf } from '../harness/doctor.ts';
import { requestKey, tell } from '../harness/forge.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, connections, endGrants, journal, place, testHost } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';
import { expectRefused, plain, seenOn } from '../harness/refused.ts';
import { endIt, requestAccess, leaveQueue, putInOrder, rows, say, shellPrompt } from '../harness/visits.ts';

const tga = place('tga');
const { etc } = layoutOf(tga);

let host: Host;
let alice: Person;
let bob: Person;
let carol: Person;
let dave: Person;

/** What the program that stands for a pager prints, and what the one for tickets does. */
const pagerSays = (text: string): void => writeExact(`${etc}/pager.json`, text, 0o644);
const ticketSays = (answer: string): void => writeExact(`${etc}/ticket.json`, answer, 0o644);

function policy(config: SandboxConfig): object {
  mkdirSync(etc, { recursive: true });
  writeExact(`${etc}/asked`, '', 0o666);
  writeExact(`${etc}/pager`, `#!/bin/sh\nexec cat ${etc}/pager.json\n`, 0o755);
  writeExact(`${etc}/ticket`, `#!/bin/sh\ncat >> ${etc}/asked\nexec cat ${etc}/ticket.json\n`, 0o755);
  pagerSays('[]');
  ticketSays('{"approve": false}');
  const at = (ms: number): string => `${new Date(Date.now() + ms).toISOString().slice(0, 16)}Z`;
  const [hour, day] = [3_600_000, 86_400_000];
  const session = config.sessions['prod-db'];
  const by = { on_call: ['primary', 'pager'] };
  return {
    ...config,
    on_call: {
      primary: {
        rota: [
          { from: at(-hour), until: at(hour), people: [`${tga}-dave`] },
          { from: at(-3 * day), until: at(-2 * day), every: '7d', people: [`${tga}-alice`] },
        ],
      },
      pager: { command: [`${etc}/pager`], cache: '1s' },
    },
    tickets: { jira: { command: [`${etc}/ticket`] } },
    sessions: {
      ...config.sessions,
      'rota-db': { ...session, approvers: by },
      'rota-two': { ...session, approvers: { ...by, count: 2 } },
      'auto-db': {
        ...session,
        auto_approve: [
          { name: 'own-rota', who: ['engineers'], on_call: ['pager'], for: '10m' },
          { name: 'open-incident', ticket: 'jira', for: '5m' },
        ],
      },
    },
  };
}

beforeAll(async () => {
  host = await testHost({ prefix: 'tga', people: { carol: [], dave: ['engineers'] }, config: policy });
  ({ alice, bob } = host.people);
  carol = host.people['carol'] ?? bob;
  dave = host.people['dave'] ?? bob;
  await rows(alice, 'grants'); // signs her in, and is remembered
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  await onCall();
  ticketSays('{"approve": false}');
  await putInOrder(host);
  await endGrants(host);
});

const last = (event: string) => journal(host.layout).findLast((record) => record.event === event);
const count = (event: string): number => journal(host.layout).filter((record) => record.event === event).length;
const asked = (): readonly string[] => readFileSync(`${etc}/asked`, 'utf8').split('\n').filter(Boolean);

/** Waits until the keeper has heard of a change: its answers are a second old at most. */
async function heard(session: string, approvers: string): Promise<void> {
  await eventually(`${session} is approved by ${approvers}`, async () =>
    (await rows(alice, 'sessions')).some((row) => row['session'] === session && row['approvers'] === approvers),
  );
}

/** From now on the pager names this person, or nobody. */
async function onCall(person?: string): Promise<void> {
  pagerSays(JSON.stringify(person === undefined ? [] : [person]));
  await heard('rota-db', `1 of whoever is on call (primary: ${dave.login}; pager: ${person ?? 'nobody now'})`);
}

const says = 'You may not review requests for session rota-db.';
const notApprover = (groups: string) => ({ code: 'NOT_APPROVER', says, hint: `ask: ${groups}` }) as const;

async function reviewing(person: Person, request: string) {
  const terminal = person.ssh(['approve', request], { tty: false });
  await person.signInFrom(terminal);
  return seenOn(terminal);
}

const askAuto = (person: Person, window: string, reason = 'INC-1 look'): Terminal =>
  person.ssh(['-t', 'auto-db', `--for ${window} --reason ${reason}`]);

async function proveAnew(terminal: Terminal, person: Person): Promise<void> {
  const [, url = ''] = await terminal.until(/ASK WITHOUT AN APPROVER[^]*?(http:\S+user_code=[A-Z]{4}-[A-Z]{4})/);
  await completeSignIn(url, person.account);
}

test('a rule approves who is on call for themselves, plainly: on the screen, in journal, listings, history and notice', async () => {
  await onCall(dave.login);
  const terminal = askAuto(dave, '10m', 'INC-7 replica lag');
  await dave.signInFrom(terminal);
  await terminal.until(shellPrompt);
  const screen = plain(terminal.text);
  expect(screen).toContain("Approved automatically by rule own-rota of this host's policy.");
  expect(screen).not.toContain('ASK WITHOUT AN APPROVER'); // signed in in this very visit
  const granted = last('granted');
  expect(granted).toMatchObject({
    ...{ auto: 'own-rota', approvers: [], proofs: [], reason: 'INC-7 replica lag', window: '10m' },
    rules: ['sessions.auto-db.auto_approve: own-rota'],
  });
  expect(last('requested')).toMatchObject({ request: granted?.['request'] });
  expect(last('connected')).toMatchObject({ auto: 'own-rota', approvers: [] });
  expect(await rows(dave, 'grants')).toMatchObject([{ auto: 'own-rota', approvedBy: 'rule own-rota' }]);
  expect(await rows(dave, 'connections')).toMatchObject([{ approvedBy: 'rule own-rota' }]);
  expect(plain((await say(dave, ['history'])).stdout)).toContain('rule own-rota');
  const { body } = await host.webhook.next((notice) => (notice as { event: string }).event === 'granted');
  expect(body).toMatchObject({ auto: 'own-rota', login: dave.login, session: 'auto-db' });
  expect(body).not.toHaveProperty('by');
  const told = host.webhook.notices.map((notice) => notice.body as { event: string });
  expect(told.filter(({ event }) => event === 'requested')).toEqual([]);
  await endIt(host, { terminal, request: String(granted?.['request']) });
});

test('under a remembered sign-in a rule takes a new one: a stolen key approves nothing for itself', async () => {
  await onCall(alice.login);
  const grants = count('granted');
  const left = askAuto(alice, '10m');
  await left.until('ASK WITHOUT AN APPROVER');
  left.type('q');
  expect((await seenOn(left)).code).toBe(130);
  expect(count('granted')).toBe(grants);
  const terminal = askAuto(alice, '10m');
  await proveAnew(terminal, alice);
  await terminal.until(shellPrompt);
  expect(last('proved-anew')).toMatchObject({ purpose: 'ASK WITHOUT AN APPROVER', login: alice.login });
  await endIt(host, { terminal, request: String(last('granted')?.['request']) });
});

test('law 1: a longer window, somebody not on call and a ticket hook that fails go to people', async () => {
  await onCall(bob.login);
  const waiting = await requestAccess(alice, { session: 'auto-db', window: '15m' });
  expect(plain(waiting.terminal.text)).toContain(
    'Not approved automatically by rule own-rota: it approves at most 10m. Not approved automatically by rule open-incident: it approves at most 5m.',
  );
  await leaveQueue(waiting);
  ticketSays('{"approve": "yes"}');
  const other = askAuto(alice, '4m');
  await proveAnew(other, alice);
  const [, request = ''] = await other.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  const screen = plain(other.text);
  expect(screen).toContain('Not approved automatically by rule own-rota: you are not on call now (pager).');
  expect(screen).toContain('Not approved automatically by rule open-incident: jira does not answer.');
  await host.webhook.next((notice) => JSON.stringify(notice).includes('ticket hook jira does not answer'));
  await approve(bob, request);
  await other.until(shellPrompt);
  expect(last('granted')).not.toHaveProperty('auto');
  await endIt(host, { terminal: other, request });
});

test('a ticket says yes, hears who asks for what, and what it says reaches no screen or record raw (law 9)', async () => {
  const before = asked().length;
  ticketSays('{"approve": true, "why": "INC-9 is open\\u001b[2J\\u202e"}');
  const terminal = askAuto(alice, '5m', 'INC-9 "; $(id)');
  await proveAnew(terminal, alice);
  await terminal.until(shellPrompt);
  const granted = last('granted');
  expect(
    asked()
      .slice(before)
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    {
      ...{ id: granted?.['request'], host: 'prod-box', login: alice.login, claim: alice.account.email },
      ...{ session: 'auto-db', reason: 'INC-9 "; $(id)', for: '5m' },
    },
  ]);
  expect(granted).toMatchObject({ auto: 'open-incident', why: 'INC-9 is open\uFFFD[2J\uFFFD' });
  expect(plain(terminal.text)).toContain('Approved automatically by rule open-incident of this host');
  expect(terminal.text.slice(0, terminal.text.indexOf('You will be'))).not.toMatch(/\u001b\[2J|\u202e/);
  await endIt(host, { terminal, request: String(granted?.['request']) });
});

test('law 8: no yes of a ticket, or of a rota, reaches a request that waits: nothing in the store makes a rule judge', async () => {
  ticketSays('{"approve": false, "why": "INC-1 is closed"}');
  const waiting = askAuto(alice, '5m');
  await proveAnew(waiting, alice);
  const [, request = ''] = await waiting.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  expect(plain(waiting.text)).toContain('Not approved automatically by rule open-incident: INC-1 is closed.');
  const [grants, questions] = [count('granted'), asked().length];
  ticketSays('{"approve": true}');
  await onCall(alice.login);
  await redis(host.layout, 'hset', requestKey(request), 'auto', 'own-rota');
  for (const type of ['requested', 'reviewed', 'denied', 'granted']) await tell(host.layout, type, { id: request });
  const again = alice.ssh(['-t', 'auto-db']);
  await again.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  expect([count('granted'), asked().length]).toEqual([grants, questions]);
  expect(connections(host.layout)).toEqual([]);
  again.kill('SIGKILL');
  await again.exit;
  await leaveQueue({ terminal: waiting, request });
});

test('who is on call by a rota is on the screen and in the notice, may review, and the rule is in the journal', async () => {
  const waiting = await requestAccess(alice, { session: 'rota-db' });
  const approvers = `1 approval from whoever is on call (primary: ${dave.login}; pager: nobody now)`;
  expect(plain(waiting.terminal.text)).toContain(`Needs ${approvers}`);
  const { body } = await host.webhook.next((notice) => (notice as { request?: string }).request === waiting.request);
  expect(body).toMatchObject({ event: 'requested', approvers });
  const expected = notApprover(approvers.slice('1 approval from '.length));
  await expectRefused(host, bob, expected, async () => reviewing(bob, waiting.request));
  await approve(dave, waiting.request);
  await waiting.terminal.until(shellPrompt);
  const rule = 'sessions.rota-db.approvers.on_call: primary';
  expect(last('reviewed')).toMatchObject({ rule, by: { login: dave.login } });
  expect(last('granted')).toMatchObject({ rules: [rule], approvers: [{ login: dave.login }] });
  await endIt(host, waiting);
});

test('law 3: on call, nobody reviews their own request', async () => {
  const waiting = await requestAccess(dave, { session: 'rota-db' });
  const own = {
    code: 'SELF_REVIEW',
    says: 'You cannot approve or deny your own request.',
    hint: `send it to: whoever is on call (primary: ${dave.login}; pager: nobody now)`,
  } as const;
  await expectRefused(host, dave, own, async () => seenOn(dave.ssh(['approve', waiting.request], { tty: false })));
  await leaveQueue(waiting);
});

test('a program names people by their claim; whoever is no longer on call when it is counted does not count', async () => {
  await onCall(carol.account.email);
  const waiting = await requestAccess(alice, { session: 'rota-two' });
  expect(plain((await reviewing(carol, waiting.request)).text)).toContain('counts. It needs more approvals');
  expect(last('reviewed')).toMatchObject({ rule: 'sessions.rota-two.approvers.on_call: pager' });
  await onCall(bob.login);
  await heard('rota-two', `2 of whoever is on call (primary: ${dave.login}; pager: ${bob.login})`);
  expect(plain((await reviewing(dave, waiting.request)).text)).toContain('counts. It needs more approvals');
  await approve(bob, waiting.request);
  await waiting.terminal.until(shellPrompt);
  const approvers = last('granted')?.['approvers'] as readonly { login: string }[];
  expect(approvers.map(({ login }) => login)).toEqual([dave.login, bob.login]);
  await endIt(host, waiting);
});

test('law 1: a source that prints rubbish names nobody, not whom it named before; it is told, and the others go on', async () => {
  await onCall(carol.login);
  pagerSays(`["${carol.login}", {}]`);
  await heard('rota-db', `1 of whoever is on call (primary: ${dave.login}; pager: nobody now)`);
  const waiting = await requestAccess(alice, { session: 'rota-db' });
  const expected = notApprover(`whoever is on call (primary: ${dave.login}; pager: nobody now)`);
  await expectRefused(host, carol, expected, async () => reviewing(carol, waiting.request));
  await host.webhook.next((notice) => JSON.stringify(notice).includes('on-call source pager does not answer'));
  await approve(dave, waiting.request);
  await waiting.terminal.until(shellPrompt);
  await endIt(host, waiting);
});

test('policy check says who may review and what a rule would do; the doctor asks the sources and names the rules', async () => {
  const check = async (...words: readonly string[]) => host.cli(['policy', 'check', '--session', ...words]);
  expect(await check('rota-db', '--reviewer', dave.login)).toMatchObject({
    code: 0,
    stdout: `${dave.login} (in no group) may review; rule: sessions.rota-db.approvers.on_call: primary\n`,
  });
  expect(await check('rota-db', '--reviewer', carol.login, '--group', 'oncall')).toMatchObject({
    code: 77,
    stdout: expect.stringContaining('may not review; reviewers are whoever is on call (primary'),
  });
  await onCall(alice.login);
  const mine = await check('auto-db', '--as', alice.login, '--group', 'engineers', '--for', '5m');
  expect(mine.stdout).toContain('rule own-rota would approve it without asking anybody\n');
  expect(mine.stdout).toContain('rule open-incident would approve it without asking anybody, if jira says yes\n');
  pagerSays('nobody knows');
  const found = await diagnose(host);
  expect(findingOf(found, 'approval-on-call')).toMatchObject({ verdict: 'fail', why: expect.stringContaining('JSON') });
  expect(findingOf(found, 'approval-by-rule')).toMatchObject({
    verdict: 'warn',
    why: expect.stringContaining('own-rota'),
  });
});
