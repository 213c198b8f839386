// The page of a recording out of a shared session, from the journal and the files of recordings: whose lines it has (src/recordings/page/collect),
// and that it can be read in both colours and in a narrow window.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRecording } from '../../src/adapters/recordings/open.ts';
import { sealRecording } from '../../src/adapters/recordings/seal.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { chainAfter, noChain } from '../../src/core/recording/ranges.ts';
import { catalogueOf } from '../../src/recordings/catalogue.ts';
import { readAssets } from '../../src/recordings/page/assets.ts';
import { besides, partsOf } from '../../src/recordings/page/collect.ts';
import { pageOf } from '../../src/recordings/page/page.ts';
import { top } from '../architecture/sources.ts';
import { Chromium } from '../harness/chromium.ts';
import { temporary, type Folder } from '../unit/gate/folder.ts';

/** Who was attached to which server, from when to when (seconds of 10:00), and what they typed, by the seconds of their own recording. */
interface Visit {
  readonly login: string;
  readonly server?: string;
  readonly from: number;
  readonly to: number;
  /** Lines; Enter comes with the text, or later. */
  readonly typed: readonly (readonly [at: number, text: string, enter?: number])[];
  readonly ending?: string;
  /** The identity that it is encrypted to. */
  readonly sealedTo?: string;
}
const [identity, another] = [await generateX25519Identity(), await generateX25519Identity()];
const visits: readonly Visit[] = [
  { login: 'alice', from: 0, to: 600, typed: [[10, 'before carol came'], [55, 'begun before', 65], [90, 'with carol'], [500, 'after carol left']] }, // prettier-ignore
  { login: 'carol', from: 60, to: 300, typed: [[5, 'as carol'], [100, 'and again']] }, // prettier-ignore
  { login: 'dave', server: 'other', from: 60, to: 300, typed: [[5, 'on another server']] },
  { login: 'erin', from: 700, to: 800, typed: [[5, 'when all had left']] },
  { login: 'frank', from: 60, to: 300, typed: [], ending: '.cast.zst.age' },
  { login: 'grace', server: 'sealed', from: 0, to: 300, typed: [[10, 'as grace']], sealedTo: identity },
  { login: 'heidi', server: 'sealed', from: 60, to: 300, typed: [[5, 'as heidi']], sealedTo: identity },
  { login: 'ivan', server: 'sealed', from: 60, to: 300, typed: [[5, 'as ivan']], sealedTo: another },
];

