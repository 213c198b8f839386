// The page of a recording in a real Chromium without a network: it shows everything, asks for nothing, and runs nothing of a recording.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pageOf } from '../../src/recordings/page/page.ts';
import type { PageAssets } from '../../src/recordings/page/page.ts';
import type { PageData } from '../../src/recordings/page/page-data.ts';
import { readAssets } from '../../src/recordings/page/assets.ts';
import { Chromium } from '../harness/chromium.ts';
import { pixelsOf, type Pixels } from '../harness/png.ts';
import { top } from '../architecture/sources.ts';

const evil = [
  '</script><script>document.title = "ran"</script><img src=x onerror="document.title=1">',
  '\u001b]8;;javascript:document.title=2\u0007link\u001b]8;;\u0007 \u001b]52;c;cHduZWQ=\u0007 \u001b]2;title\u0007',
  '\u009b31mC1\u009c \u001bP+q544e\u001b\\ \u001b_apc\u001b\\ \u001b^pm\u001b\\',
  'rm \u202e-fr\u202c \u2066x\u2069 \u05d0\u05d1\u05d2 \u0628\u0629\u062a <!-- ]]> --> &lt;',
];

const events = [
  [0.5, 'o', '$ kubectl get pods\r\n'],
  [1, 'i', 'kubectl get pods\r'],
  [2, 'm', '5 minutes left <b>'],
  ...evil.map((text, at) => [3 + at, 'o', `${text}\r\n`]),
  [9, 'r', '100x30'],
  [10, 'o', 'web-1 Running \u65e5\u672c\r\n'],
];
const head = { version: 2, width: 80, height: 24, timestamp: 1_795_996_800, env: { TERM: 'xterm-256color' } };

const data: PageData = {
  cast: [head, ...events].map((line) => `${JSON.stringify(line)}\n`).join(''),
  length: 10,
  markers: [{ at: 2, text: '5 minutes left <b>' }],
  lanes: [
    { person: 'alice', typed: [{ at: 1, text: 'kubectl get pods' }] },
    { person: 'carol <img src=x>', typed: evil.map((text, at) => ({ at, text })) },
  ],
  rows: [
    { at: 0.5, text: '$ kubectl get pods' },
    ...evil.map((text, at) => ({ at: 3 + at, text })),
    ...Array.from({ length: 600 }, (_, at) => ({ at: 10, text: `row ${at}` })),
  ],
};

let assets: PageAssets;
let page: string;
let chromium: Chromium;

beforeAll(async () => {
  assets = await readAssets(`${top}/dist/usr/lib/tmux-gate`);
  page = pageOf({ title: 'alice in prod-db <b>&"', facts: [['Reason', `INC-7 ${evil[0] ?? ''}`]], data }, assets);
  chromium = new Chromium();
  await chromium.open(page, 'dark');
});
afterAll(async () => chromium[Symbol.asyncDispose]());

