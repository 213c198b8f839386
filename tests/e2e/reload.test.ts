// A new policy while the keeper runs: `tmux-gate reload` and SIGHUP. What is live and what waits is judged as after a restart, nobody else is
// disturbed, and a policy with a problem changes nothing.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { SandboxConfig } from '../../scripts/sandbox/install.ts';
import { layoutOf } from '../../scripts/sandbox/layout.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, endGrants, journal, place, rootRuns, testHost } from '../harness/inside.ts';
import { plain, seenOn } from '../harness/refused.ts';
import {
  letIn,
  requestAccess,
  rows,
  say,
  says,
  shellPrompt,
  signInWhenAsked,
  type Waiting,
} from '../harness/visits.ts';

type Session = SandboxConfig['sessions']['prod-db'] & Readonly<Record<string, unknown>>;
type Sessions = Readonly<Record<string, Session>>;

const { etc } = layoutOf(place('tga'));
const secretFile = `${etc}/webhook.secret`;
const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

let host: Host;
let first: SandboxConfig;
let alice: Person, bob: Person, erin: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { erin: ['leads', 'engineers'] },
    config: (config) => {
      mkdirSync(etc, { recursive: true });
      writeExact(secretFile, 'one', 0o600);
      const notify = config.notify.map((receiver) => ({ ...receiver, secret_file: secretFile }));
      return (first = { ...config, notify });
    },
  });
  ({ alice, bob, erin = bob } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  host.writeConfig(first);
  await reload();
  await endGrants(host);
  await Promise.all([alice, bob, erin].map(async (person) => person[Symbol.asyncDispose]()));
});

const reload = async (): Promise<string> => rootRuns(host, 'reload');

/** Writes a policy with these sessions and has it taken. */
async function take(sessions: Sessions, more: object = {}): Promise<string> {
  host.writeConfig({ ...first, sessions, ...more });
  return reload();
}

const prodDb = (change: object = {}): Sessions => ({
  'prod-db': { ...(first.sessions['prod-db'] as Session), ...change },
});
const records = (event: string): readonly Readonly<Record<string, unknown>>[] =>
  journal(host.layout).filter((record) => record.event === event);

describe('a policy that is taken', () => {
  test('says what changed; its text is in the journal before, and a new session opens at once, beside who is attached', async () => {
    const inside = await letIn(host, alice);
    const said = await take({ ...prodDb(), 'prod-two': prodDb()['prod-db'] as Session });
    expect(said).toContain('added sessions.prod-two');
    expect(said).toContain('Nothing ended by it.');
    const [text] = records('policy').slice(-1);
    expect(text).toMatchObject({ why: 'reload', text: expect.stringContaining('prod-two') });
    expect(records('policy-reloaded').at(-1)).toMatchObject({
      ...{ by: expect.stringContaining('root'), sha256: text?.['sha256'], changed: ['added: sessions.prod-two'] },
    });
    const two = await letIn(host, alice, { session: 'prod-two' });
    expect(await says(two, 'echo new')).toBe('new');
    expect(await says(inside, 'echo old')).toBe('old');
  });

  test('that is the same is not written down; for programs there is --json, and `status` says since when', async () => {
    const before = records('policy').length;
    const { code, stdout } = await host.cli(['reload', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { ok: true, state: 'unchanged' }]);
    expect(records('policy')).toHaveLength(before);
    expect((await host.cli(['status'])).stdout).toMatch(/policy +ok +in force since [-0-9: ]+ UTC\n/);
    appendFileSync(`${etc}/config.yaml`, '# a comment\n');
    expect((await host.cli(['status'])).stdout).toContain('file differs');
    expect(await reload()).toContain('only its comments or spelling changed');
  });

  test('at SIGHUP, without anybody who reads an answer', async () => {
    const before = records('policy-reloaded').length;
    host.writeConfig({ ...first, request: { answer_within: '5m' } });
    host.keeper.kill('SIGHUP');
    await eventually('it is taken', () => records('policy-reloaded').length > before);
    expect(records('policy-reloaded').at(-1)).toMatchObject({ by: 'SIGHUP' });
  });

  test('reads secrets again, also with the same text', async () => {
    const { notices } = host.webhook;
    const isSignedBy = (secret: string): boolean => {
      const { headers, body } = notices.at(-1)!;
      const [, at = '', mac = ''] = /t=(\d+),v1=([0-9a-f]+)/.exec(JSON.stringify(headers)) ?? [];
      return (
        createHmac('sha256', secret)
          .update(`${at}.${JSON.stringify(body)}`)
          .digest('hex') === mac
      );
    };
    const notice = async (): Promise<void> => {
      const before = notices.length;
      await host.cli(['lock', bob.login, '--reason', 'a notice']);
      await host.cli(['unlock', bob.login]);
      await eventually('it came', () => notices.length > before);
    };
    await notice();
    expect([isSignedBy('one'), isSignedBy('two')]).toEqual([true, false]);
    writeFileSync(secretFile, 'two');
    expect(await reload()).toContain('changed what the file of notify[0].secret_file holds');
    await notice();
    expect(isSignedBy('two')).toBe(true);
    writeFileSync(secretFile, 'one');
  });
});

