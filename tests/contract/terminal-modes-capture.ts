// What a tmux writes to a person's terminal from the attach on, with all on that it can turn on.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

/** All that tmux can use of a terminal, whether its entry tells of it or not. */
const conf = [
  ...['mouse on', 'focus-events on', 'set-titles on', 'status off'].map((option) => `set -g ${option}`),
  ...['extended-keys on', 'escape-time 0'].map((option) => `set -s ${option}`),
  "set -as terminal-features '*:256:bpaste:cstyle:ccolour:clipboard:extkeys:focus:margins:mouse:sync:title:usstyle'",
  // A line each: what a version does not know ends its line.
  ...['hyperlinks', 'progressbar'].map((feature) => `set -as terminal-features '*:${feature}'`),
].join('\n');

/** What a program in a pane can ask tmux for, and tmux then of the terminal. */
const asked = [
  ...['?1000h', '?1002h', '?1003h', '?1005h', '?1006h', '?1004h', '?2004h', '?1h', '?25l', '?7l', '>4;2m'],
  ...['?1016h', '?1007h', '?2026h', '?2026l', '?2031h', '?2048h', '?45h', '?69h', '?12h', '>1u', '=1;1u', '4h', '20h'],
];
const ask = (modes: readonly string[]): string => modes.map((mode) => `\\033[${mode}`).join('');
/** One after the other, since each hides the one before: a cursor that catches the eye (cvvis of screen's entry), its shape, none. */
const program = [
  `printf '${ask(['34l'])}eye-%s' seen; read go`,
  `printf '${ask(['5 q'])}shape-%s' seen; read go`,
  `printf '${ask(asked)}\\033=it-%s' seen; sleep 60`,
].join('; ');

const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', SHELL: '/bin/sh' };

async function shows(terminal: Terminal, words: string): Promise<void> {
  await eventually(`${words} is shown`, async () => (await terminal.screen()).join('\n').includes(words));
}

export interface Attach {
  /** The program and what loads it. */
  readonly tmux: readonly [string, ...string[]];
  readonly term: string;
  /** More variables: where the entries of terminfo are. */
  readonly more?: Readonly<Record<string, string>>;
  /** Awaited before the person leaves. */
  readonly then?: () => Promise<unknown>;
}

/** @returns all that was written until the person left, that included. */
export async function attached({ tmux: [file, ...loads], term, more = {}, then }: Attach): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-modes-'));
  writeFileSync(join(folder, 'tmux.conf'), conf);
  const words = [...loads, '-u', '-S', join(folder, 'socket'), '-f', join(folder, 'tmux.conf')];
  const all = { ...env, HOME: folder, ...more };
  try {
    await using terminal = new Terminal(file, [...words, 'new-session', program], {
      term,
      env: all,
      cols: 40,
      rows: 6,
    });
    for (const word of ['eye', 'shape']) {
      await shows(terminal, `${word}-seen`);
      terminal.type('\r');
    }
    await shows(terminal, 'it-seen');
    await then?.();
    terminal.type('\u0002d');
    await terminal.exit;
    return terminal.text;
  } finally {
    spawnSync(file, [...words, 'kill-server'], { env: all, stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  }
}
