// Every mode that tmux sets on a person's terminal, whatever its entry of terminfo, has its reset in the farewell.
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { putRight } from '../../src/gate/farewell.ts';
import { attached } from './terminal-modes-capture.ts';

/** As far as the host has them: ncurses-base brings the first seven. */
const terms = [
  ...['xterm', 'xterm-256color', 'screen-256color', 'tmux-256color', 'rxvt-unicode-256color', 'linux', 'vt220'],
  ...[
    'xterm-kitty',
    'alacritty',
    'foot',
    'wezterm',
    'xterm-ghostty',
    'st-256color',
    'konsole-256color',
    'vte-256color',
  ],
].filter((term) => spawnSync('infocmp', [term], { stdio: 'ignore' }).status === 0);

const mode = /\u001b\[(?:\??[\d;]+[hl]|\?[\d;]+c|[1-9]\d* q|>4;[12]m|[>=][\d;]+u)|\u001b=/g;

/** Each mode that a program or tmux set, one by one, as `?1006h` or `=`. */
function modesIn(text: string): readonly string[] {
  return [...new Set(text.match(mode) ?? [])].flatMap((sequence) => {
    const said = sequence.replace(/^\u001b\[?/, '');
    const [, mark = '', numbers = '', end = ''] = /^(\??)([\d;]+)([hl])$/.exec(said) ?? [];
    return numbers === '' ? [said] : numbers.split(';').map((number) => `${mark}${number}${end}`);
  });
}

/** Modes that a shell expects to be on. */
const usual = ['?7', '?25', '12', '34'];
const takenBack = new Set(modesIn(putRight));

/** Whether the farewell leaves what a sequence changed as a shell expects it. */
function isTakenBack(said: string): boolean {
  if (said === '=') return putRight.includes('\u001b>');
  if (said.endsWith(' q')) return putRight.includes('\u001b[0 q');
  if (said.startsWith('>4;')) return putRight.includes('\u001b[>4m');
  if (said.endsWith('u')) return putRight.includes('\u001b[<99u');
  if (said.endsWith('c')) return putRight.includes('\u001b[?0c');
  const number = said.slice(0, -1);
  return takenBack.has(`${number}${usual.includes(number) ? 'h' : 'l'}`);
}

function expectTakenBack(text: string): void {
  const seen = modesIn(text);
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.filter((said) => !isTakenBack(said))).toEqual([]);
}

describe.each(terms)('under %s', (term) => {
  test('law 4: the farewell takes back each mode that tmux sets', async () => {
    expectTakenBack(await attached({ tmux: ['tmux'], term }));
  });
});

const folder = join(import.meta.dirname, 'terminal-modes');

/** What ./terminal-modes-maker.ts wrote down of versions that this host does not have. */
const others = readdirSync(folder).flatMap((file) => {
  const { wrote } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { wrote: Readonly<Record<string, string>> };
  return Object.entries(wrote).map(([term, text]) => [file.replace('.json', ''), term, text] as const);
});

test.each(others)('law 4: the farewell takes back each mode that %s sets under %s', (_version, _term, text) => {
  expectTakenBack(text);
});

test('modes of later versions of tmux, and of what a session can write by itself, are taken back too', () => {
  const later = ['?7727h', '?2026h', '?2031h', '?2048h', '?1007h', '?1016h', '?9001h', '?69h', '?12h', '6 q', '>1u'];
  expect(later.filter((said) => !isTakenBack(said))).toEqual([]);
});
