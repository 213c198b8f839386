// The CLI `tmux-gate`: the verbs that are also typed over ssh, for root on the host, and the commands that only the host has. A command
// loads its code when it runs, so that help is fast.
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { layoutOf } from '../wire/layout.ts';
import { printCommand, type Command } from '../wire/grammar.ts';
import { hostCommands, isHostCommand, specOf, verbNames, type VerbName } from '../wire/verbs.ts';
import { notADuration, notASince } from '../core/messages/commands.ts';
import {
  about,
  auditExamples,
  cannotRun,
  errorLine,
  errorLines,
  faultOfOurs,
  nameACommand,
  notALogin,
  ofOption,
  probeHost,
  onlyForShow,
  outputLost,
  typedProblem,
  helpFor,
} from '../core/messages/host.ts';
import { isLogin } from '../core/ids.ts';
import { parseDuration, parseSince } from '../core/time.ts';
import type { Choice } from './journal-choice.ts';
import { hostOptions, flagOptions, plainOption } from './options.ts';

const usage = 64; // EX_USAGE, sysexits.h
const internal = 70; // EX_SOFTWARE
const ioError = 74; // EX_IOERR
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
  readonly reason?: string;
}

/** Something typed that cannot be read, and that yargs does not find itself. */
class UsageError extends Error {}

function durationOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(ofOption(flag, notADuration(text)));
  return ms;
}

function sinceOf(text: string): string {
  if (parseSince(text, 0) === undefined) throw new UsageError(ofOption('--since', notASince(text)));
  return text;
}

/** The records that `audit show` prints. @throws UsageError for options that cannot be read or do not belong to the command */
function choiceOf(what: string, { since, login }: Pick<VerbArguments, 'since' | 'login'>): Choice {
  const isChoice = since !== undefined || login !== undefined;
  if (isChoice && what !== 'show') throw new UsageError(onlyForShow(what));
  if (login !== undefined && !isLogin(login)) throw new UsageError(ofOption('--login', notALogin(login)));
  return { login, since: since === undefined ? undefined : parseSince(sinceOf(since), Date.now()) };
}

function commandOf(verb: VerbName, given: VerbArguments): Command {
  const forMs = durationOf(given.for, '--for');
  const { login, session, approver, reason } = given;
  return {
    verb,
    words: typeof given.words === 'string' ? [given.words] : (given.words ?? []).map(String),
    json: given.json ?? false,
    ...(given.all === true ? { all: true } : {}),
    ...(given.csv === true ? { csv: true } : {}),
    ...(given.force === true ? { force: true } : {}),
    ...(given.view === true ? { view: true } : {}),
    ...(forMs === undefined ? {} : { forMs }),
    ...(given.since === undefined ? {} : { since: sinceOf(given.since) }),
    ...(login === undefined ? {} : { login }),
    ...(session === undefined ? {} : { session }),
    ...(approver === undefined ? {} : { approver }),
    ...(reason === undefined ? {} : { reason }),
  };
}

async function tellKeeper(verb: VerbName, given: VerbArguments): Promise<void> {
  const { converse } = await import('./converse.ts');
  process.exitCode = await converse(layout.keeperSocket, printCommand(commandOf(verb, given)));
}

/** What help calls a verb's words, where they are not ids. */
const wordOf: Readonly<Partial<Record<VerbName, string>>> = {
  ...{ unpin: 'who', lock: 'who', unlock: 'who' },
  ...{ 'break-glass': 'what', extend: 'time' },
};

// A reader that stops (`| head`) or a full disk ends the program without a stack trace.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(brokenPipe);
    process.stderr.write(errorLine(outputLost(code ?? 'unknown')));
    process.exit(ioError);
  });

const typed = hideBin(process.argv);
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

for (const verb of verbNames.filter((name) => name !== 'attach' && name !== 'help')) {
  const {
    words: [least, most],
    summary,
    flags,
  } = specOf(verb);
  const word = wordOf[verb] ?? 'id';
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

const desk = program
  .command(
    'audit <what>',
    hostCommands.audit.summary,
    (y) =>
      y
        .positional('what', { choices: ['show', 'verify', 'accept'] as const, demandOption: true })
        .options(hostOptions.audit)
        .example(...auditExamples.since)
        .example(...auditExamples.login),
    async ({ what, json, reason, ...chosen }) => {
      const choice = choiceOf(what, chosen as VerbArguments);
      if (what === 'accept') {
        const { accept } = await import('./audit-accept.ts');
        process.exitCode = await accept(layout, reason);
        return;
      }
      const { show, verify } = await import('./audit.ts');
      process.exitCode = await (what === 'show' ? show(layout, json ?? false, choice) : verify(layout, json ?? false));
    },
  )
  .command(
    'policy <what>',
    hostCommands.policy.summary,
    (y) => y.positional('what', { choices: ['check'] as const, demandOption: true }).options(hostOptions.policy),
    async (given) => {
      const { check } = await import('./policy-check.ts');
      process.exitCode = await check(layout, { ...given, durationMs: durationOf(given.for, '--for') });
    },
  )
  .command(
    'doctor',
    hostCommands.doctor.summary,
    (y) => y.options(hostOptions.doctor),
    async (given) => {
      const { doctor } = await import('./doctor.ts');
      process.exit(await doctor(layout, given)); // whatever still hangs after its time limit
    },
  )
  .command(
    'probe [host]',
    hostCommands.probe.summary,
    (y) =>
      y.positional('host', { type: 'string', default: 'localhost', describe: probeHost }).options(hostOptions.probe),
    async (given) => {
      const { probe } = await import('./probe.ts');
      const timeoutMs = durationOf(given.timeout, '--timeout') ?? 0;
      process.exitCode = await probe({ ...given, timeoutMs, idleMs: durationOf(given.idle, '--idle') });
    },
  )
  .command(
    'version',
    hostCommands.version.summary,
    (y) => y.options(hostOptions.version),
    async ({ json }) => {
      const { version } = await import('./version.ts');
      process.exitCode = version(json ?? false);
    },
  )
  .fail((message: string | null, error: Error | undefined) => {
    const said = (message ?? error?.message ?? cannotRun).replace(/\s+/g, ' ');
    // Without a message of yargs, the error was thrown by a command: a fault of the program, unless it is a UsageError.
    const isFault = message === null && !(error instanceof UsageError);
    process.stderr.write(
      errorLines(
        typedProblem(said, typed),
        isFault ? faultOfOurs : helpFor(typed, [...verbNames, ...Object.keys(hostCommands)]),
      ),
    );
    process.exit(isFault ? internal : usage);
  });

if (isHelp) {
  const { help } = await import('./help.ts');
  process.exitCode = help(given);
} else await desk.parseAsync();