test('without its recording it is at most 400 kB, and names nothing outside', () => {
  const none = pageOf(
    { title: '', facts: [], data: { cast: '', length: 0, markers: [], lanes: [], rows: [] } },
    assets,
  );
  expect(none.length).toBeLessThan(400_000);
  // The digests of the policy for scripts and styles may hold any two characters.
  const policy = none.replaceAll(/'sha256-[\w+/]{43}='/g, '');
  const own = policy.replace(assets.player, '').replace(assets.playerStyle, '');
  expect(own).not.toMatch(/https?:|\/\/[a-z]|@import|url\(/i);
});

test('it asks for nothing, says nothing in the console, and nothing of the recording ran', async () => {
  await chromium.run('new Promise((done) => document.querySelector(".row .when").click() ?? setTimeout(done, 0))');
  expect(chromium.requests).toEqual([]);
  expect(chromium.said).toEqual([]);
  expect(await chromium.run('document.title')).toBe('alice in prod-db <b>&"');
  expect(await chromium.run('document.querySelectorAll("img, a[href], iframe").length')).toBe(0);
});

test('it has the facts, a lane for each person, markers, and what stood on the screen', async () => {
  const text = String(await chromium.run('document.body.innerText'));
  expect(text).toContain('INC-7 </script>');
  const lanes = await chromium.run(
    '[...document.querySelectorAll(".lane")].map((lane) => lane.getAttribute("aria-label"))',
  );
  expect(lanes).toEqual(['markers', 'alice', 'carol <img src=x>']);
  expect(await chromium.run('document.querySelectorAll(".lane")[1].querySelector(".mark").title')).toBe(
    '0:01  kubectl get pods',
  );
  expect(await chromium.run('document.querySelectorAll("#rows .row").length')).toBe(500);
  expect(await chromium.run('document.querySelector("#found").textContent')).toMatch(/^605 of 605 rows; the first 500/);
});

test('a search finds rows, by the keyboard alone, and Enter shows the moment', async () => {
  const press = (key: string): string =>
    `(document.activeElement ?? document).dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }))`;
  await chromium.run(press('/'));
  expect(await chromium.run('document.activeElement.id')).toBe('search');
  await chromium.run(
    'document.activeElement.value = "ROW 59"; document.activeElement.dispatchEvent(new Event("input"))',
  );
  expect(await chromium.run('document.querySelector("#found").textContent')).toBe('11 of 605 rows');
  expect(await chromium.run('document.querySelector("#rows mark").textContent')).toBe('row 59');
  await chromium.run(press('Enter'));
  const shown = `new Promise((done) => {
    const look = () => document.querySelector('.ap-player')?.innerText.includes('Running') ? done(true) : requestAnimationFrame(look);
    look();
  })`;
  expect(await chromium.run(shown)).toBe(true);
});

test('text of every script is read in the order in which it stood', async () => {
  await chromium.run('document.activeElement.value = "rm "; document.activeElement.dispatchEvent(new Event("input"))');
  const lefts = await chromium.run(`(() => {
    const walker = document.createTreeWalker(document.querySelector('#rows code'), NodeFilter.SHOW_TEXT);
    const lefts = [];
    for (let node; (node = walker.nextNode()); )
      for (let at = 0; at < node.length; at += 1) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        lefts.push(range.getBoundingClientRect().left);
      }
    return lefts;
  })()`);
  expect(lefts).toEqual([...(lefts as number[])].sort((a, b) => a - b));
  expect((lefts as number[]).length).toBeGreaterThan(20);
  expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
});

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const light = (pixel: readonly number[]): number => (Math.min(...pixel) + Math.max(...pixel)) / 2;

/** How many in a hundred of the pixels in a box are far from the background: letters. */
function inked(picture: Pixels, { left, right, top: from, bottom }: Box): number {
  const paper = light(picture.at(0, 0));
  const end = Math.min(bottom, picture.height);
  let [ink, all] = [0, 0];
  for (let y = Math.ceil(from); y < end; y += 1)
    for (let x = Math.ceil(left); x < right; x += 1, all += 1)
      if (Math.abs(light(picture.at(x, y)) - paper) > 100) ink += 1;
  return (100 * ink) / all;
}

const boxOf = async (selector: string): Promise<Box> =>
  (await chromium.run(`document.querySelector('${selector}').getBoundingClientRect().toJSON()`)) as Box;

test.each([
  ['light', 390],
  ['light', 1280],
  ['dark', 390],
  ['dark', 1280],
] as const)(
  'a picture of it, %s, %d pixels wide: paper of that colour, letters on it, and nothing cut',
  async (colours, width) => {
    await chromium.look(colours, width);
    for (const [selector, holder] of [
      ['h1', 'header'],
      ['dl', 'header'],
      ['#timeline-title', 'main'],
      ['#rows', 'main'],
    ] as const) {
      await chromium.run(`document.querySelector('${selector}').scrollIntoView()`);
      const picture = pixelsOf(await chromium.picture());
      expect([picture.width, picture.height]).toEqual([width, 800]);
      const paper = picture.at(0, 400); // beside everything
      if (colours === 'light') expect(Math.min(...paper)).toBeGreaterThan(240);
      else expect(Math.max(...paper)).toBeLessThan(40);
      const box = await boxOf(selector);
      const ink = inked(picture, box);
      expect([selector, ink > 1, ink < 40]).toEqual([selector, true, true]);
      const outer = await boxOf(holder);
      expect(box.left >= outer.left && box.right <= outer.right).toBe(true);
    }
    const player = await boxOf('#player');
    expect(player.bottom - player.top).toBeLessThanOrEqual(800); // its controls are at the bottom
    expect(await chromium.run('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    );
  },
);
