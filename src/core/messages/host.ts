// Messages of the CLI itself, without a keeper. The options of its commands are in src/cli/options.ts and src/cli/commands.
export const about = 'Timed, approved, recorded access to shared tmux sessions over plain ssh.';
export const nameACommand = 'Name a command.';

/** What is wrong with what was typed, from what yargs says of it. @param typed the words behind `tmux-gate` */
export function typedProblem(said: string, typed: readonly string[]): string {
  const [first = ''] = typed;
  if (said === nameACommand && first.startsWith('-')) return unknownOption(first);
  const [, word] = /^Unknown arguments?: ([^,]+)/.exec(said) ?? [];
  if (word === undefined)
    return said.replace(/^Not enough non-option arguments: got (\d+), need at least (\d+)/, tooFewWords);
  const option = typed.find((one) => one.replace(/^--?/, '').split('=')[0] === word && one.startsWith('-'));
  return option === undefined ? `Unexpected word: "${word.slice(0, 40)}"` : unknownOption(option);
}

const unknownOption = (typed: string): string => `Unknown option ${typed.replace(/=.*/, '').slice(0, 40)}`;

/** Where to read what is valid. @param typed the words behind `tmux-gate` @param commands all there are */
export function helpFor(typed: readonly string[], commands: readonly string[]): string {
  const [first = ''] = typed;
  return commands.includes(first) ? `see: tmux-gate help ${first}` : seeHelp;
}
export const auditExamples = {
  since: ['$0 audit show --since yesterday', 'one line for each record, times in UTC'],
  login: ['$0 audit show --login alice', 'only records that name this login'],
  verify: ['$0 audit verify --checkpoints kept/', 'also against checkpoints that were kept elsewhere'],
} as const;

export const findExamples = {
  text: ['$0 find "DROP TABLE" --since 7d', 'who saw or typed it, and when'],
  expression: ["$0 find '/ERROR [0-9]{4}/' --session prod-db", 'a regular expression (RE2)'],
} as const;

export const probeHost = '[LOGIN@]HOST; needs no root';

/** What is wrong with the value of an option. */
export const ofOption = (option: string, problem: string): string => `${option}: ${problem}`;
export const notALogin = (text: string): string => `Not a login: "${text.slice(0, 40)}"`;
export const onlyForShow = (what: string): string =>
  `audit ${what} takes neither --since nor --login; audit show and audit export do`;
const tooFewWords = 'Too few words: $1 of at least $2';
export const cannotRun = 'cannot run';
const seeHelp = 'tmux-gate --help';
export const faultOfOurs = 'this is a fault in tmux-gate itself; tell its admin';
export const outputLost = (code: string): string => `the output cannot be written (${code})`;

/** The first line of every error of the CLI's own commands. */
export const errorLine = (say: string): string => `tmux-gate: ${say}\n`;
export const errorLines = (say: string, hint: string): string => `${errorLine(say)}hint: ${hint}\n`;

export const waitLine = (text: string, waited: string): string => `${text} (${waited}; Ctrl-C to cancel)`;
export const plainWait = (text: string): string => `${text} ...\n`;

export const versionLine = (version: string, node: string): string => `tmux-gate ${version} (Node ${node})\n`;
