// What the code cites is in the documents, and what the documents link to is there.
import { describe, expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { sources, top } from './sources.ts';

const documents = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...globSync('docs/*.md', { cwd: top }),
];
const read = (path: string): string => readFileSync(join(top, path), 'utf8');

const headingsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) => heading!.replaceAll('`', ''));

/** The fragment that a heading gets in a rendered document. */
const fragmentOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
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

/** A document names a file from the top of the repository, from src or from tests; `.../` is the folder of the attacks. */
const roots = ['', 'src/', 'tests/'];
const folders = roots.flatMap((root) =>
  globSync(`${root}*/`, { cwd: top, exclude: ['node_modules/', 'dist/', 'coverage/'] }).map((folder) =>
    folder.slice(root.length).replace(/\/$/, ''),
  ),
);

/** `a/{b,c}.ts` is two paths. */
function pathsOf(named: string): readonly string[] {
  const [whole, before = '', inner = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(named) ?? [];
  const each = whole === undefined ? [named] : inner.split(',').map((part) => `${before}${part}${after}`);
  return each.map((path) => path.replace(/^\.\.\.\//, 'tests/e2e/adversary/'));
}

/** A file by its whole name; what is named without `.ts` may be a folder, or a test without its ending. */
function isThere(path: string): boolean {
  const found = /\.[a-z]+$/.test(path) ? path : `${path.replace(/\/$/, '')}{,.test.ts,.ts}`;
  return roots.some((root) => globSync(`${root}${found}`, { cwd: top }).length > 0);
}

const isPath = (text: string): boolean =>
  /^[\w.*{},-]+(?:\/[\w.*{},-]*)+$/.test(text) && (text.endsWith('.ts') || folders.includes(text.split('/')[0]!));

test.each(documents)('%s names files that exist', (path) => {
  const quoted = [...read(path).matchAll(/`([^`\s]+)`/g)].map(([, text]) => text!);
  const missing = [...new Set(quoted.filter(isPath))].flatMap(pathsOf).filter((named) => !isThere(named));
  expect(missing).toEqual([]);
});

test('docs/architecture.md names functions that are in their files', () => {
  const steps = [...read('docs/architecture.md').matchAll(/`([\w/-]+\.ts)`,?\s+\(?((?:`\w+`(?:,\s+)?)+)\)/g)];
  const gone = steps.flatMap(([, path = '', names = '']) => {
    const text = read(`src/${path}`);
    const known = (name: string): boolean =>
      new RegExp(`\\b(?:function|const) ${name}\\b|^ +${name}(?:: |\\()`, 'm').test(text);
    return [...names.matchAll(/\w+/g)].filter(([name]) => !known(name)).map(([name]) => `${path}: ${name}`);
  });
  expect(steps.length).toBeGreaterThan(50);
  expect(gone).toEqual([]);
});
