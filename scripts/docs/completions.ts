// Completions for bash, zsh and fish, from the tables of verbs and host commands: their names, the words behind them, their options.
//
// After --reason nothing is offered: it takes the rest of the line.
import { commands } from '../../src/cli/commands/table.ts';
import type { CommandOption } from '../../src/cli/commands/host-command.ts';
import { flagOptions, plainOption } from '../../src/cli/options.ts';
import { hostCommandNames, hostCommands, isHostCommand, specOf, verbNames } from '../../src/wire/verbs.ts';
import { values } from './man/commands.ts';

interface Option {
  /** With its dashes; the long form first. */
  readonly names: readonly string[];
  readonly about: string;
  /** Undefined where it takes none: which words, a file, or something that nobody can guess. */
  readonly value: readonly string[] | 'file' | 'text' | undefined;
}

interface Typed {
  readonly name: string;
  readonly about: string;
  /** What may stand right behind it. */
  readonly words: readonly string[];
  readonly options: readonly Option[];
}

/** The fixed words with which a usage begins: `show|verify` of "show|verify|proof N", none of "ID --reason ...". */
export function wordsOf(usage: string): readonly string[] {
  const alternatives = usage.replace(/\[[^\]]*\]/g, '').split('|');
  return alternatives.map((each) => each.trim().split(' ')[0] ?? '').filter((word) => /^[a-z][a-z-]*$/.test(word));
}

function optionOf(name: string, option: CommandOption): Option {
  const { alias = [], choices, type, describe } = option;
  const names = [name, ...[alias].flat()].map((each) => (each.length === 1 ? `-${each}` : `--${each}`));
  return { names, about: describe, value: valueOf(name, choices, type) };
}

function valueOf(name: string, choices: CommandOption['choices'], type: CommandOption['type']): Option['value'] {
  if (choices !== undefined) return choices.map(String);
  if (type === 'boolean') return undefined;
  return ['FILE', 'FOLDER'].includes(values[name] ?? '') ? 'file' : 'text';
}

const everywhere: readonly Option[] = [
  { names: ['--help'], about: 'what can be typed', value: undefined },
  { names: ['--plain'], about: plainOption.describe, value: undefined },
];

const verbsOnHost = verbNames.filter((verb) => !['attach', 'help'].includes(verb) && !isHostCommand(verb));

const typed: readonly Typed[] = [
  ...verbsOnHost.map((verb): Typed => {
    const { usage, summary, flags } = specOf(verb);
    const options = flags.map((flag) => optionOf(flag, flagOptions[flag]));
    return { name: verb, about: summary, words: wordsOf(usage), options: [...options, ...everywhere] };
  }),
  ...hostCommandNames.map((name): Typed => {
    const { usage, summary } = hostCommands[name];
    const options = Object.entries(commands[name].options).map(([option, of]) => optionOf(option, of));
    return { name, about: summary, words: wordsOf(usage), options: [...options, ...everywhere] };
  }),
];
const all: readonly Typed[] = [
  ...typed,
  { name: 'help', about: specOf('help').summary, words: typed.map(({ name }) => name), options: everywhere },
];

const head = '# Made by scripts/completions.ts from src/wire/verbs.ts and src/cli. Change it there.';
const namesOf = (options: readonly Option[]): string => options.flatMap(({ names }) => names).join(' ');

const bashValues = ({ name, options }: Typed): readonly string[] =>
  options.flatMap(({ names, value }) => {
    if (value === undefined) return [];
    const does = value === 'file' ? 'files=1' : value === 'text' ? 'return' : `words='${value.join(' ')}' options=''`;
    return names.map((option) => `    '${name} ${option}') ${does} ;;`);
  });

