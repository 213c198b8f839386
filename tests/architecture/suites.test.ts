// `npm run suites -- FILE` runs that file: jest's list of projects takes every word behind it, so the list may not come last.
import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repo } from '../../scripts/sandbox/layout.ts';

async function filesOf(script: string, file: string): Promise<readonly string[]> {
  const args = ['run', '--silent', script, '--', file, '--listTests'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: repo });
  return stdout.split('\n').filter((line) => line.endsWith('.test.ts'));
}

test.each([
  ['suites', 'tests/architecture/suites.test.ts'],
  ['guards', 'tests/guards/store.test.ts'],
])('npm run %s -- FILE runs that file and no other', async (script, file) => {
  expect(await filesOf(script, file)).toEqual([join(repo, file)]);
});
