// What README.md and docs/install.md have an admin type is what scripts/fresh-host types on a real host, word for word.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installCommands } from '../../scripts/machine/install.ts';
import { top } from './sources.ts';

/** The commands of the first block below a heading, without comments. */
function shownIn(path: string, heading: string): readonly string[] {
  const [, below = ''] = readFileSync(join(top, path), 'utf8').split(`\n${heading}\n`);
  const [, block = ''] = /^```\n(.*?)^```$/ms.exec(below) ?? [];
  return block
    .split('\n')
    .map((line) => line.replace(/\s{2,}#.*$/, ''))
    .filter((line) => line !== '');
}

test.each([
  ['README.md', '## Install'],
  ['docs/install.md', '## Install'],
])('%s installs as scripts/fresh-host does', (path, heading) => {
  expect(shownIn(path, heading)).toEqual(installCommands);
});

test('an admin types at most five commands', () => {
  expect(installCommands.length).toBeLessThanOrEqual(5);
});

test('the package that they name is that of this version', () => {
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { readonly version: string };
  expect(installCommands.join('\n')).toContain(`tmux-gate_${version}_amd64.deb`);
});
