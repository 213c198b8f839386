// The wall clock is stepped under keeper and gate: forward ends a window at once, back lengthens none, not even over a restart.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import { clocked, step } from '../../harness/clock.ts';
import { answers, expectCode, expectInOrder, expectNobody, killKeeper, restartKeeper } from '../../harness/faults.ts';
import { connections, enter, testHost, type Inside } from '../../harness/inside.ts';
import { seenOn } from '../../harness/refused.ts';
import { requestAccess, leaveQueue, say, signInWhenAsked } from '../../harness/visits.ts';

let host: Host;
let alice: Person;
let clock: string;
const undo = new DisposableStack();
const hour = 3600;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
  ({ alice } = host.people);
  clock = `${host.root}/clock`;
  step(clock, 0);
  undo.use(clocked(host.layout, 'keeper', clock));
  undo.use(clocked(host.layout, 'gate', clock));
  await restartKeeper(host);
});
afterAll(async () => {
  undo.dispose();
  await host[Symbol.asyncDispose]();
});
afterEach(async () => {
  step(clock, 0);
  if (host.keeper.pid === undefined) await host.keeper.start();
});

/** Out, and not long after the true end: a window that became longer by an hour would not end while a test runs. */
async function expectOutAtTheEnd({ terminal, end }: Inside): Promise<void> {
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, end - Date.now() + 10_000, 'late').unref());
  expect(await Promise.race([terminal.exit, late])).not.toBe('late');
  expect(Date.now()).toBeGreaterThanOrEqual(end - 1_000);
}

test('law 4: an hour forward ends a window at once, and nothing of it is left', async () => {
  const inside = await enter(host, alice);
  step(clock, hour);
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(inside.terminal.text).toContain('has ended');
  expect(Date.now()).toBeLessThan(inside.end - 60_000);
  await expectNobody(host);
  step(clock, 0);
  expect((await host.cli(['revoke', inside.grant])).code).toBe(0); // it is in the store for the rest of its true window
});

test('law 4: an hour back lengthens no window, with the keeper dead', async () => {
  const inside = await enter(host, alice, { window: '10s' });
  await killKeeper(host);
  step(clock, -hour);
  await expectOutAtTheEnd(inside);
});

test('law 4: nor where the next keeper starts under it, and its end opens nothing to it afterwards', async () => {
  const inside = await enter(host, alice, { window: '12s' });
  await killKeeper(host);
  step(clock, -hour);
  await host.keeper.start();
  await answers(inside, 'found again');
  await expectOutAtTheEnd(inside);
  await expectNobody(host);
  await restartKeeper(host);
  expect(connections(host.layout)).toEqual([]);
  expect((await host.cli(['grants'])).stdout).not.toContain(inside.grant);
  step(clock, 0);
  await expectInOrder(host);
});

test.each([7, -7])(
  'a clock %i s apart from that of Redis: no review makes a grant, and no grant opens',
  async (off) => {
    const waiting = await requestAccess(alice);
    step(clock, off);
    await host.provider.clock(off); // its tokens are as new as ever: Redis alone is out of step
    expectCode(await say(host.people.bob, ['approve', waiting.request]), 'CLOCK_SKEW', 69);
    expect(connections(host.layout)).toEqual([]);
    step(clock, 0);
    await host.provider.clock(0);
    await leaveQueue(waiting);
    const inside = await enter(host, alice);
    step(clock, off);
    const again = alice.ssh(['-t', 'prod-db']);
    void signInWhenAsked(again, alice);
    expectCode(await seenOn(again), 'CLOCK_SKEW', 69);
    await answers(inside, 'on');
    step(clock, 0);
    await expectInOrder(host);
  },
);
