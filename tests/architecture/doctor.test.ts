// docs/doctor.md has every check of the doctor as the code has it, and no other; and the doctor has no way to write.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from '../../src/doctor/checks.ts';
import { sources, top } from './sources.ts';

const manual = readFileSync(join(top, 'docs/doctor.md'), 'utf8');

test('the table of checks is that of the code (scripts/doctor-table.ts --write)', () => {
  const rows = manual.split('\n').filter((row) => row.startsWith('| `'));
  expect(rows).toEqual(checks.map(({ id, about }) => `| \`${id}\` | ${about.replaceAll('|', '\\|')} |`));
});

test('ids are told once, in families', () => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
});

test('it only looks: no call that writes, removes, signals or changes a mode', () => {
  const writing =
    /\b(?:writeFile|appendFile|mkdir|rmdir|rm|unlink|rename|chmod|chown|symlink|link|truncate|utimes|kill|createWriteStream)(?:Sync)?\(/;
  const files = sources('src/doctor/*.ts');
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter(({ text }) => writing.test(text)).map(({ path }) => path)).toEqual([]);
});
