// One request that two people approve on two hosts at the same moment: the journals have one grant of it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Fleet } from '../../scripts/sandbox/fleet.ts';
import { openFleetOnRedis, say } from '../harness/fleet.ts';
import { journal } from '../harness/inside.ts';
import { endIt, requestAccess, shellPrompt } from '../harness/visits.ts';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await openFleetOnRedis(['tgk', 'tgl'], { erin: ['oncall'] });
}, 60_000);
afterAll(async () => fleet[Symbol.asyncDispose](), 60_000);

test('twenty requests are granted once each', async () => {
  const { near, far } = fleet;
  const { alice, bob, erin = bob } = near.people;
  const rounds = Array.from({ length: 20 }, (_, at) => at);
  const granted: number[] = [];
  for (const round of rounds) {
    const waiting = await requestAccess(alice, { reason: `INC-${round} look` });
    const { request } = waiting;
    const codes = await Promise.all([
      say(far.people.bob, ['approve', request], bob).then(({ code }) => code),
      say(erin, ['approve', request]).then(({ code }) => code),
    ]);
    expect(codes).toContain(0);
    await waiting.terminal.until(shellPrompt);
    await endIt(near, waiting);
    const records = [near, far].flatMap(({ layout }) => journal(layout));
    granted.push(records.filter((one) => one.event === 'granted' && one['request'] === request).length);
  }
  expect(granted).toEqual(rounds.map(() => 1));
}, 300_000);
