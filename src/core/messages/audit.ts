// The messages of `tmux-gate audit`.
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
  foreignHead: 'holds a head that this host did not sign',
  cut: (count: number): string => `follows a cut: ${count} signed records before it are missing`,
  otherHead: 'holds a signed head that contradicts the lines before it',
};

export const acceptNeedsReason = 'audit accept needs a reason';
export const acceptUsage = 'tmux-gate audit accept --reason WHAT HAPPENED';
export const endsInNoRecord = 'the journal does not end with a whole record, so nothing can be written after it';
export const setAside = (folder: string): string =>
  `keep it as evidence under another name: mv ${folder} ${folder}.changed; then accept again`;
export const accepted = (by: string, record: number): string =>
  `Accepted by ${by}: the journal continues after record ${record}. The journal itself and each audit verify will show this.\n` +
  'Restart the keeper: systemctl restart tmux-gate\n';

/** What a signed head that does not fit the journal means; `matches` and `behind` are in order. */
const headFaults: Readonly<Record<string, string>> = {
  ahead: 'the signed head counts more records: records at the end are missing',
  differs: 'the head was signed for other records than these',
  forged: 'the head is not signed by this host',
  missing: 'the signed head is missing',
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
}

/** The report of `audit verify`. @param losses accepted losses, and faults: each a filtered line */
export function verifyReport(
  { ok, records, head, anchor = '', torn }: Verified,
  losses: readonly string[],
  faults: readonly string[],
): readonly string[] {
  const verdict = ok ? 'The journal is whole' : 'The journal was CHANGED';
  const why = ok ? [] : [headFaults[head], anchorFaults[anchor]].filter((one) => one !== undefined);
  return [
    `${verdict}: ${records} records, signed head ${head}.`,
    ...(torn ? ['  It ends with part of a line, which does not count: left by a crash, or being written now.'] : []),
    ...[...why, ...losses, ...faults].map((text) => `  ${text}`),
  ];
}

export const acceptedLoss = (loss: {
  readonly line: number;
  readonly problem: string;
  readonly by: string;
  readonly reason: string;
}): string => `line ${loss.line}: ${loss.problem}; accepted by ${loss.by}: ${loss.reason}`;

export const faultAt = (line: number, problem: string): string => `line ${line} ${problem}`;