function bash(): string {
  const cases = all.map(
    ({ name, words, options }) => `    ${name}) words='${words.join(' ')}' options='${namesOf(options)}' ;;`,
  );
  return `${head}
_tmux_gate() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' words='' options='' files='' at behind=0
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} == --reason ]]; then return; fi
    if [[ $command == '' && \${COMP_WORDS[at]} != -* ]]; then command=\${COMP_WORDS[at]} behind=$((at + 1)); fi
  done
  case $command in
    '') words='${all.map(({ name }) => name).join(' ')}' options='--help --plain --version' ;;
${cases.join('\n')}
    *) return ;;
  esac
  if [[ $command != '' && $COMP_CWORD != "$behind" ]]; then words=''; fi
  case "$command $previous" in
${all.flatMap(bashValues).join('\n')}
  esac
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  if [[ $current == -* || $words == '' ]]; then words=$options; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _tmux_gate tmux-gate
`;
}

/** For a text in quotes of zsh, where brackets and colons part a description. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");

function zshOption({ names, about, value }: Option): readonly string[] {
  const more =
    value === undefined
      ? ''
      : value === 'file'
        ? ':file:_files'
        : value === 'text'
          ? ':value: '
          : `:value:(${value.join(' ')})`;
  return names.map((name) => `'*${name}[${zshText(about)}]${more}'`);
}

function zsh(): string {
  const cases = all.flatMap(({ name, words, options }) => [
    `      ${name})`,
    '        _arguments \\',
    ...options.flatMap(zshOption).map((option) => `          ${option} \\`),
    words.length > 0 ? `          '1:word:(${words.join(' ')})' '*: : ' ;;` : `          '*: : ' ;;`,
  ]);
  return `#compdef tmux-gate
${head}
_tmux-gate() {
  local context state state_descr line curcontext=$curcontext
  typeset -A opt_args
  if (( \${words[(I)--reason]} > 0 && \${words[(I)--reason]} < CURRENT )); then return 1; fi
  local -a commands=(
${all.map(({ name, about }) => `    '${name}:${zshText(about)}'`).join('\n')}
  )
  _arguments -C \\
    ${everywhere.flatMap(zshOption).join(' ')} '--version[show the version]' \\
    '1: :->command' '*:: :->rest' && return
  case $state in
    command) _describe -t commands 'command' commands ;;
    rest)
      case $words[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}
_tmux-gate "$@"
`;
}

const fishText = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;

function fishOption(command: string, { names, about, value }: Option): string {
  const short = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  const more =
    value === undefined ? '' : value === 'file' ? ' -r -F' : value === 'text' ? ' -x' : ` -x -a '${value.join(' ')}'`;
  return `complete -c tmux-gate -n '__tmux_gate_in ${command}' ${short}${more} -d ${fishText(about)}`;
}

function fish(): string {
  const rows = all.flatMap(({ name, about, words, options }) => [
    `complete -c tmux-gate -n __tmux_gate_first -a ${name} -d ${fishText(about)}`,
    ...(words.length === 0 ? [] : [`complete -c tmux-gate -n '__tmux_gate_behind ${name}' -a '${words.join(' ')}'`]),
    ...options.map((option) => fishOption(name, option)),
  ]);
  return `${head}
# The words before the cursor that are no options.
function __tmux_gate_words
  set -l words (commandline -opc)
  set -e words[1]
  for word in $words
    string match -q -- '-*' $word; or echo $word
  end
end
function __tmux_gate_first
  test (count (__tmux_gate_words)) -eq 0
end
function __tmux_gate_in
  set -l words (__tmux_gate_words)
  contains -- --reason (commandline -opc); and return 1
  test (count $words) -gt 0; and test $words[1] = $argv[1]
end
function __tmux_gate_behind
  test (count (__tmux_gate_words)) -eq 1; and __tmux_gate_in $argv[1]
end
complete -c tmux-gate -f
${rows.join('\n')}
`;
}

/** The text of each file below deploy/completions. */
export const completions: ReadonlyMap<string, string> = new Map([
  ['deploy/completions/tmux-gate.bash', bash()],
  ['deploy/completions/_tmux-gate', zsh()],
  ['deploy/completions/tmux-gate.fish', fish()],
]);