describe('an approver whom it removed', () => {
  test('cannot approve any more, also in the middle of their sign-in; the approver of now can', async () => {
    const { terminal, request } = await requestAccess(alice);
    const late = bob.ssh(['approve', request], { tty: false });
    const [url] = await late.until(link);
    await take(prodDb({ approvers: { groups: ['leads'], count: 1 } }));
    await completeSignIn(url, bob.account);
    expect(plain((await seenOn(late)).text)).toContain('[NOT_APPROVER]');
    expect(plain((await say(bob, ['approve', request])).text)).toContain('[NOT_APPROVER]');
    await approve(erin, request);
    await terminal.until(shellPrompt);
  });

  test('whose approval waits for a second one: it counts no more', async () => {
    await take(prodDb({ approvers: { groups: ['oncall', 'leads'], count: 2 } }));
    const { terminal, request } = await requestAccess(alice);
    await approve(bob, request);
    await take(prodDb({ approvers: { groups: ['leads'], count: 1 } }));
    expect(terminal.text).not.toMatch(shellPrompt);
    await approve(erin, request);
    await terminal.until(shellPrompt);
    expect(records('granted').at(-1)).toMatchObject({ approvers: [expect.objectContaining({ login: erin.login })] });
  });
});

describe('somebody who waits', () => {
  test('for an answer, and may no longer ask: hears it at once, and nobody can approve it', async () => {
    const { terminal, request } = await requestAccess(alice);
    const said = await take(prodDb({ who: ['others'] }));
    expect(said).toContain('1 waiting request');
    expect(plain((await seenOn(terminal)).text)).toContain('[NOT_ALLOWED]');
    expect(plain((await say(bob, ['approve', request])).text)).toContain('[REQUEST_OVER]');
  });

  test('and may: goes on, is approved, and is let in by the policy of now', async () => {
    const { terminal, request } = await requestAccess(alice);
    expect(await take(prodDb({ mode: 'view' }))).toContain('Nothing ended by it.');
    await approve(bob, request);
    await terminal.until('nothing you type reaches the session');
    await terminal.until(shellPrompt);
    expect(records('connected').at(-1)).toMatchObject({ request, mode: 'view' });
    terminal.type('q');
    await terminal.exit;
  });

  test('types a reason, and may no longer ask: nobody is called', async () => {
    const terminal = alice.ssh(['-t', 'prod-db', '--for 5m']);
    void signInWhenAsked(terminal, alice);
    await terminal.until(/Reason[^\n]*: $/);
    await take(prodDb({ who: ['others'] }));
    terminal.type('INC-55 too late\r');
    expect(plain((await seenOn(terminal)).text)).toContain('[NOT_ALLOWED]');
    expect(records('requested').filter(({ reason }) => reason === 'INC-55 too late')).toEqual([]);
  });

  test('signs in, while nothing of it changes: goes on', async () => {
    await host.cli(['unpin', alice.login]);
    const terminal = alice.ssh(['grants'], { tty: false });
    const [url] = await terminal.until(link);
    await take({ ...prodDb(), 'prod-two': prodDb()['prod-db'] as Session });
    await completeSignIn(url, alice.account);
    expect((await seenOn(terminal)).code).toBe(0);
  });
});

