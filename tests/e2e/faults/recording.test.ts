// The recordings' disk is full: nobody comes in unrecorded, and who is in is cut rather than go on so.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { must } from '../../../scripts/sandbox/exec.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { expectCode, expectInOrder } from '../../house/faults.ts';
import { comeBack, enter, eventually, journal, testHost } from '../../house/inside.ts';
import { plain, seenOn } from '../../house/refused.ts';

let host: Host;
let folder: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
  folder = `${host.root}/var/lib/tmux-gate/recordings`;
  await must('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'none', folder]);
});
afterAll(async () => {
  await must('umount', ['--lazy', folder]);
  await host[Symbol.asyncDispose]();
});
afterEach(() => rmSync(`${folder}/filler`, { force: true }));

/** Leaves no room at all. */
function fill(): void {
  try {
    writeFileSync(`${folder}/filler`, Buffer.alloc(1 << 20));
  } catch {
    // as much of it as there was room for
  }
}

const ended = (why: string) => async () =>
  Promise.resolve(journal(host.layout).some((record) => record.event === 'disconnected' && record['why'] === why));

test('law 7: full in the middle of a visit, its line is cut; with room again the same grant opens', async () => {
  const { terminal } = await enter(host, host.people.alice);
  fill();
  terminal.type('seq 1 200000\r');
  const { code } = await terminal.exit;
  expect(plain(terminal.text)).toContain(
    'the recording cannot be written, so the line was cut. [RECORDING_DOWN] hint:',
  );
  expect(code).toBe(74);
  await eventually('it is journaled', ended('the recording could not be written'));
  rmSync(`${folder}/filler`);
  const back = await comeBack(host, host.people.alice);
  back.terminal.kill();
  await back.terminal.exit;
});

test('law 7: full before a visit, nobody comes in', async () => {
  fill();
  const seen = await seenOn(host.people.alice.ssh(['-t', 'prod-db']));
  expectCode(seen, 'RECORDING_DOWN', 74);
  expect(readdirSync(folder)).toContain('filler');
  rmSync(`${folder}/filler`);
  await expectInOrder(host);
});
