import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csv, factLines, table } from '../../../src/keeper/render.ts';
import { request } from '../core/sample.ts';

test('a reviewer sees who, from where, which session and account, why and for how long', () => {
  expect(factLines(request)).toEqual([
    '  Who       alice (alice@example.com)',
    '  From      10.0.0.7 (claimed)',
    '  Session   prod-db on prod-box, as dba',
    '  Reason    INC-1 look',
    '  For       30m',
    '  Asked     1970-01-01 00:16:40 UTC',
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
