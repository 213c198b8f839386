// The end of a window (docs/design.md, "The end of access", laws 4 and 6).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { ofUids } from '../../scripts/sandbox/processes.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, journal, testHost } from '../harness/inside.ts';
import { plain, seenOn } from '../harness/refused.ts';
import { endIt, requestAccess, letIn, signInWhenAsked } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { carol: ['engineers'] },
    config: (config) => ({
      ...config,
      sessions: { ...config.sessions, 'prod-log': { ...config.sessions['prod-db'], at_expiry: 'keep' } },
    }),
  });
});
afterAll(async () => host[Symbol.asyncDispose]());

const sessionUid = (): number => account(host.layout.sessionAccount).uid;
const events = (event: string) => journal(host.layout).filter((record) => record.event === event);

test('laws 4 and 6: at the end the terminal is put right, the farewell stands on it, and nothing that was left runs on', async () => {
  const { alice } = host.people;
  const inside = await letIn(host, alice, { window: '10s' });
  const [connection] = connections(host.layout);
  inside.terminal.type(
    "setsid nohup sleep 4711 >/dev/null 2>&1 & (trap '' HUP TERM; exec sleep 4712) & printf '\\033[?1000h\\033[?25l'; echo left\r",
  );
  await inside.terminal.until('left\r');
  expect(ofUids([sessionUid()]).length).toBeGreaterThan(2);
  const { code, text } = await seenOn(inside.terminal);
  const late = Date.now() - (connection?.end ?? 0);
  expect(code).toBe(0);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(15_000);
  const farewell = (await inside.terminal.screen()).join('\n');
  expect(plain(farewell)).toMatch(
    /tmux-gate: Your access to prod-db on prod-box has ended \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)\. To ask again: ssh -t prod-box prod-db/,
  );
  const tail = text.slice(text.lastIndexOf('\u001b[?1049l'));
  for (const off of ['\u001b[?1000l', '\u001b[?2004l', '\u001b[?25h', '\u001b[0m']) expect(tail).toContain(off);
  expect(tail).not.toContain('\u001b[?1049h');
  await eventually('the session ended', () => events('session-ended').length === 1);
  expect(ofUids([sessionUid()])).toEqual([]);
  expect(connections(host.layout)).toEqual([]);
  const ended = events('session-ended')[0] as unknown as { killed: { comm: string; uid: number }[] };
  expect(ended.killed).toContainEqual(expect.objectContaining({ comm: 'sleep', uid: sessionUid() }));
  expect(events('grant-ended')[0]).toMatchObject({ request: inside.request, why: 'expired' });
});

test('law 4: after the end a visit starts over, with a request and a review of its own', async () => {
  const { alice } = host.people;
  const waiting = await requestAccess(alice);
  waiting.terminal.type('q');
  await waiting.terminal.exit;
});

test('law 4: a window counts from the approval, so who comes late gets less; who comes after it gets nothing', async () => {
  const { alice, bob } = host.people;
  const waiting = await requestAccess(alice, { window: '10s' });
  waiting.terminal.kill('SIGKILL');
  await waiting.terminal.exit;
  const approval = bob.ssh(['approve', waiting.request], { tty: false });
  await bob.signInFrom(approval);
  expect((await approval.exit).code).toBe(0);
  await eventually(
    'the grant ended unused',
    () => events('grant-ended').some(({ request }) => request === waiting.request),
    15_000,
  );
  const after = await requestAccess(alice);
  expect(after.request).not.toBe(waiting.request);
  after.terminal.type('q');
  await after.terminal.exit;
});

test('at_expiry: keep leaves the session to run, says so beforehand and in the journal; the person is out', async () => {
  const { alice } = host.people;
  const inside = await letIn(host, alice, { session: 'prod-log', window: '10s' });
  expect(plain(inside.terminal.text)).toContain('The session keeps running after your access ends.');
  inside.terminal.type('sleep 4713\r');
  await inside.terminal.until('sleep 4713');
  await inside.terminal.exit;
  await eventually('it is written down', () => events('session-kept').length === 1);
  expect(ofUids([sessionUid()]).length).toBeGreaterThan(0);
  const again = await letIn(host, alice, { session: 'prod-log' });
  await again.terminal.until('sleep 4713').catch(() => undefined);
  expect((await again.terminal.screen()).join('\n')).toContain('sleep 4713');
  await endIt(host, again);
});

test('the list of sessions asks again after an empty or a wrong answer, three times in all', async () => {
  const { alice } = host.people;
  const terminal = alice.ssh(['-t']);
  void signInWhenAsked(terminal, alice);
  for (const answer of ['', '9', '']) {
    await terminal.until('Which one?');
    terminal.type(`${answer}\r`);
  }
  const { code, text } = await seenOn(terminal);
  expect(plain(text)).toContain('Type a number from 1 to 2, or the name of a session.');
  expect(plain(text)).toContain('[UNKNOWN_SESSION]');
  expect(code).toBe(64);
});
