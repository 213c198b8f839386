// Who watches, who types only while another watches, and who leaves the keys alone.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, connections, endGrants, enter, journal, testHost } from '../harness/inside.ts';
import { expectSoon } from '../harness/in-session.ts';
import {
  askToLook,
  comeToLook,
  expectHeld,
  expectPassing,
  leave,
  viewers,
  personOf,
  records,
  titleOn,
  watching,
  withViewers,
} from '../harness/viewing.ts';
import { expectRefused, plain, seenOn } from '../harness/refused.ts';
import { requestAccess, rows, say, says, signInWhenAsked } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga', people: viewers, config: withViewers });
  ({ alice, bob } = host.people);
  carol = personOf(host, 'carol');
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => endGrants(host));

const of = (event: string, key: string, value: unknown) =>
  journal(host.layout).filter((record) => record.event === event && record[key] === value);

test('a look is asked for, decided, signed, listed and written down as one; q leaves it, and others keep their size', async () => {
  const inside = await enter(host, alice);
  const { terminal, request } = await requestAccess(carol, {
    session: 'prod-db --view',
    terminal: { cols: 40, rows: 30 },
  });
  expect(plain(terminal.text)).toContain('Mode view only, cannot type');
  expect(plain(terminal.text)).toContain("dba's session. Nothing you type reaches it. Your screen is recorded.");
  const review = bob.ssh(['approve', request], { tty: false });
  await bob.signInFrom(review);
  await review.exit;
  expect(plain(review.text)).toContain('Mode view only, cannot type');
  expect(plain(review.text)).toContain('can now watch prod-db until');
  await terminal.until(/Ctrl-D\s+to\s+leave/);
  await eventually('the small window is there', async () =>
    (await says(inside, "tmux list-clients -F '#{client_width}' | sort -n | tr '\\n' ' '")).startsWith('40 100'),
  );
  expect(await says(inside, "tmux display -p '#{window_width}'")).toBe('100');
  const [grant] = of('granted', 'request', request);
  expect(grant).toMatchObject({ mode: 'view' });
  expect(of('connected', 'request', request)).toEqual([expect.objectContaining({ mode: 'view' })]);
  expect(await rows(carol, 'connections')).toEqual([expect.objectContaining({ mode: 'view', held: false, as: null })]);
  expect((await host.cli(['grants'])).stdout).toMatch(/prod-db \(view\)/);
  expect((await host.cli(['status'])).stdout).toMatch(/^attached +2, 1 viewing$/m);
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 0 });
  expect(plain(terminal.text)).toContain('Reattach: ssh -t prod-box prod-db --view');
  expect(await says(inside, 'echo undisturbed')).toBe('undisturbed');
});

test('a grant to type serves a look; where the policy says view, everybody watches', async () => {
  const types = await enter(host, alice);
  await leave(host, await comeToLook(host, alice, 'prod-db'), '\u0004');
  expect(await says(types, 'echo still')).toBe('still');
  const { terminal, request } = await requestAccess(alice, { session: 'prod-look' });
  expect(plain(terminal.text)).toContain('Mode view only, cannot type');
  await approve(bob, request);
  await terminal.until(watching);
  expect((await say(alice, ['sessions'])).stdout).toMatch(/^prod-look .* shared, view /m);
});

test('without a key there is a warning, then an end that says so; the window stays, and a look is never idle', async () => {
  const looks = await askToLook(host, carol, { session: 'prod-idle' });
  const inside = await enter(host, alice, { session: 'prod-idle' });
  // Not the shell's own loop: a Ctrl-C that comes as a `sleep` ends by itself is taken for that program's, and the loop goes on.
  inside.terminal.type(`sh -c 'while sleep 0.2; do echo tick; done'\r`);
  await inside.terminal.until('No keystroke for a while: prod-idle on prod-box disconnects in');
  inside.terminal.type(' ');
  await inside.terminal.until(/\u001b\]2;prod-idle on prod-box, until/);
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(plain(inside.terminal.text)).toContain(
    'You were disconnected from prod-idle on prod-box after 4s without a keystroke.',
  );
  await expectSoon(() => expect(records(host, 'disconnected', inside)).toMatchObject([{ why: 'idle' }]));
  await expectSoon(() => expect(connections(host.layout).map(({ id }) => id)).toEqual([looks.id])); // removed after its record
  const terminal = alice.ssh(['-t', 'prod-idle']);
  await terminal.until('tick');
  terminal.type('\u0003');
  expect(await says({ terminal }, 'echo back')).toBe('back');
});

test('whoever approved may look on under that grant, and lets the person type; nobody else may, and each goes with the grant', async () => {
  const inside = await enter(host, alice, { session: 'prod-mod' });
  await expectHeld(inside);
  expect(plain(inside.terminal.text)).toContain('Send this to an approver: ssh -t prod-box prod-mod --view');
  expect((await rows(alice, 'connections'))[0]).toMatchObject({ mode: 'type', held: true });
  const dave = personOf(host, 'dave');
  const refused = {
    code: 'NOT_ALLOWED',
    says: 'You may not ask for session prod-mod.',
    hint: 'you need to be in one of these groups: engineers',
  };
  await expectRefused(host, dave, refused as Parameters<typeof expectRefused>[2], async () => {
    const terminal = dave.ssh(['-t', 'prod-mod', '--view']);
    void signInWhenAsked(terminal, dave);
    return seenOn(terminal);
  });
  const looks = await comeToLook(host, bob, 'prod-mod');
  await expectPassing(inside);
  expect(await says(inside, 'echo watched')).toBe('watched');
  expect(records(host, 'connected', looks)).toMatchObject([
    { mode: 'view', as: 'approver', grant: inside.grant, login: bob.login, window: { end: inside.end } },
  ]);
  expect(records(host, 'input-passes', inside)).toMatchObject([{ viewer: { connection: looks.id, login: bob.login } }]);
  expect(await rows(bob, 'connections')).toContainEqual(expect.objectContaining({ login: bob.login, as: 'approver' }));
  await host.cli(['revoke', inside.grant]);
  await Promise.all([inside.terminal.exit, looks.terminal.exit]);
  await expectSoon(() => expect(connections(host.layout)).toEqual([]));
});

test('an approver with a grant of their own counts as well; of several, each leaves at their own end', async () => {
  const erin = await enter(host, personOf(host, 'erin'), { session: 'prod-mod', approver: personOf(host, 'dave') });
  const short = await enter(host, alice, { session: 'prod-mod', window: '10s' });
  const looks = await comeToLook(host, bob, 'prod-mod');
  await expectPassing(erin);
  await Promise.all([short.terminal.exit, looks.terminal.exit]);
  await expectHeld(erin);
  await expectSoon(() => expect(connections(host.layout).map(({ id }) => id)).toEqual([erin.id]));
  const later = await enter(host, carol, { session: 'prod-mod' });
  await expectPassing(later);
  expect(titleOn(erin)).toMatch(/^INPUT HELD/);
  const held = async (): Promise<string> => says(later, 'tmux show -gv @tmux_gate_held');
  await eventually('the status line says whose keys', async () => (await held()) === personOf(host, 'erin').login);
});

test('law 3: whoever is on call watches under the grant that they approved, and lets its owner type', async () => {
  const inside = await enter(host, alice, { session: 'prod-call', approver: carol });
  await expectHeld(inside);
  const looks = await comeToLook(host, carol, 'prod-call');
  await expectPassing(inside);
  expect(await says(inside, 'echo watched')).toBe('watched');
  expect(records(host, 'connected', looks)).toMatchObject([{ mode: 'view', as: 'approver', grant: inside.grant }]);
});
