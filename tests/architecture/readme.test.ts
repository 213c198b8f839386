// The README stays short, shows what people really read, and leads to every document.
import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './sources.ts';

const read = (path: string): string => readFileSync(join(top, path), 'utf8');
const readme = read('README.md');
const mostLines = 150;

test(`it has at most ${mostLines} lines`, () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(mostLines);
});

test('its transcript is that of tests/scenarios/engineer.txt, with lines left out', () => {
  const [, shown = ''] = /^```text\n(.*?)^```$/ms.exec(readme) ?? [];
  const lines = shown.split('\n').filter((line) => line !== '');
  const real = read('tests/scenarios/engineer.txt').split('\n');
  let at = -1;
  const wrong = lines.filter((line) => {
    const next = real.indexOf(line, at + 1);
    if (next >= 0) at = next;
    return next < 0;
  });
  expect(lines.length).toBeGreaterThan(10);
  expect(wrong).toEqual([]);
});

test('it leads to every document', () => {
  const all = ['SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: top })];
  expect(all.filter((path) => !readme.includes(`](${path})`))).toEqual([]);
});
