// `find` on what a real tmux draws: each row that tmux says stood in a pane is found, however it came there, and a status line that changes all
// the time hides none of them.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { catchUp } from '../../src/recordings/search/catch-up.ts';
import { find, type Skipped } from '../../src/recordings/search/find.ts';
import { parsePattern } from '../../src/recordings/search/pattern.ts';
import { SearchIndex } from '../../src/recordings/search/search-index.ts';
import { RecordedTmux } from './find/recorded-tmux.ts';

const words = 'the quick brown fox jumps over the lazy dog while each of its rows is one that nobody else has';
const long = (n: number, length: number): string => `${String(n)}:${words.repeat(9)}`.slice(0, length);
const printed = (...texts: readonly string[]): string => texts.map((text) => `printf '${text}'`).join('\n');

type Scene = readonly [name: string, play: (tmux: RecordedTmux) => unknown];

const scenes: readonly Scene[] = [
  ['typed key by key', async (tmux) => tmux.type('echo typed one by one, with a mis\u007f\u007fword\r')],
  ['typed over the end of the row', async (tmux) => tmux.type(`: ${long(1, 190)}`)],
  ['and erased to the row before', async (tmux) => tmux.type('\u007f'.repeat(60))],
  [
    'wraps',
    (tmux) =>
      tmux.script('wraps', `clear\n${printed(`${long(2, 160)}\\n`, `${long(3, 161)}\\n`, `${long(4, 700)}\\n`)}`),
  ],
  [
    'a scroll region',
    (tmux) =>
      tmux.script(
        'region',
        `clear\n${printed('\\033[5;12r\\033[5H')}\nfor n in $(seq 40); do echo "region $n of 40"; done\n${printed('\\033[r\\033[20H')}`,
      ),
  ],
  [
    'much output',
    (tmux) => tmux.script('much', 'clear\nfor n in $(seq 900); do echo "line $n of much: $((n * n))"; done'),
  ],
  [
    'wide and combined characters',
    (tmux) =>
      tmux.script(
        'wide',
        `clear\n${printed('漢字かな交じり文 한국어 größe\\n', `${'漢'.repeat(39)}x字字\\n`, `x${'字'.repeat(45)}\\n`, 'e\\314\\201te\\314\\201 😀😀 done\\n', 'عربى עברית\\n')}`,
      ),
  ],
  [
    'lines drawn',
    (tmux) =>
      tmux.script('drawn', `clear\n${printed('┌─┐ box\\n', '\\033(0lqk\\033(B charset\\n', 'tab\\tstop\\there\\n')}`),
  ],
  [
    'lines and characters inserted and deleted',
    (tmux) =>
      tmux.script(
        'edited',
        `clear\nfor n in 1 2 3 4 5 6 7 8; do echo "row $n as it was"; done\n${printed('\\033[3H\\033[2Lin between\\033[6H\\033[2M\\033[2;5H\\033[4@four\\033[4;1H\\033[3P\\033[7;3H\\033[5X\\033[15H')}`,
      ),
  ],
  [
    'the alternate screen',
    (tmux) => tmux.script('pager', `clear\necho before the pager\nseq -f 'page row %g' 300 >rows\nLESS= less rows`),
  ],
  ['a page further', async (tmux) => tmux.type(' ')],
  ['ten rows back', async (tmux) => tmux.type('10k')],
  ['and out of it', async (tmux) => tmux.type('q')],
  ['an editor', async (tmux) => tmux.type('vim -u NONE -N rows\r')],
  ['edited', async (tmux) => tmux.type('5dd3jitext that was typed in an editor\u001bO and above it\u001b')],
  ['and left', async (tmux) => tmux.type(':q!\r')],
  [
    'output while the status changes',
    (tmux) => {
      tmux.script('ticks', 'clear; for n in $(seq 20); do echo "row $n while it ticks"; sleep 0.05; done');
      return tmux.churning(tmux.settledPanes());
    },
  ],
  ['keys while the status changes', async (tmux) => tmux.churning(tmux.type('echo typed while it ticks\r'))],
  ['a narrower screen', (tmux) => tmux.resize(57, 20)],
  ['with wraps', (tmux) => tmux.script('narrow', `clear\n${printed(`${long(5, 200)}\\n`)}`)],
  ['a wider screen', (tmux) => tmux.resize(120, 30)],
  ['two panes beside each other', async (tmux) => tmux.tmux('split-window', '-h')],
  [
    'with output in one',
    (tmux) => tmux.script('beside', 'clear; for n in $(seq 60); do echo "beside $n: ' + words.slice(0, 40) + '"; done'),
  ],
  ['three panes', async (tmux) => tmux.tmux('split-window', '-v')],
  [
    'with output in the lower one',
    (tmux) => tmux.script('below', 'clear; seq -f "below %g" 30; printf wrapped-%s ' + 'and-again-'.repeat(20)),
  ],
  ['one of them', async (tmux) => tmux.tmux('resize-pane', '-Z')],
  ['another window', async (tmux) => tmux.tmux('new-window', "printf 'second window\\n'; exec cat")],
];

