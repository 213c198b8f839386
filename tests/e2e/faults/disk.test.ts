// The disk of the recordings or of the keeper's own state is full: nobody works unrecorded, and nothing opens that could not be remembered.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, rmSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import { answers, expectCode, expectInOrder, expectNobody, restartKeeper, smallDisk } from '../../house/faults.ts';
import { comeBack, connections, endAll, enter, testHost, verb } from '../../house/inside.ts';
import { seenOn, type Seen } from '../../house/refused.ts';
import { knock, leaveQueue, signInWhenAsked } from '../../house/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
let state: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq', people: { carol: ['engineers'] } });
  ({ alice, bob } = host.people);
  state = `${host.root}/var/lib/tmux-gate`;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => endAll(host));

async function attach(person: Person): Promise<Seen> {
  const terminal = person.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
  void signInWhenAsked(terminal, person);
  return seenOn(terminal);
}

/** The file of that name cannot be replaced until it is disposed of: its draft is in the way. */
function unwritable(name: string): Disposable {
  mkdirSync(`${state}/${name}.new`);
  return { [Symbol.dispose]: () => rmSync(`${state}/${name}.new`, { recursive: true }) };
}

test('law 7: the disk of the recordings: who is in is cut, who comes is refused, and with room again it works', async () => {
  await using disk = await smallDisk(`${state}/recordings`, '1m');
  const inside = await enter(host, alice);
  disk.fill();
  inside.terminal.type('seq 1 3000\r');
  expectCode(await seenOn(inside.terminal), 'RECORDING_DOWN', 74);
  const seen = await attach(alice);
  expectCode(seen, 'RECORDING_DOWN', 69);
  expect(seen.text).not.toContain('$ ');
  disk.free();
  await answers(await comeBack(host, alice), 'recorded');
  await expectInOrder(host);
});

test.each(['pins.json', 'refresh.json'])(
  '%s: a new login cannot sign in, and can when it can be written',
  async (name) => {
    const person = host.people[name === 'pins.json' ? 'mallory' : 'carol'] ?? alice;
    {
      using blocked = unwritable(name);
      expect(blocked).toBeDefined();
      const words = name === 'pins.json' ? ['whoami'] : [];
      if (words.length > 0) await person.run(words);
      expectCode(await attach(person), 'INTERNAL', 70);
      expectCode(await attach(person), 'INTERNAL', 70);
    }
    expect(connections(host.layout)).toEqual([]);
  },
);

test('law 5: tombstones.json: no request is granted, and a revocation bites and says that it could not be written', async () => {
  const inside = await enter(host, alice);
  const waiting = await knock(host.people['carol'] ?? alice);
  {
    using blocked = unwritable('tombstones.json');
    expect(blocked).toBeDefined();
    expect((await verb(bob, ['approve', waiting.request])).code).not.toBe(0);
    const { code, stderr } = await host.cli(['revoke', inside.request]);
    expect(stderr).toContain('[JOURNAL_DOWN]');
    expect(code).toBe(69);
    expect(await inside.terminal.exit).toMatchObject({ code: 77 });
  }
  await leaveQueue(waiting);
  await expectNobody(host);
  await restartKeeper(host);
  await expectInOrder(host);
});

test.each(['c', 's'])('law 6: /run/tmux-gate/%s: not let in, and nothing is left of the try', async (folder) => {
  {
    await using disk = await smallDisk(`${host.layout.run}/${folder}`, '64k');
    disk.fill();
    const waiting = await knock(alice);
    expect((await verb(bob, ['approve', waiting.request])).code).toBe(0);
    expect((await seenOn(waiting.terminal)).code).toBeGreaterThan(0);
    await host.cli(['revoke', waiting.request]);
    await expectNobody(host);
  }
  await expectInOrder(host);
});
