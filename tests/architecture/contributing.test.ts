// What is often added is added in few files: CONTRIBUTING.md lists them, and each that it names is there.
import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verbNames } from '../../src/wire/verbs.ts';
import { top } from './sources.ts';

const text = readFileSync(join(top, 'CONTRIBUTING.md'), 'utf8');
const parts = text
  .slice(text.indexOf('## How to add ...'))
  .split(/^### /m)
  .slice(1)
  .map((part) => [part.split('\n')[0]!, [...part.matchAll(/^\d\. .*$/gm)].map(([item]) => item)] as const);

test('it tells how to add what is often added', () => {
  const titles = parts.map(([title]) => title);
  expect(titles).toEqual([
    'A verb',
    'A command of the host',
    'A refusal',
    'A doctor check',
    'A notice format',
    'A journal event',
    'A metric',
  ]);
});

test.each(parts)('%s takes at most four files', (_, items) => {
  expect(items.length).toBeGreaterThan(1);
  expect(items.length).toBeLessThanOrEqual(4);
  const named = items
    .map((item) => item.slice(0, item.indexOf(':')))
    .flatMap((item) => item.match(/(?<=`)[\w./*-]+/g) ?? []);
  expect(named.filter((path) => globSync(path, { cwd: top }).length === 0)).toEqual([]);
});

test('npm run docs writes every document that is made from the code', () => {
  const { docs = '' } = (
    JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  ).scripts;
  const makers = globSync('scripts/*.ts', { cwd: top }).filter(
    (path) =>
      readFileSync(join(top, path), 'utf8').includes("'--write'") ||
      readFileSync(join(top, path), 'utf8').includes('await keep('),
  );
  const names = makers.map((path) => path.slice('scripts/'.length, -'.ts'.length));
  expect(names.filter((name) => !docs.includes(` ${name}`))).toEqual([]);
});

test('the CLI and the locks name no verb but what they are about, so a verb needs no line there', () => {
  const allowed: readonly string[] = ['attach', 'help'];
  const named = ['src/cli/main.ts', 'src/keeper/identity/check-lock.ts'].flatMap((path) => {
    const code = readFileSync(join(top, path), 'utf8').replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
    return verbNames
      .filter((verb) => !allowed.includes(verb) && code.includes(`'${verb}'`))
      .map((verb) => [path, verb]);
  });
  expect(named).toEqual([]);
});
