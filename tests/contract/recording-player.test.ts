// Playing a recording on disk: keyframes show the screen as it was, and are made again when they are not of this recording.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecording, type Recording } from '../../src/adapters/recordings/open.ts';
import { SeekableWriter } from '../../src/adapters/recordings/zstd-seekable.ts';
import { openKeyframes } from '../../src/recordings/keyframes.ts';
import { draw, keepKeyframes, keyframesOf } from '../../src/recordings/make-keyframes.ts';
import { Painter } from '../../src/recordings/paint.ts';
import { Player, playerKeys } from '../../src/recordings/player.ts';
import { Screen } from '../../src/recordings/screen.ts';
import { startOf } from '../../src/recordings/start.ts';
import { lengthOf, Timeline } from '../../src/recordings/timeline.ts';

let folder: string;
let base: string;
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'player-'));
  base = join(folder, 'AZPT0Y3FCS');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

const header = '{"version":2,"width":60,"height":12,"timestamp":1796000000,"env":{"TERM":"tmux"}}\n';
const esc = '\u001b';

/** What a tmux client prints: cells at places, scroll regions, colours that stay on, line drawing, a resize now and then. */
function pieceAt(n: number): readonly [string, string] {
  if (n % 97 === 50) return ['r', n % 2 === 0 ? '60x12' : '50x14'];
  if (n % 40 === 1) return ['m', `mark ${n}`];
  const place = `${esc}[${(n % 12) + 1};${((n * 7) % 40) + 1}H`;
  const kinds = [
    `${place}cell ${n}`,
    `${esc}[2;${8 + (n % 3)}r${esc}[9S`,
    `${place}${esc}[3${n % 8};1m${n} 日本`,
    `${esc}[${n % 2}m`,
    `${place}${esc}(0lqk${n % 3 === 0 ? `${esc}(B` : ''}`,
    `${esc}[?25${n % 4 === 1 ? 'l' : 'h'}\r\n${n}`,
    n % 20 === 6 ? `${esc}[?1049${n % 3 === 0 ? 'l' : 'h'}` : `${place}${esc}[K`,
  ];
  return ['o', kinds[n % kinds.length] ?? ''];
}

const lineAt = (n: number): string => `${JSON.stringify([n / 10, ...pieceAt(n)])}\n`;
const linesOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => lineAt(from + at)).join('');

async function sealedOf(ranges: readonly string[]): Promise<Recording> {
  const writer = new SeekableWriter();
  const frames = ranges.map((range) => writer.frame(Buffer.from(range)));
  writeFileSync(`${base}.cast.zst`, Buffer.concat([...frames, writer.table()]));
  return opened();
}

/** A sealed recording of 600 events, 50 a range. */
async function sealed(): Promise<Recording> {
  const ranges = Array.from({ length: 12 }, (_, n) => linesOf(50 * n, 50 * (n + 1)));
  return sealedOf([`${header}${ranges[0] ?? ''}`, ...ranges.slice(1)]);
}

async function opened(): Promise<Recording> {
  const recording = await openRecording(base);
  open.push(recording);
  return recording;
}

const never = new AbortController().signal;
const keyframes = async (recording: Recording): Promise<Awaited<ReturnType<typeof openKeyframes>>> => {
  const made = await openKeyframes(base, recording, () => undefined, never);
  open.push(made);
  return made;
};

/** All of a screen: what stands on it, in which colours, and what a program that goes on would find. */
function stateOf({ screen }: Timeline): unknown {
  return [new Painter({ cols: 60, rows: 15 }, true).paint(screen, ''), screen.state.replace(/^\S*?r/, '')];
}

test('a jump shows the screen as it was, and what follows as it came', async () => {
  const recording = await sealed();
  const drawn = new Timeline(recording, async () => Promise.reject(new Error('no keyframe is needed')));
  const jumped = new Timeline(recording, async () => keyframes(recording));
  for (const at of [2.05, 5, 17.33, 31, 44.9, 59]) {
    await drawn.playTo(at);
    await jumped.seek(0);
    await jumped.seek(at);
    expect([at, stateOf(jumped)]).toEqual([at, stateOf(drawn)]);
    await jumped.playTo(at + 0.5);
    await drawn.playTo(at + 0.5);
    expect([at, stateOf(jumped)]).toEqual([at, stateOf(drawn)]);
  }
  await jumped.seek(12.3);
  expect(jumped.marker).toBe('mark 121');
  drawn.dispose();
  jumped.dispose();
});

test('within a range of a MiB there are several places to begin', async () => {
  const long = (n: number): string =>
    `${JSON.stringify([n, 'o', `${esc}[${(n % 12) + 1};1H${'x'.repeat(1000)} ${n}`])}\n`;
  writeFileSync(`${base}.cast`, header + Array.from({ length: 900 }, (_, n) => long(n)).join(''));
  const recording = await opened();
  const made = await keyframes(recording);
  const { place, screen } = await made.before(899);
  expect(recording.ranges).toHaveLength(1);
  expect(place.events).toBeGreaterThan(600);
  screen.dispose();
});

test('keyframes are kept beside a sealed recording, for root alone', async () => {
  await keyframes(await sealed());
  const before = readFileSync(keyframesOf(base));
  let told = 0;
  open.push(await openKeyframes(base, await opened(), () => told++, never));
  expect(told).toBe(0);
  expect(readFileSync(keyframesOf(base))).toEqual(before);
  expect(readdirSync(folder).sort()).toEqual(['AZPT0Y3FCS.cast.zst', 'AZPT0Y3FCS.keyframes']);
});

test.each([
  ['damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 20), Buffer.from('!'), bytes.subarray(21)])],
  ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5)],
  ['empty', () => Buffer.alloc(0)],
] as const)('keyframes whose file is %s do not change what is shown', async (_, change) => {
  const recording = await sealed();
  await keyframes(recording);
  writeFileSync(keyframesOf(base), change(readFileSync(keyframesOf(base))));
  const drawn = new Timeline(recording, async () => Promise.reject(new Error('no keyframe is needed')));
  const jumped = new Timeline(recording, async () => keyframes(recording));
  await drawn.playTo(3);
  await jumped.seek(40);
  await jumped.seek(3);
  expect(stateOf(jumped)).toEqual(stateOf(drawn));
});

