// The keeper is killed (kill -9) at each step of a visit: nothing opens that was not decided, and the next keeper goes on from there.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { completeSignIn } from '../../../scripts/sandbox/browser.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { repo } from '../../../scripts/sandbox/layout.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import type { Terminal } from '../../../scripts/sandbox/terminal.ts';
import {
  expectCode,
  expectInOrder,
  expectNobody,
  fallAt,
  falling,
  killKeeper,
  type Fall,
} from '../../harness/faults.ts';
import { expectSoon } from '../../harness/in-session.ts';
import { approve, connections, cgroupPids, journal, testHost } from '../../harness/inside.ts';
import { mutantOf } from '../../harness/mutate.ts';
import { seenOn } from '../../harness/refused.ts';
import { endIt, requestAccess, letIn, say, shellPrompt } from '../../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
const mutant = mutantOf(process.env['TMUX_GATE_DIST'] ?? join(repo, 'dist'), falling);

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq', people: { carol: ['engineers'] }, dist: mutant.dist });
  ({ alice, bob } = host.people);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  mutant[Symbol.dispose]();
});
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await Promise.all([alice, bob].map(async (person) => person[Symbol.asyncDispose]()));
});

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
const count = (event: string): number => journal(host.layout).filter((record) => record.event === event).length;

/** The keeper falls there while `act` runs, and another one starts. */
async function fallWhile<T>(where: Fall, act: () => Promise<T>): Promise<T> {
  let result: T;
  {
    using wished = fallAt(host.layout, where);
    expect(wished).toBeDefined();
    result = await act();
    await host.keeper.exit;
  }
  await host.keeper.start();
  return result;
}

async function expectTurnedAway(terminal: Terminal): Promise<void> {
  expectCode(await seenOn(terminal), 'KEEPER_DOWN', 69);
  expect(connections(host.layout)).toEqual([]);
}

/** Who waits for an answer is not turned away: their gate comes back to the next keeper, unless they leave. */
async function leave(terminal: Terminal): Promise<void> {
  await terminal.until('tmux-gate is restarting');
  terminal.type('q');
  expectCode(await seenOn(terminal), 'KEEPER_DOWN', 69);
}

test('while the sign-in waits: refused, the code that was shown opens nothing, and a new one is asked for', async () => {
  const carol = host.people['carol'] ?? alice;
  const terminal = carol.ssh(['-t', 'prod-db']);
  const [url] = await terminal.until(link);
  await killKeeper(host);
  await expectTurnedAway(terminal);
  await completeSignIn(url, carol.account);
  await host.keeper.start();
  const again = carol.ssh(['-t', 'prod-db']);
  await again.until(link);
  again.kill('SIGKILL');
  await again.exit;
  expect(count('sign-in')).toBe(0);
});

test.each<Fall>(['before sign-in', 'after sign-in'])(
  'at the sign-in, %s: refused, and the next visit signs in',
  async (where) => {
    const terminal = alice.ssh(['-t', 'prod-db']);
    await fallWhile(where, async () => {
      await alice.signInFrom(terminal);
      await expectTurnedAway(terminal);
    });
  },
);

test('while the reason is asked: refused, nothing was requested, and it is asked again', async () => {
  const terminal = alice.ssh(['-t', 'prod-db']);
  await alice.signInFrom(terminal);
  await terminal.until('Reason');
  await killKeeper(host);
  await expectTurnedAway(terminal);
  expect(count('requested')).toBe(0);
  await host.keeper.start();
  const again = alice.ssh(['-t', 'prod-db']);
  await again.until('Reason');
});

test('at the request, after its record: it is not in the store, and nothing can be approved', async () => {
  const terminal = alice.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
  await fallWhile('after requested', async () => expectTurnedAway(terminal));
  const asked = journal(host.layout).findLast(({ event }) => event === 'requested');
  expect((await say(bob, ['approve', String(asked?.['request'])])).text).toContain('NO_SUCH_REQUEST');
});

test('while the answer is waited for: the same request waits on, is answered after the restart and lets its asker in', async () => {
  const waiting = await requestAccess(alice);
  await killKeeper(host);
  await leave(waiting.terminal);
  expect(connections(host.layout)).toEqual([]);
  await host.keeper.start();
  const again = await requestAccess(alice);
  expect(again.request).toBe(waiting.request);
  await approve(bob, waiting.request);
  await again.terminal.until(shellPrompt);
  await endIt(host, again);
  await expectNobody(host);
});

test.each<[Fall, string]>([
  ['after proved-anew', 'the same request waits for a review'],
  ['after granted', 'the review counts, and the window begins when it is counted'],
  ['at store.grant', 'the request was answered and opens nothing, so another one is asked for'],
])('at the approval, %s: nobody is let in, and after the restart %s', async (where, then) => {
  const waiting = await requestAccess(alice);
  await fallWhile(where, async () => {
    const review = bob.ssh(['approve', waiting.request], { tty: false });
    await bob.signInFrom(review);
    expectCode(await seenOn(review), 'KEEPER_DOWN', 69);
    await leave(waiting.terminal);
    expect(connections(host.layout)).toEqual([]);
  });
  const counts = then.startsWith('the review counts');
  const again = counts
    ? { terminal: alice.ssh(['-t', 'prod-db']), request: waiting.request }
    : await requestAccess(alice);
  expect(again.request === waiting.request).toBe(!then.startsWith('the request was answered'));
  if (!counts) await approve(bob, again.request);
  await again.terminal.until(shellPrompt);
  await endIt(host, again);
  await expectNobody(host);
});

test.each<Fall>(['before connected', 'after connected'])(
  'at the admission, %s: not let in, nothing is left of it, and the grant that was given still opens',
  async (where) => {
    const waiting = await requestAccess(alice);
    await fallWhile(where, async () => {
      await approve(bob, waiting.request);
      await leave(waiting.terminal);
    });
    expect(connections(host.layout)).toEqual([]);
    const again = alice.ssh(['-t', 'prod-db']);
    await again.until(shellPrompt);
    expect(again.text).not.toContain('Waiting for approval');
    await endIt(host, { terminal: again, request: waiting.request });
    await expectNobody(host);
  },
);

const endsOf = (id: string): number =>
  journal(host.layout).filter((record) => record.event === 'disconnected' && record['connection'] === id).length;

test.each<Fall>(['before revoked', 'after revoked', 'before disconnected', 'after disconnected', 'before grant-ended'])(
  'at a revocation, %s: its end is written down once, the grant never opens again, and who was in is out after the restart at the latest',
  async (where) => {
    const inside = await letIn(host, alice);
    const [{ id } = { id: '' }] = connections(host.layout);
    await fallWhile(where, async () => {
      expect(await host.cli(['revoke', inside.request])).toMatchObject({ code: 69 });
    });
    await inside.terminal.exit;
    await expectSoon(() => expect(connections(host.layout)).toEqual([])); // removed after its record
    expect(cgroupPids(host.layout, 'c', id)).toEqual([]);
    await expectNobody(host);
    expect(endsOf(id)).toBe(1);
    const after = alice.ssh(['-t', 'prod-db']);
    await after.until('Reason');
  },
);

test('at the end of a window, before disconnected: out at the end, and nothing is left after the restart', async () => {
  const inside = await letIn(host, alice, { window: '10s' });
  await fallWhile('before disconnected', async () => {
    expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  });
  await expectNobody(host);
  await expectInOrder(host);
}, 60_000);
