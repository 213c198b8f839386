// What the code cites is in the documents, and what the documents link to is there.
import { describe, expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { sources, top } from './sources.ts';

const documents = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'src/README.md', ...globSync('docs/*.md', { cwd: top })];
const read = (path: string): string => readFileSync(join(top, path), 'utf8');

const headingsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) => heading!.replaceAll('`', ''));

/** The fragment that a heading gets in a rendered document. */
const fragmentOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .trim()
    .replaceAll(' ', '-');

describe('the code cites only what the documents have', () => {
  test('attacks, by their id in docs/threats.md', () => {
    const known = new Set(headingsOf('docs/threats.md'));
    const unknown = sources('src/**/*.ts').flatMap(({ path, text }) =>
      [...text.matchAll(/\b[CHML]\d{1,2}\b/g)].filter(([id]) => !known.has(id)).map(([id]) => `${path}: ${id}`),
    );
    expect(known).toContain('C1');
    expect(unknown).toEqual([]);
  });

  test('sections of a document, by their heading', () => {
    const missing = sources('{src,tests,scripts}/**/*.ts').flatMap(({ path, text }) =>
      [...text.matchAll(/(docs\/[a-z-]+\.md), "([^"\n]+)"/g)]
        .filter(([, document = '', name = '']) => !headingsOf(document).includes(name))
        .map(([cited]) => `${path}: ${cited}`),
    );
    expect(missing).toEqual([]);
  });
});

test.each(documents)('%s links to files and headings that exist', (path) => {
  const links = [...read(path).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)];
  const broken = links.filter(([, to = '', fragment]) => {
    const target = to === '' ? path : normalize(join(dirname(path), to));
    if (!existsSync(join(top, target))) return true;
    return fragment !== undefined && !headingsOf(target).map(fragmentOf).includes(fragment);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});
