// What the completions offer, in the shells themselves; a shell that is not installed is skipped.
import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completions, wordsOf } from '../../scripts/docs/completions.ts';
import { plainEnv } from '../../scripts/sandbox/exec.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { commands } from '../../src/cli/commands/table.ts';
import { hostCommandNames, specOf, verbNames } from '../../src/wire/verbs.ts';

const folder = join(repo, 'deploy/completions');
const home = mkdtempSync(join(tmpdir(), 'tmux-gate-completions-'));
afterAll(() => rmSync(home, { recursive: true }));
const env = { ...plainEnv, HOME: home };

const isHere = (shell: string): boolean => spawnSync(shell, ['-c', ':'], { env }).status === 0;

test.each([...completions.keys()])('%s is what the code says (npm run docs)', (path) => {
  expect(readFileSync(join(repo, path), 'utf8')).toBe(completions.get(path));
});

test.each([
  ['show|verify|proof N|witnessed [HOST]', ['show', 'verify', 'proof', 'witnessed']],
  ['SESSION|review --reason ... | issue [N] | void ID|--all', ['review', 'issue', 'void']],
  ['[--since 7d|yesterday] [--json|--csv]', []],
  ['ID --reason ...', []],
])('the fixed words of "%s" are %j', (usage, words) => {
  expect(wordsOf(usage)).toEqual(words);
});

/** What bash offers for the last of the words. */
function bashOffers(...words: readonly string[]): readonly string[] {
  const script = `source ${folder}/tmux-gate.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tmux_gate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync('bash', ['-c', script, 'bash', 'tmux-gate', ...words], {
    env,
    cwd: home,
    encoding: 'utf8',
  });
  return said.split('\n').filter((line) => line !== '');
}

/** What fish offers for the last of the words. */
function fishOffers(...words: readonly string[]): readonly string[] {
  const script = `source ${folder}/tmux-gate.fish; complete -C 'tmux-gate ${words.join(' ')}'`;
  const said = execFileSync('fish', ['--no-config', '-c', script], { env, cwd: home, encoding: 'utf8' });
  return said.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]!]));
}

const shells = [
  ['bash', bashOffers],
  ['fish', fishOffers],
] as const;

describe.each(shells.filter(([shell]) => isHere(shell)))('%s', (_, offers) => {
  test('each command, but not the verbs of ssh alone', () => {
    const wanted = [...verbNames.filter((verb) => verb !== 'attach'), ...hostCommandNames];
    expect([...new Set(offers(''))].sort()).toEqual([...new Set(wanted)].sort());
    expect(offers('app')).toEqual(['approve']);
  });

  test('the fixed words behind a command, and no others after them', () => {
    expect([...offers('audit', 'w')]).toEqual(['witnessed']);
    expect(offers('policy', '')).toContain('check');
    expect(offers('audit', 'show', 'w')).toEqual([]);
    expect(offers('help', 'doc')).toEqual(['doctor']);
  });

  test('each option of each command', () => {
    for (const name of hostCommandNames) {
      const wanted = Object.keys(commands[name].options).map((option) => `--${option}`);
      expect(offers(name, '--')).toEqual(expect.arrayContaining(wanted));
    }
    expect(offers('history', '--')).toEqual(expect.arrayContaining(specOf('history').flags.map((flag) => `--${flag}`)));
  });

  test('values where they are known, files where one is wanted, nothing in a reason', () => {
    expect(offers('audit', 'export', '--format', 'c')).toEqual(['csv']);
    execFileSync('touch', [join(home, 'some-key')]);
    expect(offers('audit', 'verify', '--key', 'some')).toEqual(['some-key']);
    expect(offers('grants', '--for', '2')).toEqual([]);
    expect(offers('revoke', 'K7QF2M', '--reason', '')).toEqual([]);
    expect(offers('revoke', 'K7QF2M', '--reason', 'too', 'l')).toEqual([]);
  });
});

(isHere('zsh') ? test : test.skip)('zsh completes commands, their words and their options', async () => {
  await using zsh = new Terminal('zsh', ['-f'], { env });
  zsh.type(
    `PS1='> '; fpath=(${folder} $fpath); autoload -U compinit; compinit -u -D; bindkey '^I' complete-word; echo re''ady\r`,
  );
  await zsh.until('ready');
  const completes = async (line: string, to: RegExp): Promise<void> => {
    zsh.type(`${line}\t`);
    await zsh.until(to, { timeoutMs: 20_000 });
    zsh.type('\x15');
  };
  await completes('tmux-gate appr', /approve/);
  await completes('tmux-gate audit wit', /witnessed/);
  await completes('tmux-gate audit export --form', /--format/);
  await completes('tmux-gate audit export --format oc', /ocsf/);
  await completes('tmux-gate history --appr', /--approver/);
});
