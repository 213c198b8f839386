// The messages of `tmux-gate evidence`.
import { formatInstant } from '../time.ts';

export const nameAnId = 'evidence needs the id of an access, or --period';
export const idOrPeriod = 'evidence is of one access or of a period: give an id or --period, not both';
export const ofAPeriod = (option: string): string => `--${option} belongs to --period`;
export const evidenceExample: readonly [string, string] = ['$0 evidence K7QF2M', 'one file about one access'];

export const periodExample: readonly [string, string] = [
  '$0 evidence --period 2026-Q3 --sample 25 --seed 4711',
  'which accesses there were, and 25 of them, drawn by the seed',
];

export const notAPeriod = (text: string): string => `${text} is no period`;
export const notBegun = (name: string): string => `${name} has not begun`;
export const notACount = '--sample takes a number from 1 up';
export const notASeed = '--seed takes up to 64 letters, digits, dots, dashes and underscores';
export const seedOfWhat = '--seed draws a sample: say how many with --sample';
export const periodsAre =
  'for example: tmux-gate evidence --period 2026-Q3 --sample 25 --seed 4711; or a month, 2026-07; or days, 2026-07-01..2026-09-30';
export const noTotals = 'no record of the journal says yet how many accesses there are, so none could be missed';
export const restartFirst = 'an earlier version wrote this journal: systemctl restart tmux-gate, then try again';

export const periodOf = (name: string, { accesses, exceptions }: Readonly<Record<string, number>>): string =>
  `Period ${name} (${String(accesses)} ${accesses === 1 ? 'access' : 'accesses'}, ${String(exceptions)} ${exceptions === 1 ? 'exception' : 'exceptions'})`;

export const notPastYet =
  'Note: the period is not over, or the journal has no checkpoint behind it. The file says until when it goes.\n';
export const someNotOver = 'Note: some of the accesses are not over. The file names them. Make another one later.\n';
export const fromTheBeginning =
  'Note: no checkpoint before the period has totals, so the file shows grants and connections since the journal began.\n';

export const noSuchAccess = (id: string): string => `the journal has no request, grant or connection ${id}`;
export const accessRemoved = (id: string, first: number): string =>
  `the journal does not have all of ${id}: records 1 to ${first - 1} were removed by journal.keep`;
export const mayBeRemoved = (id: string, first: number): string =>
  `the journal has no request, grant or connection ${id}; records 1 to ${first - 1} were removed by journal.keep`;
export const periodRemoved =
  'records of the beginning of this period were removed by journal.keep, so it cannot be proved as a whole';
export const proofsStay =
  'evidence that was made before stays valid; tmux-gate audit proof N proves a record that somebody has a copy of';
export const didYouMean = (id: string): string => `did you mean ${id}? tmux-gate history lists all`;
export const listThem = 'tmux-gate history lists all requests; ids of connections: tmux-gate audit show';
export const notAnId = (text: string): string => `${text} is no id: ids have letters and digits, such as K7QF2M`;

export const cannotProve = 'the journal is not what this host signed, so nothing can be proved from it';
export const cannotProveRecord = (record: number): string =>
  `record ${record} of the journal is not what this host signed, so nothing can be proved from it`;
export const seeWhere = 'tmux-gate audit verify says where it differs';
export const noJournalYet = 'there is no signed journal here, or you may not read it';
export const runAsRoot = 'run as root on the host, after the first start of tmux-gate';

export const fileIsThere = (path: string): string => `${path} is already there, and evidence is never overwritten`;
export const otherName = 'give another name with --output';
export const cannotWrite = (path: string, code: string): string => `${path} cannot be written: ${code}`;

const megabyte = 1e6;
const sizeOf = (bytes: number): string =>
  bytes < megabyte ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / megabyte).toFixed(1)} MB`;

/** What was made. */
export interface MadeEvidence {
  readonly file: string;
  readonly folder: string;
  readonly of: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly hostKey: string;
  readonly witnesses: readonly string[];
  /** SHA-256 of the verify.sh that belongs to it. */
  readonly verifier: string;
}

const noWitness =
  'none: nobody but this host signed. Whoever holds its key could have written another history.\n' +
  '           VERIFY.md in the file says what that means.';

/** The public keys are told apart from the file, because a key inside proves nothing. */
export function evidenceMade(made: MadeEvidence, sample?: { readonly count: number; readonly seed: string }): string {
  const { file, folder, of, bytes, sha256, hostKey, witnesses, verifier } = made;
  return [
    `${of} is in ${file} (${sizeOf(bytes)})`,
    '',
    `  SHA-256  ${sha256}`,
    `  Host     ${hostKey}`,
    `  Witness  ${witnesses.length === 0 ? noWitness : witnesses.join('\n           ')}`,
    `  Script   ${verifier} (SHA-256 of verify.sh)`,
    ...(sample === undefined ? [] : [`  Seed     ${sample.seed} (draws ${String(sample.count)})`]),
    '',
    'Hand on the file. Tell the keys by another way, so that they cannot be replaced together with it.',
    'Whoever gets it reads VERIFY.md in it, and runs, with sh, coreutils, openssl, jq and zstd:',
    `  tar xf ${file} && sh ${folder}/verify.sh --key ${hostKey} ${file}`,
    '',
  ].join('\n');
}

export const accessOf = (id: string, login: string, session: string): string => `Access ${id} (${login}, ${session})`;

export const notOverYet = (until: number | undefined): string =>
  `Note: this access is not over${until === undefined ? '' : ` (it ends ${formatInstant(until)} at the latest)`}. ` +
  'The file has what there is so far. Make another one when it is over.\n';

export const notWitnessedYet =
  'Note: the newest records of this access are not yet cosigned by a witness. Make the file again in a minute.\n';

export const notRecordedYet = (connection: string): string =>
  `Note: connection ${connection} is still there, and nothing of its recording is in the journal yet, so nothing of it is in the file.\n`;

export const notRecorded = (connection: string): string =>
  `Note: there is no recording of connection ${connection} any more, or there was none. The file says so too.\n`;
