// The host command `audit`.
import { exportMessages } from '../../core/messages/audit.ts';
import { logMessages } from '../../core/messages/audit-log.ts';
import { isLogin } from '../../core/ids.ts';
import type { Layout } from '../../wire/layout.ts';
import { auditExamples, notALogin, ofOption, onlyForShow } from '../../core/messages/host.ts';
import { acceptOnlyWitnessed, onlyForWitnessed } from '../../core/messages/witness.ts';
import { parseSince } from '../../core/time.ts';
import { hostCommands } from '../../wire/verbs.ts';
import type { Elsewhere } from '../audit-log.ts';
import type { Choice } from '../journal-choice.ts';
import { sinceOf, UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  since: { type: 'string', describe: 'with show and export: records since then, in UTC: 7d, yesterday, 2026-11-28' },
  login: { type: 'string', describe: 'with show and export: only what concerns this login' },
  reason: { type: 'string', describe: 'with accept, --accept and export: why' },
  accept: { type: 'boolean', describe: 'with witnessed HOST: accept a journal that contradicts what was cosigned' },
  format: {
    choices: ['jsonl', 'csv', 'ocsf'] as const,
    default: 'jsonl' as const,
    describe: 'with export: each record as it is written, a table, or events of OCSF 1.8',
  },
  follow: { type: 'boolean', default: false, describe: 'with export: go on with what is added' },
  to: { type: 'string', default: 'stdout', describe: 'with export: stdout, syslog or a URL to post to' },
  cursor: { type: 'string', describe: 'with export: a file that remembers what was taken, to go on from there' },
  'token-file': { type: 'string', describe: 'with export: a file with the bearer token for the URL' },
  checkpoints: {
    type: 'string',
    array: true,
    default: [],
    describe: 'with verify: checkpoints that were kept elsewhere, a file or a folder of files',
  },
  journal: {
    type: 'string',
    describe: 'with verify, checkpoint and proof: a copy of the folder of a journal; needs --key',
  },
  recordings: {
    type: 'string',
    describe: 'with verify: a folder with the recordings, such as a copy of them beside that of the journal',
  },
  key: { type: 'string', describe: 'with --journal: the key that audit key prints on its host' },
  witness: { type: 'boolean', describe: 'with key: the key with which this host cosigns the journals of others' },
  json: { type: 'boolean', describe: 'for programs; with show: each record as it is written' },
} as const;

const choices = ['show', 'verify', 'accept', 'export', 'checkpoint', 'proof', 'key', 'witnessed'] as const;

export const audit: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'audit <what> [of]',
      hostCommands.audit.summary,
      (y) =>
        y
          .positional('what', { choices, demandOption: true })
          .positional('of', {
            type: 'string',
            describe: 'with proof: the number of a record; with witnessed: the host whose journal it is',
          })
          .options(options)
          .example(...auditExamples.since)
          .example(...auditExamples.login)
          .example(...auditExamples.verify),
      async ({ what, json, reason, since, login, ...more }) => {
        const choice = choiceOf(what, since, login);
        if (what === 'witnessed' || (more.of !== undefined && what !== 'proof') || more.accept === true) {
          process.exitCode = await ofWitnesses(layout, what, { json, reason, host: more.of, accept: more.accept });
          return;
        }
        if (what === 'export') {
          const { exportAudit } = await import('../audit-export.ts');
          const { format, follow, cursor, tokenFile } = more;
          const to = receiverOf(more.to);
          process.exitCode = await exportAudit(layout, { format, follow, cursor, tokenFile, to, choice, reason });
          return;
        }
        if (what === 'accept') {
          const { accept } = await import('../audit-accept.ts');
          process.exitCode = await accept(layout, reason);
          return;
        }
        const elsewhere = elsewhereOf(what, more);
        if (what === 'verify') {
          const { verify } = await import('../audit-verify.ts');
          const { checkpoints, recordings } = more;
          process.exitCode = await verify(layout, { ...elsewhere, json: json ?? false, checkpoints, recordings });
        } else if (what === 'show') {
          const { show } = await import('../audit.ts');
          process.exitCode = await show(layout, json ?? false, choice);
        } else process.exitCode = await ofLog(layout, what, more, elsewhere);
      },
    ),
};

interface WitnessedWords {
  readonly host: string | undefined;
  readonly accept: boolean | undefined;
  readonly json: boolean | undefined;
  readonly reason: string | undefined;
}

/** @returns the exit code @throws UsageError for a host or --accept with anything but `witnessed` */
async function ofWitnesses(
  layout: Layout,
  what: string,
  { host, accept, json, reason }: WitnessedWords,
): Promise<number> {
  if (what !== 'witnessed') throw new UsageError(accept === true ? acceptOnlyWitnessed : onlyForWitnessed(what));
  if (accept === true && host === undefined) throw new UsageError(acceptOnlyWitnessed);
  const { acceptFork, showWitnessed } = await import('../audit-witnessed.ts');
  return accept === true && host !== undefined
    ? acceptFork(layout, host, reason)
    : showWitnessed(layout, host, json ?? false);
}

interface OfVerify extends Elsewhere {
  readonly checkpoints: readonly string[];
  readonly recordings: string | undefined;
  readonly witness: boolean | undefined;
}

const ofLogs: readonly string[] = ['verify', 'checkpoint', 'proof'];

/** @throws UsageError for options that do not belong to the command */
function elsewhereOf(what: string, given: OfVerify): Elsewhere {
  const { journal, key, checkpoints, recordings, witness } = given;
  if (checkpoints.length > 0 && what !== 'verify') throw new UsageError(logMessages.onlyFor(what, '--checkpoints'));
  if (recordings !== undefined && what !== 'verify') throw new UsageError(logMessages.onlyFor(what, '--recordings'));
  if (witness !== undefined && what !== 'key') throw new UsageError(logMessages.onlyFor(what, '--witness'));
  if ((journal ?? key) !== undefined && !ofLogs.includes(what))
    throw new UsageError(logMessages.onlyFor(what, journal === undefined ? '--key' : '--journal'));
  return { journal, key };
}

/** @returns the exit code @throws UsageError where the number of the record is missing */
async function ofLog(
  layout: Layout,
  what: 'checkpoint' | 'proof' | 'key',
  { of: record, witness = false }: { readonly of: string | undefined; readonly witness: boolean | undefined },
  elsewhere: Elsewhere,
): Promise<number> {
  const { printCheckpoint, printKey, printProof } = await import('../audit-log.ts');
  if (what === 'key') return printKey(layout, witness);
  if (what === 'checkpoint') return printCheckpoint(layout, elsewhere);
  if (record === undefined || !/^[1-9]\d{0,15}$/.test(record)) throw new UsageError(logMessages.whichRecord);
  return printProof(layout, Number(record), elsewhere);
}

/** The records that `audit show` prints. @throws UsageError for options that cannot be read or do not belong to the command */
function choiceOf(what: string, since: string | undefined, login: string | undefined): Choice {
  const isChoice = since !== undefined || login !== undefined;
  if (isChoice && what !== 'show' && what !== 'export') throw new UsageError(onlyForShow(what));
  if (login !== undefined && !isLogin(login)) throw new UsageError(ofOption('--login', notALogin(login)));
  return { login, since: since === undefined ? undefined : parseSince(sinceOf(since), Date.now()) };
}

/** @throws UsageError when records cannot go there */
function receiverOf(to: string): string {
  const isUrl = URL.canParse(to) && ['http:', 'https:'].includes(new URL(to).protocol);
  if (to !== 'stdout' && to !== 'syslog' && !isUrl) throw new UsageError(exportMessages.toWhere);
  return to;
}
