// The disk of the recordings is full: nobody comes in unrecorded, and who is in is cut rather than go on so.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { answers, expectCode, expectInOrder, smallDisk } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { comeBack, enter, journal, testHost } from '../../harness/inside.ts';
import { plain, seenOn } from '../../harness/refused.ts';

let host: Host;

beforeAll(async () => {
  // Without a reserve, so that the gate's own write fails: recording-ranges.test.ts has a reserve.
  host = await testHost({ prefix: 'tgq', config: (given) => ({ ...given, recordings: { reserve: '0MiB' } }) });
});
afterAll(async () => host[Symbol.asyncDispose]());

const cut = (): boolean =>
  journal(host.layout).some(
    ({ event, why }) => event === 'disconnected' && why === 'the recording could not be written',
  );

test('law 7: full in the middle of a visit, its line is cut; the grant opens nothing before there is room again', async () => {
  const folder = `${host.root}/var/lib/tmux-gate/recordings`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await using disk = await smallDisk(folder, '256k');
  const { terminal } = await enter(host, host.people.alice);
  disk.fill();
  terminal.type('seq 1 20000\r');
  const { code } = await terminal.exit;
  expect(plain(terminal.text)).toContain(
    'The recording cannot be written, so you were disconnected. [RECORDING_DOWN] hint:',
  );
  expect(code).toBe(74);
  await eventually('it is journaled', cut);
  expectCode(await seenOn(host.people.alice.ssh(['-t', 'prod-db'])), 'RECORDING_DOWN', 74);
  disk.free();
  await answers(await comeBack(host, host.people.alice), 'back');
  await expectInOrder(host);
});