test('keyframes of another recording are not taken', async () => {
  await keyframes(await sealed());
  const before = readFileSync(keyframesOf(base));
  await keyframes(await sealedOf([header + linesOf(0, 90)]));
  expect(readFileSync(keyframesOf(base))).not.toEqual(before);
});

test('of a recording that is not sealed none are left on disk, since it may be encrypted yet', async () => {
  writeFileSync(`${base}.cast`, header + linesOf(0, 100));
  await keyframes(await opened());
  expect(readdirSync(folder)).toEqual(['AZPT0Y3FCS.cast']);
});

test('of a recording that is purged while they are made none are left', async () => {
  const recording = await sealed();
  await keepKeyframes(base, recording, async (events) => {
    const screen = new Screen({ cols: 60, rows: 12 });
    for await (const event of events(screen)) draw(screen, event);
    screen.dispose();
    rmSync(recording.path);
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a replay begins at a time, at a part, or at a text that stood on the screen', async () => {
  const recording = await sealed();
  expect(await lengthOf(recording)).toBe(59.9);
  const starts = ['12s', '1m30s', '0:07', '1:00:01', '50%', '100%', 'never there'];
  expect(await Promise.all(starts.map(async (from) => startOf(recording, from)))).toEqual([
    ...[12, 90, 7, 3601, 29.95, 59.9, undefined],
  ]);
  expect(Math.abs(((await startOf(recording, '303 日本')) ?? 0) - 30.3)).toBeLessThan(0.2);
});

test('of a live recording the events that come later are shown as well', async () => {
  writeFileSync(`${base}.cast`, header + linesOf(0, 20));
  const recording = await opened();
  const seen: number[] = [];
  let looks = 0;
  const more = async (): Promise<boolean> => {
    looks += 1;
    if (looks <= 3) await appendFile(`${base}.cast`, linesOf(10 + 10 * looks, 20 + 10 * looks));
    return looks <= 3;
  };
  for await (const { at } of recording.events(0, more)) seen.push(Math.round(at * 10));
  expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test('the player obeys its keys and ends with the one that leaves', async () => {
  const timeline = new Timeline(await sealed(), async () => keyframes(await opened()));
  const shown: string[] = [];
  const script: readonly (readonly [RegExp, string])[] = [
    [/ playing /, ' '], // slowly at first: at 64 times the speed a busy machine sees only the end
    [/ paused /, '.\f'], // a status that stays the same is painted again only when asked for
    [/ paused /, `${esc}[D-`],
    [/ paused .* 0\.5x /, ' +++++++'],
    [/ end /, `${esc}[C\f`],
    [/ end /, 'q'],
  ];
  let line = 0;
  const write = (text: string): void => {
    shown.push(text);
    const [expected, typed] = script[line] ?? [/^$/, ''];
    if (!expected.test(text)) return;
    line += 1;
    for (const key of playerKeys(typed)) player.press(key);
  };
  const player: Player = new Player(
    timeline,
    new Painter({ cols: 100, rows: 13 }, false),
    { write },
    {
      ...{ speed: 1, idleLimit: 1, length: 60, title: 'alice' },
    },
  );
  await player.run();
  expect(line).toBe(script.length);
  timeline.dispose();
});

test.each([
  [2, '0:58'],
  [10, '0:50'],
  [30, '0:30'],
])('of a silence of a minute the last %d seconds are played', async (idleLimit, goesOnAt) => {
  writeFileSync(`${base}.cast`, `${header}[0.0,"o","before"]\n[60.0,"o","after"]\n`);
  const timeline = new Timeline(await opened(), async () => keyframes(await opened()));
  const told: string[] = [];
  const write = (text: string): void => {
    const at = / (\d+:\d\d) \/ 1:00 /.exec(text)?.[1];
    if (at !== undefined) told.push(at);
    // So slow, no time to speak of passes until the silence is left out; the rest of it is played fast.
    if (told.length === 2 && at !== undefined) for (const key of playerKeys('++++++++')) player.press(key);
    if (text.includes('after')) player.press('quit');
  };
  const options = { speed: 0.25, idleLimit, length: 60, title: 'alice' };
  const player: Player = new Player(timeline, new Painter({ cols: 100, rows: 13 }, false), { write }, options);
  await player.run();
  expect(told.slice(0, 2)).toEqual(['0:00', goesOnAt]);
  timeline.dispose();
});

test('what a terminal sends is read as keys, one for a sequence or none', () => {
  expect(playerKeys(` .${esc}[C${esc}OD+=-\f`)).toEqual([
    ...['pause', 'step', 'forward', 'back', 'faster', 'faster', 'slower', 'repaint'],
  ]);
  expect(playerKeys(`${esc}[200~${esc}[15~${esc}[1;5Cxyz`)).toEqual([]);
  expect(['q', '\u0003', '\u0004'].flatMap(playerKeys)).toEqual(['quit', 'quit', 'quit']);
});