let tmux: RecordedTmux;
let index: SearchIndex | undefined;
const stood: [scene: string, row: string][] = [];

beforeAll(async () => {
  tmux = new RecordedTmux('CORPUSAA', { cols: 80, rows: 24 });
  await tmux.settled();
  for (const [n, [name, play]] of scenes.entries()) {
    await play(tmux);
    for (const row of await tmux.settled()) stood.push([name, row]);
    if (n === 2) tmux.script('empty', 'clear');
  }
  await tmux.seal();
  index = SearchIndex.open(tmux.places.index);
  await catchUp(index, tmux.places);
});
afterAll(async () => {
  index?.[Symbol.dispose]();
  await tmux[Symbol.asyncDispose]();
});

/** An hour of a status line that changes each second, as tmux draws it. */
function anHourOfStatus(): readonly string[] {
  const clock = (n: number): string => new Date(n * 1000).toISOString().slice(11, 19);
  return Array.from({ length: 3600 }, (_, n) =>
    JSON.stringify([
      n,
      'o',
      `\u001b[24;1H[prod-db] 0:bash*  ${String(60 - Math.floor(n / 60))}m left ${clock(n)}\u001b[1;1H`,
    ]),
  );
}

/** Bytes of the index, with what was not moved into its file yet. */
const sizeOf = (index: string): number =>
  readdirSync(dirname(index)).reduce((sum, name) => sum + statSync(join(dirname(index), name)).size, 0);

async function isFound(row: string): Promise<boolean> {
  if (index === undefined) throw new Error('there is no index');
  const skipped: Skipped = { encrypted: 0, faults: [] };
  for await (const _ of find(index, tmux.places, { pattern: parsePattern(row, false), onlyTyped: false }, skipped))
    return true;
  return false;
}

test('each row that stood there is found', async () => {
  const missed: string[] = [];
  // tmux says which letters stand for lines; the screen showed the lines.
  const rows = new Map(stood.map(([scene, row]) => [row.replace('lqk charset', '┌─┐ charset'), scene]));
  for (const [row, scene] of rows) if (!(await isFound(row))) missed.push(`${scene}: ${row}`);
  expect(missed).toEqual([]);
  expect(rows.size).toBeGreaterThan(200);
});

test('a status line that changed all the time hid no row', async () => {
  expect(stood.filter(([scene]) => scene.includes('while the status')).length).toBeGreaterThan(20);
  expect(await isFound('tick-')).toBe(true);
});

test('an hour of a status line that changes each second takes little room in the index', async () => {
  const before = sizeOf(tmux.places.index);
  await tmux.add('STATUSAA', anHourOfStatus());
  if (index !== undefined) await catchUp(index, tmux.places);
  expect(sizeOf(tmux.places.index) - before).toBeLessThan(200_000);
});
