import { expect, test } from '@jest/globals';
import type { HistoryQuery } from '../../../src/keeper/history/query.ts';
import { answerOf } from '../../../src/keeper/history/render.ts';
import { Stories } from '../../../src/keeper/history/stories.ts';
import { person } from '../core/sample.ts';

const root: HistoryQuery = {
  scope: { person: undefined, sessions: [] },
  since: '2026-01-01T00:00:00.000Z',
  ...{ login: undefined, session: undefined, approver: undefined, form: 'json', columns: undefined },
};
const at = '2026-03-01T03:12:09.000Z';

function requested(request: string, fields: object = {}): Readonly<Record<string, unknown>> {
  const facts = { event: 'requested', at, request, who: person('alice'), session: 'prod-db', durationMs: 300_000 };
  return { ...facts, reason: 'INC-1 look', ...fields };
}

function told(query: Partial<HistoryQuery>, records: readonly Readonly<Record<string, unknown>>[]): string[] {
  const stories = new Stories({ ...root, ...query });
  records.forEach((record, index) => stories.take(record, index + 1, true));
  return stories.told().map(({ request }) => request);
}

const many = (count: number): readonly Readonly<Record<string, unknown>>[] =>
  Array.from({ length: count }, (_, n) => requested(`R${n}`));

test('of however many the newest are kept, in their order', () => {
  const stories = new Stories(root);
  many(20_000).forEach((record, index) => stories.take(record, index + 1, true));
  const shown = stories.told();
  expect(shown).toHaveLength(500);
  expect([shown[0]?.request, shown.at(-1)?.request, stories.isCut]).toEqual(['R19500', 'R19999', true]);
});

test('an approver is found among them, however few reviewed', () => {
  const reviewed = { event: 'reviewed', at, request: 'R7', verdict: 'approve', by: person('bob') };
  const records = [...many(8), reviewed, ...many(20_000).slice(8)];
  expect(told({ approver: 'bob' }, records)).toEqual(['R7']);
  expect(told({ approver: 'erin' }, records)).toEqual([]);
});

test('a person is told what is theirs and what they may review, and nothing else is collected', () => {
  const records = [
    requested('MINE00', { who: person('carol'), session: 'other' }),
    requested('REVIEW', { session: 'prod-db' }),
    requested('HIDDEN', { session: 'other' }),
    { event: 'granted', at, request: 'HIDDEN', grant: 'G1', start: 0, end: 1 },
  ];
  expect(told({ scope: { person: person('carol'), sessions: ['prod-db'] } }, records)).toEqual(['MINE00', 'REVIEW']);
});

test('an extension stands behind what it extends, once, whatever an edited journal says', () => {
  const granted = (request: string, grant: string): object => ({ event: 'granted', at, request, grant });
  const prolongs = (grant: string): object => ({ extends: { grant, until: 1 } });
  const records = [
    requested('A'),
    granted('A', 'GA'),
    requested('B'),
    requested('C', prolongs('GA')),
    granted('C', 'GC'),
    requested('D', prolongs('GC')),
    granted('D', 'GA'),
  ] as Readonly<Record<string, unknown>>[];
  expect(told({}, records)).toEqual(['A', 'C', 'D', 'B']);
});

test('connections of a story are bounded, and none is forgotten in the count', () => {
  const stories = new Stories({ ...root, form: 'table' });
  stories.take(requested('A'), 1, true);
  for (let n = 0; n < 1000; n++)
    stories.take({ event: 'connected', at, request: 'A', connection: `C${n}` }, n + 2, true);
  const [story] = stories.told();
  expect([story?.connections.length, story?.earlier]).toEqual([20, 980]);
  expect(answerOf(stories.told(), { ...root, form: 'table' }, false).lines[1]).toContain('1000x');
});

test('what is older than asked for, or of a form that nobody wrote, is none', () => {
  const odd = [{ event: 'requested', at, who: null }, { event: 'reviewed', at, request: 'A', by: 7 }, { at: 5 }];
  expect(told({}, [requested('OLD', { at: '2025-12-31T23:59:59.999Z' }), ...odd, requested('A'), ...odd])).toEqual([
    'A',
  ]);
});

test('a story that a doubtful record is part of says so in every form', () => {
  const stories = new Stories(root);
  stories.take(requested('A'), 1, true);
  stories.take(requested('B'), 2, true);
  stories.doubt(2);
  const shown = stories.told();
  expect(shown.map(({ verified }) => verified)).toEqual([true, false]);
  expect(JSON.parse(answerOf(shown, root, false).lines[0] ?? '')).toMatchObject([
    { verified: true },
    { verified: false },
  ]);
  expect(answerOf(shown, { ...root, form: 'csv' }, false).lines[2]).toMatch(/,NO$/);
  expect(answerOf(shown, { ...root, form: 'table' }, false).lines[2]).toContain('unanswered (NOT VERIFIED)');
});

test('one answer is bounded, the newest are in it, and it says that it is not all', () => {
  const stories = new Stories(root);
  for (let n = 0; n < 500; n++) stories.take(requested(`R${n}`, { reason: 'x'.repeat(4000) }), n + 1, true);
  const { lines, notes } = answerOf(stories.told(), root, false);
  const shown = JSON.parse(lines[0] ?? '') as { request: string }[];
  expect(lines.join('').length).toBeLessThan(512 * 1024);
  expect([shown.length < 100, shown.at(-1)?.request]).toEqual([true, 'R499']);
  expect(notes.join(' ')).toContain('Only the newest requests are shown');
});
