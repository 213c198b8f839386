// COMMANDS, OPTIONS and DIAGNOSTICS of tmux-gate(8), from the tables of help, docs/verbs.md and docs/refusals.md.
import type { CommandOption } from '../../../src/cli/commands/host-command.ts';
import { commands } from '../../../src/cli/commands/table.ts';
import { plainOption } from '../../../src/cli/options.ts';
import { handlers, type VerbRow } from '../../../src/keeper/dispatch.ts';
import {
  hostCommands,
  hostCommandNames,
  specOf,
  verbNames,
  type HostCommandName,
  type VerbName,
} from '../../../src/wire/verbs.ts';
import { refusalSections } from '../refusals.ts';
import { deskAccess, flagMeanings, usersOf } from '../verbs.ts';
import { below, bold, escape, sentence, subsection, tagged, usage } from './roff.ts';

const tagOf = (name: string, words: string): string => `${bold(name)} ${usage(words)}`.trim();

function where(verb: VerbName): string {
  const { terminal, onHost }: VerbRow = handlers[verb];
  if (specOf(verb).local === true) return 'On the host alone.';
  const needs = terminal === true ? 'Needs a terminal over ssh (`ssh -t`). ' : '';
  return `${needs}${onHost === '-' ? 'Over ssh alone.' : `On the host ${onHost ?? 'by root'}.`}`;
}

export const verbEntries: readonly string[] = verbNames.flatMap((verb) => [
  ...tagged(tagOf(verb, specOf(verb).usage), sentence(specOf(verb).summary)),
  ...below(`Who may: ${sentence(handlers[verb].who).replace(/^./, (first) => first.toLowerCase())}`, where(verb)),
]);

export const deskEntries: readonly string[] = hostCommandNames.flatMap((name) => {
  const { who, more } = deskAccess[name];
  const reading = more === '' ? '' : ` More: ${more}.`;
  return [
    ...tagged(tagOf(name, hostCommands[name].usage), sentence(hostCommands[name].summary)),
    ...below(`Who may: ${who}.${reading}`),
  ];
});

/** What an option takes, by its name. */
export const values: Readonly<Record<string, string>> = {
  ...{ for: 'TIME', since: 'TIME', idle: 'TIME', timeout: 'TIME', reason: 'TEXT', session: 'SESSION' },
  ...{ login: 'LOGIN', approver: 'LOGIN', as: 'LOGIN', reviewer: 'PERSON', group: 'GROUP' },
  ...{
    period: 'PERIOD',
    'looked-at': 'SHA256',
    only: 'ID',
    except: 'ID',
    'sshd-config': 'FILE',
    key: 'FILE',
    'host-key': 'KEY',
    port: 'NUMBER',
    socket: 'PATH',
    speed: 'NUMBER',
    from: 'WHERE',
    identity: 'FILE',
    'encrypt-to': 'RECIPIENT',
    journal: 'FOLDER',
    checkpoints: 'FILE',
    recordings: 'FOLDER',
    cursor: 'FILE',
    'token-file': 'FILE',
    output: 'FILE',
    'idle-limit': 'TIME',
    confirm: 'CODE',
    flow: 'FLOW',
    host: 'NAME',
    issuer: 'URL',
    'client-id': 'ID',
    'client-secret-file': 'FILE',
    'approval-client-id': 'ID',
    'approval-secret-file': 'FILE',
    'login-claim': 'CLAIM',
    'strip-domain': 'DOMAIN',
    'groups-claim': 'CLAIM',
    'run-as': 'ACCOUNT',
    who: 'GROUP',
    approvers: 'GROUP',
    count: 'NUMBER',
    window: 'TIME',
    max: 'TIME',
    sample: 'NUMBER',
    seed: 'SEED',
  },
};

const optionTag = (name: string): string => `${bold(`--${name}`)} ${usage(values[name] ?? '')}`.trim();

export const flagEntries: readonly string[] = [
  ...Object.entries(flagMeanings).flatMap(([flag, meaning]) =>
    tagged(optionTag(flag), sentence(meaning), `With ${usersOf(flag as keyof typeof flagMeanings)}.`),
  ),
  ...tagged(bold('--plain'), sentence(plainOption.describe), 'With every command; it stands before a reason.'),
  ...tagged(bold('--help'), 'What can be typed. Behind a command: its words and options.'),
];

function optionEntry([name, option]: readonly [string, CommandOption]): readonly string[] {
  const more = option.array === true ? ' May be given several times.' : defaultOf(option.default);
  return tagged(optionTag(name), `${sentence(option.describe)}${more}`);
}

const defaultOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? ` Default: \`${value}\`.` : '';

/** What its section is called, where its words are part of the command. */
const titles: Readonly<Partial<Record<HostCommandName, string>>> = { policy: 'Of policy check' };

export const deskOptionEntries: readonly string[] = hostCommandNames.flatMap((name) => [
  ...subsection(titles[name] ?? `Of ${name}`),
  ...Object.entries(commands[name].options).flatMap(optionEntry),
]);

export const refusalEntries: readonly string[] = Object.values(refusalSections)
  .flatMap((entries) => Object.entries(entries))
  .flatMap(([code, { exit, means }]) => tagged(`${bold(code)} ${escape(`(${exit})`)}`, means));