let folder: Folder;
let chromium: Chromium;
beforeAll(async () => {
  folder = temporary();
  for (const name of ['journal', 'recordings/2026-11-29']) mkdirSync(join(folder.path, name), { recursive: true });
  writeFileSync(join(folder.path, 'journal/journal.jsonl'), visits.flatMap(journaled).join(''));
  for (const visit of visits)
    writeFileSync(join(folder.path, `recordings/2026-11-29/${idOf(visit)}${visit.ending ?? '.cast'}`), castOf(visit));
  for (const visit of visits) await sealed(visit);
  chromium = new Chromium();
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Encrypts what is to be encrypted, as the keeper does. */
async function sealed(visit: Visit): Promise<void> {
  if (visit.sealedTo === undefined) return;
  const [base, text] = [join(folder.path, `recordings/2026-11-29/${idOf(visit)}`), castOf(visit)];
  const recipients = [await identityToRecipient(visit.sealedTo)];
  const bytes = Buffer.byteLength(text);
  await sealRecording({ base, cuts: [bytes], chain: chainAfter(noChain, sha256(text), sha256), recipients });
  rmSync(`${base}.cast`);
}

const idOf = ({ login }: Visit): string => `${login.toUpperCase()}000001`.slice(0, 10);

function journaled(visit: Visit): readonly string[] {
  const { login, server = 'shared', from, to } = visit;
  const identity = { claim: `${login}.with.a.long.name@engineering.corp.example` };
  const facts = {
    connection: idOf(visit),
    login,
    identity,
    session: 'prod-db',
    server,
    reason: 'INC-1 the disk is full',
  };
  const line = (event: string, at: number): string =>
    `${JSON.stringify({ at: new Date(Date.UTC(2026, 10, 29, 10, 0, at)), event, ...facts })}\n`;
  return [line('connected', from), line('disconnected', to)];
}

function castOf({ typed }: Visit): string {
  const lines = typed.flatMap(([at, text, enter = at]) => [
    [at, 'i', text],
    [enter, 'i', '\r'],
    [enter + 1, 'o', `$ \u001b[32m${text}\u001b[m ${'and a long answer '.repeat(9)}\r\n`],
  ]);
  const head = { version: 2, width: 160, height: 24, timestamp: 1_795_946_400, title: 'prod-db on prod-box', env: {} };
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Opens the page of somebody's recording. @returns its text */
async function opened(login: string, colours: 'light' | 'dark' = 'light', key?: string): Promise<string> {
  const at = (name: string): string => join(folder.path, name);
  const connections = at('connections');
  const places = { journal: at('journal'), recordings: at('recordings'), connections, holds: at('holds.json') };
  const all = await catalogueOf(places, () => false);
  const [facts] = all.filter((one) => one.login === login);
  if (facts?.base === undefined) throw new Error(`no recording of ${login}`);
  const recording = await openRecording(facts.base, key === undefined ? {} : { identity: key });
  const others = besides(all, facts, key !== undefined);
  const parts = await partsOf(recording, { facts, others, connections, identity: key });
  await recording.close();
  const page = pageOf(parts, await readAssets(`${top}/dist/usr/lib/tmux-gate`));
  await chromium.open(page, colours);
  return page;
}

/** Each person of the timeline, with what their marks say. */
const lanes = async (): Promise<unknown> =>
  chromium.run(`Object.fromEntries([...document.querySelectorAll('.lane')].map((lane) => [
    lane.getAttribute('aria-label').split(' ')[0], [...lane.querySelectorAll('.mark')].map(({ title }) => title)]))`);
const lists = async (): Promise<unknown> =>
  chromium.run(`[...document.querySelectorAll('details')].map((one) => [
    one.querySelector('summary').textContent.split(' ')[0],
    ...[...one.querySelectorAll('code')].map((code) => code.textContent)])`);

test('who was attached to the same server at the same time has a lane, with their own lines on the clock of this recording', async () => {
  await opened('alice');
  expect(await lanes()).toEqual({
    alice: ['0:10  before carol came', '0:55  begun before', '1:30  with carol', '8:20  after carol left'],
    carol: ['1:05  as carol', '2:40  and again'],
  });
  expect(await lists()).toEqual([
    ['alice', 'before carol came', 'begun before', 'with carol', 'after carol left'],
    ['carol', 'as carol', 'and again'],
  ]);
});

test('what others typed before this person came, or after they left, is not on their page; a line that they ended meanwhile is', async () => {
  await opened('carol');
  expect(await lanes()).toEqual({
    carol: ['0:05  as carol', '1:40  and again'],
    alice: ['0:00  begun before', '0:30  with carol'],
  });
  await opened('erin');
  expect(await lanes()).toEqual({ erin: ['0:05  when all had left'] });
});

test('with an identity, encrypted recordings of others have lanes too; those that it does not open have none', async () => {
  await opened('grace', 'light', identity);
  expect(await lanes()).toEqual({ grace: ['0:10  as grace'], heidi: ['1:05  as heidi'] });
});

test('a moment behind a long silence is shown as it was then', async () => {
  await opened('alice');
  const shown = await chromium.run(`new Promise((done) => {
    [...document.querySelectorAll('#rows .when')].find(({ textContent }) => textContent === '1:31').click();
    const look = (text = document.querySelector('.ap-player')?.innerText ?? '') =>
      text.includes('with carol') ? done(text.match(/before|with|after/g)) : setTimeout(look, 20);
    look();
  })`);
  expect(shown).toEqual(['before', 'before', 'with']); // each line up to there
});

test('the policy lets the two scripts and the style of the page in, and nothing else', async () => {
  const page = await opened('alice');
  const digest = "'sha256-[A-Za-z0-9+/]{43}='";
  expect(/<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page)?.[1]).toMatch(
    new RegExp(
      `^default-src 'none'; script-src 'wasm-unsafe-eval' ${digest} ${digest}; style-src ${digest}; base-uri 'none'; form-action 'none'$`,
    ),
  );
  const tried = await chromium.run(`new Promise((done) => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "script"';
    document.body.append(script);
    document.body.setAttribute('onclick', 'document.title = "handler"');
    document.body.click();
    setTimeout('document.title = "timer"');
    setTimeout(() => fetch('data:,x').then(() => done('fetched'), () => done(document.title)), 50);
  })`);
  expect(tried).toBe('alice in prod-db on prod-box');
});

/** Elements that stand out of the window, and texts whose contrast is below 4.5 (WCAG 2.2, 1.4.3), outside of the recorded screen. */
const faults = `(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3)
      .map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    return backgroundColor.startsWith('rgba') ? behind(element.parentElement) : backgroundColor;
  };
  const own = [...document.querySelectorAll('body, body *:not(script)')].filter((element) => !element.closest('#player *'));
  const contrast = (element) => {
    const [one, other] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
  };
  const out = ({ left, right }) => left < 0 || right > document.documentElement.clientWidth;
  const seen = own.filter((element) => element.getClientRects().length > 0);
  return {
    wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    out: seen.filter((element) => out(element.getBoundingClientRect())).map((element) => element.className),
    pale: seen.filter((element) => element.innerText?.trim() && contrast(element) < 4.5).map((element) => element.outerHTML.slice(0, 200)),
    texts: seen.length > 20,
    paper: getComputedStyle(document.body).backgroundColor,
  };
})()`;
const sound = { wider: 0, out: [], pale: [], texts: true };

test('light and dark, wide and narrow: nothing stands out of the window, and each text can be told from what is behind it', async () => {
  await opened('alice');
  await chromium.run('document.querySelectorAll("details").forEach((one) => (one.open = true))');
  await chromium.run(
    '(() => { const search = document.querySelector("#search"); search.value = "carol"; search.dispatchEvent(new Event("input")); })()',
  );
  for (const width of [1280, 400]) {
    await chromium.look('light', width);
    expect(await chromium.run(faults)).toEqual({ ...sound, paper: 'rgb(255, 255, 255)' });
    await chromium.look('dark', width);
    expect(await chromium.run(faults)).toEqual({ ...sound, paper: 'rgb(13, 17, 23)' });
  }
});
