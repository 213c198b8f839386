// What indexes a recording leaves the keyframes of a long one, so that the first jump into it waits for nothing.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecording } from '../../../src/adapters/recordings/open.ts';
import { SeekableWriter } from '../../../src/adapters/recordings/zstd-seekable.ts';
import { openKeyframes } from '../../../src/recordings/keyframes.ts';
import { catchUp } from '../../../src/recordings/search/catch-up.ts';
import { SearchIndex } from '../../../src/recordings/search/search-index.ts';

let folder: string;
let day: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-indexed-'));
  day = join(folder, 'recordings/2026-11-28');
  mkdirSync(day, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const header = '{"version":2,"width":80,"height":24,"timestamp":1796000000,"env":{}}\n';
const event = (at: number, data: string): string => `${JSON.stringify([at, 'o', data])}\n`;

function sealed(id: string, ranges: readonly string[]): void {
  const writer = new SeekableWriter();
  const frames = ranges.map((range) => writer.frame(Buffer.from(range)));
  writeFileSync(join(day, `${id}.cast.zst`), Buffer.concat([...frames, writer.table()]));
}

async function indexed(): Promise<void> {
  using index = SearchIndex.open(join(folder, 'search/index.db'));
  await catchUp(index, { recordings: join(folder, 'recordings'), journal: join(folder, 'journal') });
}

test('of a long recording, and of no short one', async () => {
  sealed('K7QF2MAA', [header + event(1, '\u001b[2;1Hmysql>'), event(3, ' DROP TABLE'), event(9, '\u001b[2J')]);
  sealed('K7QF2MBB', [header + event(1, 'short')]);
  await indexed();
  expect(readdirSync(day).sort()).toEqual(['K7QF2MAA.cast.zst', 'K7QF2MAA.keyframes', 'K7QF2MBB.cast.zst']);
  const recording = await openRecording(join(day, 'K7QF2MAA'));
  const making = (): void => expect('they are made').toBe('they were made');
  const never = new AbortController().signal;
  const keyframes = await openKeyframes(join(day, 'K7QF2MAA'), recording, making, never);
  const { place, screen } = await keyframes.before(8);
  expect(place).toEqual({ range: 2, events: 0, at: 3 });
  expect(screen.lines()).toEqual([{ row: 1, text: 'mysql> DROP TABLE' }]);
  screen.dispose();
  await keyframes.close();
  await recording.close();
});

test('of a damaged recording none, and what is before the damage is found', async () => {
  sealed('K7QF2MAA', [header + event(1, 'before'), event(3, 'it') + 'broken\n', event(9, 'behind')]);
  await indexed();
  expect(readdirSync(day)).toEqual(['K7QF2MAA.cast.zst']);
  using index = SearchIndex.open(join(folder, 'search/index.db'));
  expect(index.recordings()[0]?.fault).toContain('is damaged');
  expect(index.candidates('("bef" AND "ore")', false).size).toBe(1);
});
