// The messages of `tmux-gate audit`.
import { formatSize } from '../size.ts';

export const asRoot = 'run as root on the host';
export const unreadable = 'the journal cannot be read';
export const unreadableHint = 'run as root on the host; there is no journal before the first start of tmux-gate';
export const noJournal = 'there is no journal here';
export const notARecord = (line: number): string => `line ${line} is not a journal record`;
export const noSuchRecord = 'The journal has no such record.\n';
export const verifyHint = 'hint: tmux-gate audit verify\n';

/** What is wrong with a line of the journal: `line 3 ...`. */
export const chainFaults = {
  noRecord: 'is not a journal record',
  wrongNumber: (is: number, due: number): string =>
    `has number ${is} where ${due} was expected: lines were cut, swapped or inserted`,
  notContinued: 'does not continue the line before it: one of the two was edited',
  noSeal: 'was not written by this host: it does not have its seal',
  foreignHead: 'holds a checkpoint that this host did not sign',
  cut: (count: number): string => `follows a cut: ${count} signed records before it are missing`,
  otherHead: (count: number): string => `holds a checkpoint that contradicts the first ${count} records`,
  otherTotals: 'holds totals that are not those of the records before it',
  unsaidRemoval: (from: number, to: number): string =>
    `is the first one there: records ${from} to ${to} are missing, and no record says that they were removed`,
  otherRemoval: 'is the first one there: the records before it are not those whose removal was recorded',
  edited: 'is not the record that was signed: it was edited or replaced',
};

/** Why a journal is not as this host left it, where its tree shows it: `the journal is not ...: its record 3 ...`. */
export const journalProblems = {
  otherRoot: (size: number): string => `its first ${size} records are not the ones that this host signed`,
  otherHead: 'its signed head, of an earlier version, does not fit it',
  cut: (size: number): string => `it ends before record ${size}, which this host signed: it was cut or rolled back`,
  atRecord: (n: number, problem: string): string => `its record ${n} ${problem}`,
  notThere: (n: number): string => `its record ${n} is not there`,
  noHashes: (count: number): string => `the hashes of its first ${count} records, which were removed, are not there`,
  notAtItsPlace: (n: number): string => `its line ${n} is not record ${n}`,
};

export const acceptNeedsReason = 'audit accept needs a reason';
export const acceptUsage = 'tmux-gate audit accept --reason WHAT HAPPENED';
export const endsInNoRecord = 'the journal does not end with a whole record, so nothing can be written after it';
export const misplacedRecord = (line: number): string =>
  `line ${line} of the journal is not record ${line}: lines were cut, swapped or inserted there, so nothing can be written after it`;
export const setAside = (folder: string): string =>
  `keep it as evidence under another name: mv ${folder} ${folder}.changed; then accept again`;
export const accepted = (by: string, record: number): string =>
  `Accepted by ${by}: the journal continues after record ${record}. The journal itself and each audit verify will show this.\n` +
  'Restart the keeper: systemctl restart tmux-gate\n';

/** What a checkpoint that does not fit the journal means; `matches` and `behind` are in order. */
const headFaults: Readonly<Record<string, string>> = {
  ahead: 'the checkpoint counts more records: records at the end are missing',
  differs: 'the checkpoint was signed for other records than these',
  forged: 'the checkpoint is not signed by this host',
  missing: 'the checkpoint is missing',
};

/** What an anchor that does not fit the journal means. */
const anchorFaults: Readonly<Record<string, string>> = {
  ahead: 'this host wrote more records than are here: the journal was cut, rolled back or emptied',
  differs: 'this host wrote other records than these: the journal was replaced or rolled back',
  missing: 'this host has no note of this journal: its anchor is missing, or the journal is from another host',
};

export interface Verified {
  readonly ok: boolean;
  readonly records: number;
  readonly head: string;
  readonly anchor?: string | undefined;
  readonly torn: boolean;
  /** Records at the beginning whose lines were removed. */
  readonly trimmed?: { readonly records: number; readonly at: string } | undefined;
}

/** The report of `audit verify`. @param losses accepted losses, and faults: each a filtered line */
export function verifyReport(
  { ok, records, head, anchor = '', torn, trimmed }: Verified,
  losses: readonly string[],
  faults: readonly string[],
): readonly string[] {
  const verdict = ok ? 'The journal is whole' : 'The journal was CHANGED';
  const why = ok ? [] : [headFaults[head], anchorFaults[anchor]].filter((one) => one !== undefined);
  return [
    `${verdict}: ${records} records, checkpoint ${head}.`,
    ...(trimmed === undefined ? [] : [wereRemoved(trimmed)]),
    ...(torn ? ['  It ends with part of a line, which does not count: left by a crash, or being written now.'] : []),
    ...[...why, ...losses, ...faults].map((text) => `  ${text}`),
  ];
}

/** Where the journal lies. */
export function onDiskLine({ segments, bytes }: { readonly segments: number; readonly bytes: number }): string {
  const size = formatSize(bytes);
  if (segments === 0) return `It is one file of ${size}.`;
  const closed = `${segments} ${segments === 1 ? 'segment' : 'segments'} that journal.rotate closed`;
  return `It is ${segments + 1} files of ${size} together: ${closed}, and the one that grows.`;
}

const wereRemoved = ({ records, at }: NonNullable<Verified['trimmed']>): string =>
  `  Records 1 to ${records} were removed on ${at.slice(0, 10)} under journal.keep; their hashes were verified.`;

export const acceptedLoss = (loss: {
  readonly line: number;
  readonly problem: string;
  readonly by: string;
  readonly reason: string;
}): string => `line ${loss.line}: ${loss.problem}; accepted by ${loss.by}: ${loss.reason}`;

export const faultAt = (line: number, problem: string): string => `line ${line} ${problem}`;

/** The messages of `audit export`: what is wrong, and what to do. */
export const exportMessages = {
  otherJournal: (cursor: string): readonly [string, string] => [
    `the journal is not the one that was exported up to the place in ${cursor}`,
    'see `tmux-gate audit verify`; to export this journal from its first record on, move the cursor file away',
  ],
  removed: (cursor: string, first: number): readonly [string, string] => [
    `records were removed by journal.keep before they were exported: the place in ${cursor} is before record ${first}`,
    `to export what is there, from record ${first} on, move the cursor file away`,
  ],
  failed: (problem: string): readonly [string, string] => [
    `the journal could not be exported: ${problem}`,
    'what was exported before is kept; run it again when this is mended',
  ],
  notTaken: (receiver: string, problem: string): string =>
    `${receiver} does not take the records: ${problem}. Trying again until it does.`,
  takesAgain: (receiver: string): string => `${receiver} takes the records again.\n`,
  toWhere: '--to is stdout, syslog or a URL that begins with https:// or http://',
};
