// Whatever dies or is full while a session is recorded: all that was recorded up to the last range is as the journal says, and nobody works
// on unrecorded.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { answers, expectCode, expectInOrder, killKeeper, smallDisk } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { comeBack, endAll, endGrants, enter, testHost, type Inside } from '../../harness/inside.ts';
import { recordsOf, verified } from '../../harness/recording-check.ts';
import { plain, seenOn } from '../../harness/refused.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tgr',
    config: (given) => ({ ...given, recordings: { quota: '256KiB' } }),
  });
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await endAll(host);
});

const ranges = ({ id }: Inside): number => recordsOf(host.layout, 'recording-range', id).length;

/** Waits until the recording is closed. @returns that record */
async function closed({ id }: Inside): Promise<Readonly<Record<string, unknown>>> {
  return eventually('it is closed', () => recordsOf(host.layout, 'recording-closed', id)[0]);
}

test('law 7: kill -9 of the keeper loses no range and writes none twice; kill -9 of the gate closes what there is', async () => {
  const inside = await enter(host, host.people.alice);
  await answers(inside, 'first');
  await killKeeper(host);
  await answers(inside, 'second');
  await host.keeper.start(); // it closes at once what was written meanwhile
  await eventually('the next keeper has a range', () => ranges(inside) === 1);
  await killKeeper(host);
  await host.keeper.start();
  await answers(inside, 'third');
  await eventually('so has the one after it', () => ranges(inside) === 2);
  process.kill(inside.gate.pid, 'SIGKILL');
  const { bytes } = await closed(inside);
  expect(await verified(host.layout, inside)).toMatchObject({ faults: [], bytes, looked: true });
  expect(recordsOf(host.layout, 'recording-changed', inside.id)).toEqual([]);
});

test('law 12: a recording that reaches its quota ends its connection with words; a new one has all of it again', async () => {
  const { terminal, ...inside } = await comeBack(host, host.people.alice);
  terminal.type('yes "$((20+22)) is what this session prints until its recording is full"\r');
  const { code } = await terminal.exit;
  expect(plain(terminal.text)).toMatch(/the recording of a connection may have 256 KiB\. Your access has not ended\./);
  expect(code).toBe(75);
  const end = await closed({ terminal, ...inside });
  expect(end['bytes']).toBeGreaterThan(256 * 1024);
  expect(recordsOf(host.layout, 'disconnected', inside.id)).toMatchObject([{ why: 'its recording reached the quota' }]);
  await endGrants(host); // also ends what goes on printing
  await answers(await enter(host, host.people.alice), 'again');
});

test('law 7: on a full disk of 64 MiB people are disconnected and nobody is let in; what was recorded verifies', async () => {
  const folder = `${host.root}/var/lib/tmux-gate/recordings`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await using disk = await smallDisk(folder, '64m');
  const inside = await enter(host, host.people.alice);
  await answers(inside, 'before');
  disk.fill();
  const { code } = await inside.terminal.exit;
  expect(code).toBe(69);
  expect(plain(inside.terminal.text)).toContain('so you were disconnected. [RECORDINGS_FULL] hint:');
  await closed(inside);
  expect(await verified(host.layout, inside)).toMatchObject({ faults: [] });
  expectCode(await seenOn(host.people.alice.ssh(['-t', 'prod-db'])), 'RECORDINGS_FULL', 69);
  disk.free();
  await answers(await comeBack(host, host.people.alice), 'back');
  await expectInOrder(host);
});
