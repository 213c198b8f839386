// Every mode that tmux sets on a person's terminal, whatever its entry of terminfo, has its reset in the farewell.
import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { putRight } from '../../src/gate/farewell.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-modes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

/** All that tmux can use of a terminal, whether its entry tells of it or not. */
const conf = [
  ...['mouse on', 'focus-events on', 'set-titles on', 'status off'].map((option) => `set -g ${option}`),
  ...['extended-keys on', 'escape-time 0'].map((option) => `set -s ${option}`),
  "set -as terminal-features '*:256:bpaste:cstyle:ccolour:clipboard:extkeys:focus:margins:mouse:sync:title:usstyle'",
].join('\n');

/** What a program in a pane can ask tmux for, and tmux then of the terminal. */
const asked = ['?1000h', '?1002h', '?1003h', '?1005h', '?1006h', '?1004h', '?2004h', '?1h', '?25l', '?7l', '5 q'];
const program = `printf '${[...asked, '>4;2m'].map((mode) => `\\033[${mode}`).join('')}\\033=seen-%s' it; sleep 60`;

const mode = /\u001b\[(?:\?[\d;]+[hl]|[1-9]\d* q|>4;[12]m|>\d+u)|\u001b=/g;

/** Each mode that a program or tmux set, one by one, as `?1006h` or `=`. */
function modesIn(text: string): readonly string[] {
  return [...new Set(text.match(mode) ?? [])].flatMap((sequence) => {
    const said = sequence.replace(/^\u001b\[?/, '');
    const [, numbers = '', end = ''] = /^\?([\d;]+)([hl])$/.exec(said) ?? [];
    return numbers === '' ? [said] : numbers.split(';').map((number) => `?${number}${end}`);
  });
}

/** Modes that a shell expects to be on. */
const usual = ['?7', '?25'];

/** The state in which the farewell leaves what a sequence changed. */
function resetOf(said: string): string {
  if (said === '=') return '\u001b>';
  if (said.endsWith(' q')) return '\u001b[0 q';
  if (said.startsWith('>4;')) return '\u001b[>4m';
  if (said.endsWith('u')) return '\u001b[<99u';
  const number = said.slice(0, -1);
  return `\u001b[${number}${usual.includes(number) ? 'h' : 'l'}`;
}

async function attachedAs(term: string): Promise<string> {
  const file = join(folder, 'tmux.conf');
  writeFileSync(file, conf);
  const tmux = ['-u', '-S', join(folder, term), '-f', file];
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: folder, SHELL: '/bin/sh' };
  await using terminal = new Terminal('tmux', [...tmux, 'new-session', program], { term, env });
  try {
    await terminal.until('seen-it');
    terminal.type('\u0002d');
    await terminal.exit;
    return terminal.text;
  } finally {
    spawnSync('tmux', [...tmux, 'kill-server'], { stdio: 'ignore' });
  }
}

describe.each(terms)('under %s', (term) => {
  test('law 4: the farewell takes back each mode that tmux sets', async () => {
    const seen = modesIn(await attachedAs(term));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.filter((said) => !putRight.includes(resetOf(said)))).toEqual([]);
  });
});

test('modes of later versions of tmux, and of what a session can write by itself, are taken back too', () => {
  const later = ['?7727h', '?2026h', '?2031h', '?2048h', '?1007h', '?1016h', '?9001h', '?69h', '?12h', '6 q', '>1u'];
  expect(later.filter((said) => !putRight.includes(resetOf(said)))).toEqual([]);
});
