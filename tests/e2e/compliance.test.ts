// docs/compliance.md: each command that is named there runs, and says something.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import { top } from '../architecture/sources.ts';
import { testHost } from '../harness/inside.ts';
import { letIn } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
  const { terminal } = await letIn(host, host.people.alice);
  terminal.type('exit\r');
  await terminal.exit;
  await host.keeper.stop(); // its last record says how many accesses there were
  await host.keeper.start();
});
afterAll(async () => host[Symbol.asyncDispose]());

const rows = readFileSync(join(top, 'docs/compliance.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const commands = rows.map((cells) => /^`tmux-gate (.*)`$/.exec(cells[4] ?? '')?.[1]);

test('each row has a command', () => {
  const isHead = (cells: readonly string[]): boolean => cells[4] === 'how to see it';
  const bare = rows
    .filter((cells, at) => commands[at] === undefined && !isHead(cells))
    .map((cells) => cells.join(' | '));
  expect(bare).toEqual([]);
  expect(commands.filter((command) => command !== undefined).length).toBeGreaterThan(35);
});

/** Findings (1, 2) are an answer too: a sandbox is not a host as the doctor wants it. */
const answers = [0, 1, 2];

test.each([...new Set(commands.filter((command) => command !== undefined))])('tmux-gate %s', async (command) => {
  const words = command.replace('alice', host.people.alice.login).replace('/tmp/', `${host.root}/`).split(' ');
  const { code, stdout, stderr } = await host.cli(words);
  expect({ code: answers.includes(code ?? -1), stdout, stderr }).toEqual({
    ...{ code: true, stdout: expect.stringMatching(/\S/), stderr: expect.not.stringMatching(/^error|\[[A-Z_]+\]/) },
  });
});
