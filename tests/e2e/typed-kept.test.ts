// `record: output+input`: what a person types at a shell and in an editor is in their own recording, whole, and nobody else's keys are.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { basename } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { Chromium } from '../harness/chromium.ts';
import { recordingOf, typedHost, typedIn, TypedSession } from '../harness/typed-session.ts';
import { endIt, letIn, type Waiting } from '../harness/visits.ts';

let host: Host;
let mine: TypedSession;

beforeAll(async () => {
  host = await typedHost({ prefix: 'tku', people: { carol: ['engineers'] } });
  mine = await TypedSession.open(host);
});
afterAll(async () => host[Symbol.asyncDispose]());

test('twenty lines at a shell that has shown its prompt are kept as they were typed, each key once', async () => {
  const [from, marked] = [mine.typed().length, mine.markers().length];
  let sent = '';
  const type = (text: string): void => {
    mine.terminal.type(text);
    sent += text;
  };
  type('\u0015');
  for (let n = 0; n < 20; n += 1) {
    const before = mine.prompts();
    for (const key of `: line-${n} "größe" | grep -c x`) type(key);
    type('\r');
    await eventually('the next prompt', () => mine.prompts() > before);
  }
  // What is erased is seen first, where somebody types by hand.
  for (const line of [': teh\u007f\u007fhe', ' end']) {
    await mine.byHand(line);
    sent += line;
  }
  await eventually('the last keys are kept', () => mine.typed().endsWith(' end'));
  expect(mine.typed().slice(from)).toBe(sent);
  expect(mine.markers().slice(marked)).toEqual([]);
  mine.terminal.type('\u0015');
});

test('what is typed at vim is kept whole, and a paste is marked', async () => {
  const { terminal } = mine;
  const before = mine.prompts();
  mine.start('vim -u NONE ~/note');
  await terminal.until('~/note');
  const keys = ['i', 'hello ', 'world', '\u001b', 'dd', 'p', ':wq!\r'];
  for (const key of keys) {
    terminal.type(key);
    await eventually(`${key} is recorded`, () => mine.typed().endsWith(key));
  }
  await mine.shellReads(before);
  terminal.type('\u001b[200~ one two\u001b[201~');
  await eventually('the paste is marked', () => mine.markers().includes('pasted 8 characters'));
  await eventually('its keys are kept, after a look at the terminal', () => mine.typed().endsWith('\u001b[201~'));
  expect(mine.typed()).toContain(`${keys.join('')}${mine.back}\u001b[200~ one two\u001b[201~`);
  terminal.type('\u0003');
});

test('of two people who type in turns, each recording has what its person typed, key by key', async () => {
  const { alice, carol = alice } = host.people;
  const other = await letIn(host, carol, { session: 'prod-in' });
  const file = recordingOf(host, carol.login);
  const typed = (which = mine.recording): string => typedIn(which);
  expect(file).not.toBe(mine.recording);
  // While a client attaches, its terminal may be without echo for a moment: such keys are not kept, which a marker tells.
  await eventually('what she types is kept', () => {
    other.terminal.type('w');
    return typed(file).includes('w');
  });
  other.terminal.type('\u0015');
  await eventually('up to here', () => typed(file).endsWith('\u0015'));
  const sent = { [alice.login]: '', [carol.login]: '' };
  const from = { [alice.login]: typed().length, [carol.login]: typed(file).length };
  const type = (who: Person, terminal: Waiting['terminal'], text: string): void => {
    terminal.type(text);
    sent[who.login] = `${sent[who.login]}${text}`;
  };
  mine.terminal.type('');
  for (let n = 0; n < 500; n++) {
    const key = String.fromCharCode(97 + (n % 26));
    type(alice, mine.terminal, key);
    type(carol, other.terminal, key.toUpperCase());
    if (n % 25 === 24) {
      await eventually("alice's so far", () => typed().slice(from[alice.login]) === sent[alice.login]);
      await eventually("carol's so far", () => typed(file).slice(from[carol.login]) === sent[carol.login]);
    }
    if (n % 100 === 99) {
      type(n % 200 === 99 ? alice : carol, n % 200 === 99 ? mine.terminal : other.terminal, '\u0015');
    }
  }
  await eventually("alice's is whole", () => typed().slice(from[alice.login]) === sent[alice.login], 15_000);
  await eventually("carol's is whole", () => typed(file).slice(from[carol.login]) === sent[carol.login], 15_000);
  mine.terminal.type('\u0015');
  other.terminal.type('\u0015: of-carol\r');
  await eventually("carol's line", () => typed(file).endsWith(': of-carol\r'));
  mine.terminal.type(': of-alice\r');
  await eventually("alice's line", () => typed().endsWith(': of-alice\r'));
  await endIt(host, other);

  const { stdout: page, ...said } = await host.cli(['export', basename(file, '.cast'), '--html', '--reason', 'INC-2']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  await using chromium = new Chromium();
  await chromium.open(page);
  const lanes = await chromium.run(`Object.fromEntries([...document.querySelectorAll('.lane')].map((lane) => [
    lane.getAttribute('aria-label').split(' ')[0], [...lane.querySelectorAll('.mark')].map(({ title }) => title.replace(/^.*?  /, ''))]))`);
  expect(lanes).toMatchObject({ [carol.login]: [': of-carol'], [alice.login]: [': of-alice'] });
});
