// What a person can be refused with is in docs/refusals.md, and what is there exists: checked both ways.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusalsDocument } from '../../scripts/docs/refusals.ts';
import { refusals } from '../../src/core/refusals.ts';
import { sources, top } from './sources.ts';

const manual = readFileSync(join(top, 'docs/refusals.md'), 'utf8');

/** The rows of its tables, cell by cell, without their heads. */
const rows = manual
  .split('\n')
  .filter((text) => text.startsWith('| `'))
  .map((row) => {
    const cells = row.split(/(?<!\\)\|/).slice(1, -1);
    return cells.map((cell) => cell.trim());
  });

test('docs/refusals.md is what the code says (scripts/refusals-doc.ts --write)', () => {
  expect(manual).toBe(refusalsDocument());
});

test('each code is there once with its exit code, its sentence, its hint and its meaning, and no other code', () => {
  const told = rows.map(([code = '', exit]) => [code.replaceAll('`', ''), Number(exit)]);
  expect(told).toHaveLength(Object.keys(refusals).length);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(Object.entries(refusals).map(([code, { exit }]) => [code, exit])),
  );
  for (const [code = '', , say = '', hint = '', meaning = ''] of rows)
    expect({ code, said: say.length > 5, hinted: hint !== '', meant: meaning.length > 10 }).toEqual({
      code,
      said: true,
      hinted: true,
      meant: true,
    });
});

test('each can be met: some code refuses with it', () => {
  const text = sources('src/**/*.ts')
    .filter(({ path }) => !path.startsWith('src/core/refusals'))
    .map((source) => source.text)
    .join('\n');
  const unmet = Object.keys(refusals).filter((code) => !text.includes(`'${code}'`));
  expect(unmet).toEqual([]);
});
