// A reader holds a function in mind or does not read it: the sizes of style.md, for everything, `main` included.
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { sources, walk, type Source } from './sources.ts';

const longestFile = 300;
const longestFunction = 60;
const medianFunction = 12;

const code = sources('{src,scripts,tests}/**/*.ts');
const product = code.filter(({ path }) => path.startsWith('src/'));

test(`no file is longer than ${longestFile} lines`, () => {
  const long = code.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
  expect(long.filter(({ lines }) => lines > longestFile)).toEqual([]);
});

/** Lines of each function that has a body, from its name to its end; one-line arrows are expressions, not functions. */
function functionsOf({ path, file }: Source): readonly { readonly name: string; readonly lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
  walk(file, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    const lines = lineAt(node.getEnd()) - lineAt(node.getStart(file)) + 1;
    if (ts.isArrowFunction(node) && lines === 1) return;
    found.push({ name: `${path}:${lineAt(node.getStart(file)) + 1}`, lines });
  });
  return found;
}

test(`no function is longer than ${longestFunction} lines`, () => {
  const long = product.flatMap(functionsOf).filter(({ lines }) => lines > longestFunction);
  expect(long).toEqual([]);
});

test(`the median function has at most ${medianFunction} lines`, () => {
  const lines = product
    .flatMap(functionsOf)
    .map((one) => one.lines)
    .sort((a, b) => a - b);
  expect(lines.length).toBeGreaterThan(100);
  expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(medianFunction);
});
