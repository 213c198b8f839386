// Names come from the domain, and the project says nothing of the machine that it was made on.
import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { sources, top, walk } from './sources.ts';

const code = sources('{src,scripts,tests}/**/*.ts');
const patterns = /(?:Manager|Helper|Utils?|Factory|Abstract|Impl)(?![a-z])/;

test('names come from the domain, never from patterns', () => {
  const wrong: string[] = [];
  for (const { path, file } of code) {
    walk(file, (node) => {
      const named =
        ts.isClassDeclaration(node) ||
        ts.isInterfaceDeclaration(node) ||
        ts.isFunctionDeclaration(node) ||
        ts.isTypeAliasDeclaration(node);
      if (named && patterns.test(node.name?.text ?? '')) wrong.push(`${path}: ${node.name?.text}`);
    });
  }
  expect(wrong).toEqual([]);
});

test('files have names of words joined by dashes, and none is a drawer', () => {
  for (const { path } of code) {
    expect(basename(path)).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.d)?\.ts$/);
    expect(basename(path)).not.toMatch(/^(?:utils?|helpers?|common|misc|index|types)\.ts$/);
  }
});

/** Words that were replaced by those of the field (docs/glossary.md). */
const replaced =
  /^(?:house|board|knock|testimony|testify|voice|mouth|book|ledger|insist|turns|fence|fences|fenced|stone|stoneOf|bury|wish|wishOf|wishFor|sieve|seat|freshly|vouchedForNow|standsOn|Blind)$/;

test('words that were replaced come back neither in file names nor in what is declared', () => {
  const wrong: string[] = [];
  for (const { path, file } of code.filter(({ path }) => path.startsWith('src/'))) {
    for (const part of path.split(/[/.]/).flatMap((name) => name.split('-'))) if (replaced.test(part)) wrong.push(path);
    walk(file, (node) => {
      const { name } = node as ts.NamedDeclaration;
      const declares =
        ts.isVariableDeclaration(node) ||
        ts.isParameter(node) ||
        ts.isBindingElement(node) ||
        ts.isDeclarationStatement(node);
      if (declares && name !== undefined && ts.isIdentifier(name) && replaced.test(name.text))
        wrong.push(`${path}: ${name.text}`);
    });
  }
  expect(wrong).toEqual([]);
});

test('there are no default exports, barrels, enums, namespaces or parameter properties', () => {
  const wrong: string[] = [];
  for (const { path, file } of code.filter(({ path }) => !path.endsWith('.d.ts'))) {
    walk(file, (node) => {
      if (
        ts.isExportAssignment(node) ||
        ts.isEnumDeclaration(node) ||
        ts.isModuleDeclaration(node) ||
        (ts.isExportDeclaration(node) && node.exportClause === undefined) ||
        (ts.canHaveModifiers(node) &&
          ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true)
      )
        wrong.push(`${path}: ${node.getText(file).slice(0, 60)}`);
    });
  }
  expect(wrong).toEqual([]);
});

describe('the project as it is kept', () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: top,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(top, path)) && statSync(join(top, path)).size < 2_000_000);
  const holding = (pattern: RegExp): readonly string[] =>
    files.filter((path) => !path.endsWith('words.test.ts') && pattern.test(readFileSync(join(top, path), 'utf8')));

  test('names no path of the machine that it was made on', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(holding(/(?:^|[\s'"`(=:])\/(?:work|farm|Users)\/|\/home\/(?!alice|bob|x|[$<{*])[a-z]+\//m)).toEqual([]);
  });

  test('names no registry but the public one', () => {
    const hosts = files
      .filter((path) => /package-lock\.json$|\.npmrc$|package\.json$/.test(path))
      .flatMap((path) =>
        [...readFileSync(join(top, path), 'utf8').matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(
          ([, host]) => host,
        ),
      );
    expect([...new Set(hosts)].filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
    expect(holding(/registry\s*=|_authToken|npm\.pkg\.github/)).toEqual([]);
  });

  test('leaves no work marked as undone', () => {
    expect(holding(/\b(?:FIXME|XXX|HACK)\b(?!X)/)).toEqual([]);
  });
});