describe('nothing changes', () => {
  const expectOld = async (inside: Waiting): Promise<void> => {
    expect(await says(inside, 'echo on')).toBe('on');
    expect((await rows(alice, 'sessions')).map(({ session }) => session)).toEqual(['prod-db']);
  };

  test('by a policy with problems: they are told as by `policy check`, journaled, and in `status`', async () => {
    const inside = await letIn(host, alice);
    host.writeConfig({
      ...first,
      frob: 1,
      sessions: prodDb({ at_expiry: 'maybe', window: { default: '30', max: '1h' } }),
    });
    const { code, stdout, stderr } = await host.cli(['reload']);
    const checked = await host.cli(['policy', 'check']);
    expect([code, stdout, checked.code]).toEqual([78, '', 78]);
    expect(stderr).toContain(checked.stderr.trim());
    expect(plain(stderr)).toContain('[POLICY_REFUSED]');
    const asked = await host.cli(['reload', '--json']);
    expect([asked.code, JSON.parse(asked.stdout)]).toMatchObject([
      ...[
        78,
        {
          ok: false,
          state: 'invalid',
          problems: (JSON.parse((await host.cli(['policy', 'check', '--json'])).stdout) as { problems: unknown })
            .problems,
        },
      ],
    ]);
    expect(records('policy-refused').at(-1)).toMatchObject({
      ...{ why: 'invalid', problems: expect.arrayContaining([expect.stringContaining('at_expiry')]) },
    });
    const status = await host.cli(['status']);
    expect(status.stdout).toMatch(/policy +warn +in force since .*; file is refused/);
    expect(status.code).not.toBe(0);
    await expectOld(inside);
    expect(records('policy').at(-1)?.['text']).not.toContain('frob');
  });

  test('by an account that is missing, or a secret that others may read', async () => {
    host.writeConfig({ ...first, sessions: prodDb({ run_as: 'tga-nobody-here' }) });
    expect(await host.cli(['reload'])).toMatchObject({ code: 78, stderr: expect.stringContaining('useradd') });
    host.writeConfig(first);
    writeExact(secretFile, 'one', 0o644);
    expect(await host.cli(['reload'])).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('notify[0].secret_file'),
    });
    writeExact(secretFile, 'one', 0o600);
  });

  test('by what only a start can take, with all that stands beside it', async () => {
    const inside = await letIn(host, alice);
    host.writeConfig({ ...first, host: 'other-box', sessions: { ...prodDb(), more: prodDb()['prod-db'] as Session } });
    const { code, stderr } = await host.cli(['reload']);
    expect([code, plain(stderr)]).toEqual([
      65,
      expect.stringMatching(/a change of host .* systemctl restart tmux-gate/),
    ]);
    expect((await host.cli(['status'])).stdout).toContain('file needs a restart');
    await expectOld(inside);
  });

  test('over ssh, or without a keeper', async () => {
    expect(plain((await say(alice, ['reload'])).text)).toContain('[LOCAL_ONLY]');
    await host.keeper.stop();
    expect(await host.cli(['reload'])).toMatchObject({ code: 69, stderr: expect.stringContaining('[KEEPER_DOWN]') });
  });
});

test('reloads at once: each is about a file that was read after it was asked for, and the last one is in force', async () => {
  host.writeConfig({ ...first, request: { answer_within: '7m' } });
  const all = await Promise.all(Array.from({ length: 4 }, async () => host.cli(['reload', '--json'])));
  const states = all.map(({ stdout }) => (JSON.parse(stdout) as { state: string }).state);
  expect(states.toSorted()).toEqual(['taken', 'unchanged', 'unchanged', 'unchanged']);
});
