// The CLI `tmux-gate`: the verbs that are also typed over ssh, for root on the host, and the commands that only the host has
// (commands/). A command loads its code when it runs, so that help is fast.
import { commandExits } from '../core/exits.ts';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { layoutOf } from '../wire/layout.ts';
import { printCommand, type Command } from '../wire/grammar.ts';
import { hostCommandNames, isHostCommand, specOf, verbNames, type VerbName } from '../wire/verbs.ts';
import {
  about,
  cannotRun,
  errorLine,
  errorLines,
  faultOfOurs,
  nameACommand,
  outputLost,
  typedProblem,
  helpFor,
} from '../core/messages/host.ts';
import { commands } from './commands/table.ts';
import { withDashes } from './dashes.ts';
import { flagOptions, plainOption } from './options.ts';
import { durationOf, sinceOf, UsageError } from './typed-values.ts';

const brokenPipe = 141; // as a shell shows SIGPIPE

/** The programs' folder is one above this one. */
const layout = layoutOf(import.meta.dirname.replace(/\/cli$/, ''));

interface VerbArguments {
  readonly words?: readonly string[] | string;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly for?: string;
  readonly since?: string;
  readonly login?: string;
  readonly session?: string;
  readonly approver?: string;
  readonly csv?: boolean;
  readonly force?: boolean;
  readonly view?: boolean;
  readonly prepare?: boolean;
  readonly leaked?: boolean;
  readonly fleet?: boolean;
  readonly period?: string;
  readonly lookedAt?: string;
  readonly reason?: string;
}

function commandOf(verb: VerbName, given: VerbArguments): Command {
  const forMs = durationOf(given.for, '--for');
  const { login, session, approver, period, lookedAt, reason } = given;
  return {
    verb,
    words: typeof given.words === 'string' ? [given.words] : (given.words ?? []).map(String),
    json: given.json ?? false,
    ...(given.all === true ? { all: true } : {}),
    ...(given.csv === true ? { csv: true } : {}),
    ...(given.force === true ? { force: true } : {}),
    ...(given.view === true ? { view: true } : {}),
    ...(given.prepare === true ? { prepare: true } : {}),
    ...(given.leaked === true ? { leaked: true } : {}),
    ...(given.fleet === true ? { fleet: true } : {}),
    ...(forMs === undefined ? {} : { forMs }),
    ...(given.since === undefined ? {} : { since: sinceOf(given.since) }),
    ...(login === undefined ? {} : { login }),
    ...(session === undefined ? {} : { session }),
    ...(approver === undefined ? {} : { approver }),
    ...(period === undefined ? {} : { period }),
    ...(lookedAt === undefined ? {} : { lookedAt }),
    ...(reason === undefined ? {} : { reason }),
  };
}

async function tellKeeper(verb: VerbName, given: VerbArguments): Promise<void> {
  const { converse } = await import('./converse.ts');
  process.exitCode = await converse(layout.keeperSocket, printCommand(commandOf(verb, given)));
}

// A reader that stops (`| head`) or a full disk ends the program without a stack trace.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(brokenPipe);
    process.stderr.write(errorLine(outputLost(code ?? 'unknown')));
    process.exit(commandExits.ioError);
  });

const typed = withDashes(hideBin(process.argv));
const given = typed[0] === '--version' ? ['version'] : typed;

/** Whether our own help is asked for; yargs would print its list of commands instead. */
const isHelp = given[0] === 'help' && !isHostCommand(given[1] ?? '');

let program = yargs(given[0] === 'help' ? [...given.slice(1), '--help'] : given)
  .scriptName('tmux-gate')
  .usage(`$0 <command>\n\n${about}`)
  .strict()
  .demandCommand(1, nameACommand)
  .recommendCommands()
  .version(false)
  .option('plain', plainOption)
  .wrap(Math.min(100, process.stdout.isTTY ? process.stdout.columns : 80));

for (const verb of verbNames.filter((name) => name !== 'attach' && name !== 'help' && !isHostCommand(name))) {
  const {
    words: [least, most],
    summary,
    flags,
    word = 'id',
  } = specOf(verb);
  const words = most === 0 ? '' : least === 0 ? ` [${word}]` : ` <${word}${most === 1 ? '' : '..'}>`;
  program = program.command(
    `${verb}${words}`,
    summary,
    (y) => {
      const flagged = y.options(Object.fromEntries(flags.map((flag) => [flag, flagOptions[flag]])));
      return most === 0 ? flagged : flagged.positional(word, { type: 'string' });
    },
    async (given) => tellKeeper(verb, { ...given, words: given[word] } as VerbArguments),
  );
}

for (const name of hostCommandNames) program = commands[name].add(program, layout);

const cli = program.fail((message: string | null, error: Error | undefined) => {
  const said = (message ?? error?.message ?? cannotRun).replace(/\s+/g, ' ');
  // Without a message of yargs, the error was thrown by a command: a fault of the program, unless it is a UsageError.
  const isFault = message === null && !(error instanceof UsageError);
  process.stderr.write(
    errorLines(typedProblem(said, typed), isFault ? faultOfOurs : helpFor(typed, [...verbNames, ...hostCommandNames])),
  );
  process.exit(isFault ? commandExits.internal : commandExits.usage);
});

if (isHelp) {
  const { help } = await import('./help.ts');
  process.exitCode = help(given);
} else await cli.parseAsync();
