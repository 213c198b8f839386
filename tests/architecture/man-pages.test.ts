// The man pages are what the code says, leave nothing out, and render at 80 columns without a warning.
import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keys } from '../../scripts/docs/man/keys.ts';
import { manPages } from '../../scripts/docs/man/pages.ts';
import { commands } from '../../src/cli/commands/table.ts';
import { flagOptions } from '../../src/cli/options.ts';
import { configJsonSchema } from '../../src/config/schema.ts';
import { refusals } from '../../src/core/refusals.ts';
import { layoutAt } from '../../src/wire/layout.ts';
import { hostCommandNames, verbNames } from '../../src/wire/verbs.ts';
import { top } from './sources.ts';

const columns = 80;
const paths = [...manPages.keys()];

/** As `man` shows it. */
const rendered = (path: string): string =>
  execFileSync('groff', ['-mandoc', '-Tutf8', `-rLL=${columns}n`, '-P-cbou', join(top, path)], { encoding: 'utf8' });

const tagsOf = (path: string): ReadonlySet<string> =>
  new Set(
    rendered(path)
      .split('\n')
      .filter((line) => /^ {7}\S/.test(line))
      .map((line) => line.trim().split(/ |\t/)[0] ?? ''),
  );

describe.each(paths)('%s', (path) => {
  test('is what the code says (npm run docs)', () => {
    expect(readFileSync(join(top, path), 'utf8')).toBe(manPages.get(path));
  });

  test.each([
    ['groff', ['-mandoc', '-ww', '-z', '-Tutf8', `-rLL=${columns}n`]],
    ['mandoc', ['-T', 'lint', '-W', 'warning']],
  ])('renders without a warning of %s', (program, options) => {
    const { status, stdout, stderr } = spawnSync(program, [...options, join(top, path)], { encoding: 'utf8' });
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
  });

  test(`fits into ${columns} columns, and nothing of the source is left in it`, () => {
    const lines = rendered(path).split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.filter((line) => /\\[&f(e-]|`/.test(line))).toEqual([]);
  });

  test('has its sections', () => {
    const page = rendered(path);
    const all = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'FILES', 'EXAMPLES', 'SEE ALSO'];
    const ofPrograms = ['OPTIONS', 'EXIT STATUS', 'ENVIRONMENT'];
    for (const section of path.endsWith('.8') ? [...all, ...ofPrograms] : all)
      expect(page).toMatch(new RegExp(`^${section}$`, 'm'));
  });
});

test('tmux-gate(8) has each verb, command, option and refusal', () => {
  const tags = tagsOf('docs/man/tmux-gate.8');
  const options = [...Object.keys(flagOptions), ...Object.values(commands).flatMap((of) => Object.keys(of.options))];
  const all = [...verbNames, ...hostCommandNames, ...options.map((name) => `--${name}`), ...Object.keys(refusals)];
  expect(all.filter((name) => !tags.has(name))).toEqual([]);
  const exits = Object.values(refusals).map(({ exit }) => String(exit));
  expect(exits.filter((exit) => !tags.has(exit))).toEqual([]);
});

test('tmux-gate-keeper(8) has each path', () => {
  const tags = tagsOf('docs/man/tmux-gate-keeper.8');
  expect(Object.values<string>({ ...layoutAt('') }).filter((path) => path !== '' && !tags.has(path))).toEqual([]);
});

/** Each name of a key in a schema, at whatever depth. */
function namesIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value as object) : []),
    ...namesIn(value),
  ]);
}

test('tmux-gate.yaml(5) has each key of the policy, with its meaning', () => {
  const shown = new Set(keys.map(({ path }) => path.replace('[]', '').split('.').at(-1)));
  expect(namesIn(configJsonSchema()).filter((name) => !shown.has(name))).toEqual([]);
  expect(keys.filter(({ meaning }) => meaning.length < 10)).toEqual([]);
  const tags = tagsOf('docs/man/tmux-gate.yaml.5');
  expect(keys.filter(({ path }) => !tags.has(path))).toEqual([]);
});
