// The terminal of whoever watches a recording (src/cli/raw-terminal) while the process is stopped, and when it goes on.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Terminal } from '../../scripts/sandbox/terminal.ts';

const node = join(import.meta.dirname, '../../node_modules/.bin/node');
const program = join(import.meta.dirname, 'raw-terminal-child.ts');

let terminal: Terminal;
/** The pid of the child: a job of an interactive shell, which alone may stop without staying so for ever. */
let pid: number;

beforeEach(async () => {
  terminal = new Terminal('/bin/bash', ['--norc', '--noprofile', '-i'], {
    cols: 60,
    rows: 10,
    env: { PS1: 'prompt> ' },
  });
  await terminal.until('prompt> ');
  terminal.type(`${node} ${program}\r`);
  await terminal.until(/drawn at 60x10/);
  const [, child = ''] =
    /^(\d+)/.exec(readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8')) ?? [];
  pid = Number(child);
});
afterEach(async () => terminal[Symbol.asyncDispose]());

const stateOf = (): string | undefined => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
async function stopped(): Promise<void> {
  while (stateOf() !== 'T') await pause(5);
}

test.each([
  ['Ctrl-Z', () => terminal.type('\u001a')],
  ['SIGTSTP', () => process.kill(pid, 'SIGTSTP')],
])('%s: the shell has its own screen, and the picture comes back with fg', async (_, stop) => {
  stop();
  await terminal.until('prompt> ');
  await stopped();
  expect(await terminal.modes()).toMatchObject({ alternateScreen: false, wraparoundMode: true });
  terminal.type('stty -a\r');
  expect((await terminal.until(/ -?icanon/))[0]).toBe(' icanon');
  await terminal.until('prompt> ');
  terminal.resize(70, 12);
  terminal.type('fg\r');
  await terminal.until(/drawn at 70x12/);
  expect(await terminal.modes()).toMatchObject({ alternateScreen: true, wraparoundMode: false });
  terminal.type('q');
  await terminal.until('prompt> ');
  expect(await terminal.modes()).toMatchObject({ alternateScreen: false, wraparoundMode: true });
});

test('stopped by somebody else, which no process hears of, it draws itself again when it goes on', async () => {
  process.kill(pid, 'SIGSTOP');
  await terminal.until('prompt> ');
  await stopped();
  terminal.type('fg\r');
  await terminal.until(/drawn at 60x10/);
  terminal.type('q');
  await terminal.until('prompt> ');
  expect(await terminal.modes()).toMatchObject({ alternateScreen: false });
});
