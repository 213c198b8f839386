// The help text: the same over ssh and on the host, with each command as it is typed there.
import { attachSummary, helpFoot, helpTitle, noSuchCommand } from '../core/messages/commands.ts';
import { Refused } from '../core/refusal.ts';
import { mistyped } from './mistyped.ts';
import { before, type Reader } from './to-type.ts';
import { hostCommands, hostCommandNames, isHostCommand, isVerb, specOf, verbNames, type VerbName } from './verbs.ts';

/**
 * The lines of `help`.
 * @param about a verb; undefined for all commands.
 * @throws Refused UNKNOWN_VERB, LOCAL_ONLY or BAD_COMMAND when `about` is not a verb.
 */
export function helpLines(reader: Reader, about: string | undefined): readonly string[] {
  return [
    helpTitle(reader.host),
    '',
    ...(about === undefined ? everything(reader) : verbLines(reader, verbOf(reader, about))),
    '',
    ...helpFoot,
  ];
}

function verbOf(reader: Reader, word: string): VerbName {
  if (isVerb(word)) return word;
  const problem = noSuchCommand(word);
  throw mistyped(reader, word) ?? new Refused('BAD_COMMAND', { problem, host: reader.host });
}

const entry = (command: string, usage: string, summary: string): readonly string[] => [
  `  ${command} ${usage}`.trimEnd(),
  `      ${summary}`,
];

function verbLines(reader: Reader, verb: VerbName): readonly string[] {
  const { usage, summary } = specOf(verb);
  return entry(`${before(verb, reader)} ${verb}`, usage, summary);
}

function everything(reader: Reader): readonly string[] {
  // On the host a command that only the host has stands for the verb of the same name.
  const shown = verbNames.filter((verb) => (reader.local ? !isHostCommand(verb) : specOf(verb).local !== true));
  const desk = reader.local ? hostCommandNames : [];
  return [
    ...entry(`ssh -t ${reader.host}`, '', attachSummary),
    ...shown.flatMap((verb) => verbLines(reader, verb)),
    ...desk.flatMap((name) => entry(`tmux-gate ${name}`, hostCommands[name].usage, hostCommands[name].summary)),
  ];
}
