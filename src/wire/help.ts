// The help text: the same over ssh and on the host, with each command as it is typed there.
import { attachSummary, helpFoot, helpTitle, noSuchCommand } from '../core/messages/commands.ts';
import { Refused } from '../core/refusal.ts';
import { mistyped } from './mistyped.ts';
import { fold } from './screen-text.ts';
import { before, type Reader } from './to-type.ts';
import { hostCommands, hostCommandNames, isHostCommand, isVerb, specOf, verbNames, type VerbName } from './verbs.ts';
import { widthOf, wrapTo } from './width.ts';

/** The width where none is known: a pipe, or a connection without a terminal. */
const usualColumns = 80;
const leastColumns = 40;
const [commandIndent, usageIndent, summaryIndent] = ['  ', ' '.repeat(10), ' '.repeat(6)];

/**
 * The lines of `help`, folded to the width of the terminal.
 * @param about a verb; undefined for all commands.
 * @param columns the width; undefined where it is not known.
 * @throws Refused UNKNOWN_VERB, LOCAL_ONLY or BAD_COMMAND when `about` is not a verb.
 */
export function helpLines(reader: Reader, about: string | undefined, columns = usualColumns): readonly string[] {
  const width = Math.max(leastColumns, columns);
  const entries = about === undefined ? everything(reader) : [verbEntry(reader, verbOf(reader, about))];
  return [
    ...fold([helpTitle(reader.host)], width),
    '',
    ...entries.flatMap((entry) => entryLines(entry, width)),
    '',
    ...fold(helpFoot, width),
  ];
}

function verbOf(reader: Reader, word: string): VerbName {
  if (isVerb(word)) return word;
  const problem = noSuchCommand(word);
  throw mistyped(reader, word) ?? new Refused('BAD_COMMAND', { problem, host: reader.host });
}

/** A command as it is typed, and what it does. */
interface Entry {
  readonly command: string;
  readonly usage: string;
  readonly summary: string;
}

function entryLines({ command, usage, summary }: Entry, columns: number): readonly string[] {
  const room = columns - usageIndent.length;
  const lines = wrapTo(`${command} ${unbroken(usage, room)}`.trimEnd(), room);
  const typed = lines.map((line, at) => `${at === 0 ? commandIndent : usageIndent}${line}`);
  return [...typed.map((line) => line.replaceAll(hardSpace, ' ')), ...fold([`${summaryIndent}${summary}`], columns)];
}

const hardSpace = '\u00a0';
const bracketed = /\[(?:[^[\]]|\[[^\]]*\])*\]/g;

/** An option and its value stay on one line, such as `[--for 20m]`, where they fit on one. */
function unbroken(usage: string, room: number): string {
  return usage.replace(bracketed, (part) => (widthOf(part) > room ? part : part.replaceAll(' ', hardSpace)));
}

function verbEntry(reader: Reader, verb: VerbName): Entry {
  const { usage, summary } = specOf(verb);
  return { command: `${before(verb, reader)} ${verb}`, usage, summary };
}

function everything(reader: Reader): readonly Entry[] {
  // On the host a command that only the host has stands for the verb of the same name.
  const shown = verbNames.filter((verb) => (reader.local ? !isHostCommand(verb) : specOf(verb).local !== true));
  const desk = reader.local ? hostCommandNames : [];
  return [
    { command: `ssh -t ${reader.host}`, usage: '', summary: attachSummary },
    ...shown.map((verb) => verbEntry(reader, verb)),
    ...desk.map((name) => ({ command: `tmux-gate ${name}`, ...hostCommands[name] })),
  ];
}
