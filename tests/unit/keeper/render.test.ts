import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csv } from '../../../src/core/csv.ts';
import { approvalOf } from '../../../src/keeper/render.ts';
import { json, table } from '../../../src/wire/listing.ts';
import { factLines } from '../../../src/core/messages/request.ts';
import { breakGlassPerson } from '../../../src/core/break-glass.ts';
import { person, request } from '../core/sample.ts';
import { widthOf } from '../../../src/wire/width.ts';

test('a cell computes nothing, whichever delimiter a spreadsheet splits at', () => {
  expect(csv(['h'], [['INC-1 look;=1+1', 'a; @b', ' =1', 'x|-2', 'a=b; c', 'a,=b']])).toEqual([
    'h',
    `"INC-1 look;'=1+1","a; '@b"," '=1","x|'-2",a=b; c,"a,'=b"`,
  ]);
});

test('law 9: nothing that a requester wrote can repaint what a reviewer sees', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 500 });
  fc.assert(
    fc.property(hostile, hostile, hostile, (reason, address, claim) => {
      const facts = { ...request, reason, address, who: { ...request.who, claim } };
      const lines = [...factLines(facts), ...table(['a', 'b'], [[reason, address]])];
      expect(lines.join('')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(factLines(facts)).toHaveLength(6);
    }),
  );
});

test('JSON has one form for times: instants in ISO 8601 UTC, durations in whole seconds', () => {
  const row = { since: 1_500, end: null, durationMs: 90_001, idle: { warnMs: 60_000 }, of: [{ at: 0, n: 7 }] };
  expect(JSON.parse(json([row]))).toEqual([
    {
      ...{ since: '1970-01-01T00:00:01.500Z', end: null, durationSeconds: 91, idle: { warnSeconds: 60 } },
      of: [{ at: '1970-01-01T00:00:00.000Z', n: 7 }],
    },
  ]);
});

test('who approved: people, a rule, or nobody', () => {
  const [bob, broke] = [person('bob'), breakGlassPerson('alice', 'ABCD')];
  expect(approvalOf({ who: bob, approvers: [bob, person('carol')] })).toBe('bob, carol');
  expect(approvalOf({ who: bob, approvers: [], auto: 'rota' })).toBe('rule rota');
  expect(approvalOf({ who: broke, approvers: [] })).toBe('break-glass');
});

test('a table that is wider than the terminal puts the last cell under the others, or lists the cells of each row', () => {
  const head = ['ID', 'WHO', 'WHY'];
  const rows = [
    ['A1', 'alice', 'INC-1 look'],
    ['B2', 'bob', ''],
  ];
  expect(table(head, rows, 21)).toEqual(table(head, rows));
  expect(table(head, rows, 9)).toEqual(['ID  WHO', '  WHY', 'A1  alice', '  INC-1 look', 'B2  bob', '']);
  expect(table(head, rows, 8)).toEqual(['ID   A1', 'WHO  alice', 'WHY  INC-1 look', '', 'ID   B2', 'WHO  bob', 'WHY']);
});

test('a table takes rows that are shorter or longer than its head, and no columns at all', () => {
  const more = ['B2', 'bob', 'x', 'y'];
  expect(table(['ID', 'WHO'], [['A1'], more])).toEqual(['ID  WHO', 'A1', 'B2  bob  x  y']);
  expect(table(['ID', 'WHO'], [more], 1)).toEqual(['ID   B2', 'WHO  bob', '     x', '     y']);
  expect(table([], [], 80)).toEqual(['']);
});

test('a table is as wide as its cells, and its last column as long as it likes', () => {
  expect(
    table(
      ['id', 'why'],
      [
        ['K7QF', 'x'],
        ['M2', 'a longer one'],
      ],
    ),
  ).toEqual(['id    why', 'K7QF  x', 'M2    a longer one']);
});

test('a CSV file computes nothing, and a spreadsheet reads back what was written', () => {
  const rows = [['=HYPERLINK("x")', '+1', '-1', '@a', 'a,b', 'say "hi"', 'plain', ' padded ', "it's"]];
  expect(csv(['h'], rows)).toEqual([
    'h',
    `"'=HYPERLINK(""x"")","'+1","'-1","'@a","a,b","say ""hi""",plain," padded ","it's"`,
  ]);
});

test('columns line up where a cell has wide characters', () => {
  const [head = '', row = ''] = table(['who', 'why', 'n'], [['alice', '\u672c\u756a\u969c\u5bb3', '7']]);
  expect(widthOf(row.slice(0, row.indexOf('7')))).toBe(head.indexOf('n'));
});
