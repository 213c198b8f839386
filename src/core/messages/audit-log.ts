// The messages of `tmux-gate audit` about checkpoints, proofs and recordings.

export const logMessages = {
  needsBoth: 'a journal elsewhere needs --journal and --key',
  keyHint: 'the key is what this prints on the host of the journal: tmux-gate audit key',
  whichRecord: 'audit proof needs the number of a record',
  cannotRead: (path: string): string => `${path} cannot be read`,
  noFolder: (path: string): string => `${path} is no folder that can be read`,
  onlyFor: (what: string, option: string): string => `audit ${what} does not take ${option}`,
};

/** What is wrong with a recording: `recording H4FBN5SPEJ ...`. */
export const recordingFaults = {
  missing: 'is not there, and nobody purged it',
  changed: 'is not what was recorded: it was edited or replaced',
  cut: 'is shorter than it was',
  longer: 'is longer than it was',
  'sealed-file': 'is not the file that was sealed',
  damaged: 'cannot be read',
  records: 'has digests that do not follow each other',
  unknown: 'has digests, but the journal does not say where it is',
};

interface KeptVerdict {
  readonly ok: boolean;
  readonly checkpoints: readonly { readonly from: string; readonly records?: number; readonly state: string }[];
  readonly proved: number;
  readonly first?: { readonly from: number; readonly to: number };
}

const keptStates: Readonly<Record<string, string>> = {
  matches: 'matches',
  differs: 'was signed for other records than these',
  ahead: 'counts more records: records at the end are missing, or this is another history',
  foreign: 'is of this host, and not signed by its key of today: the key was replaced',
  other: 'is not a checkpoint of this journal, and says nothing',
};

/** The report on checkpoints that somebody kept; only those that do not match are listed. */
export function keptReport({ checkpoints, proved, first }: KeptVerdict): readonly string[] {
  const wrong = checkpoints.filter(({ state }) => state !== 'matches');
  const matching = checkpoints.length - wrong.length;
  const records = wrong.map(({ from, records: count, state }) => {
    const size = count === undefined ? '' : ` (${count} records)`;
    return `  ${from}${size} ${keptStates[state] ?? state}`;
  });
  return [
    `Kept checkpoints: ${matching} of ${checkpoints.length} match; they prove the first ${proved} records.`,
    ...(first === undefined
      ? []
      : [`  The first record that is not what was signed is one of ${first.from} to ${first.to}.`]),
    ...records,
  ];
}

interface RecordingFault {
  readonly connection: string;
  readonly line: number;
  readonly problem: string;
  readonly file?: string;
  readonly bytes?: { readonly from: number; readonly to: number };
}

/** Such as `recording H4FBN5SPEJ is not what was recorded: ... (record 12; bytes 0 to 512 of /mnt/2026-11-29/H4FBN5SPEJ)`. */
function faultLine({ connection, line, problem, file, bytes }: RecordingFault): string {
  const part = bytes === undefined ? '' : `bytes ${bytes.from} to ${bytes.to} of `;
  return `  recording ${connection} ${problem} (record ${line}${file === undefined ? '' : `; ${part}${file}`})`;
}

/** In the place of the report, where the journal is a copy and no folder of recordings is named. */
export const recordingsNotLooked = 'Recordings: not looked at; name a copy of their folder with --recordings.';

/** The report on recordings. */
export function recordingsReport(verdict: {
  readonly recordings: number;
  readonly faults: readonly RecordingFault[];
  readonly unproved: readonly { readonly connection: string; readonly bytes: number }[];
}): readonly string[] {
  const { recordings, faults, unproved } = verdict;
  if (recordings === 0) return [];
  return [
    `Recordings: ${recordings} with digests in the journal, ${faults.length === 0 ? 'all as they were recorded' : 'not all as they were recorded'}.`,
    ...faults.map(faultLine),
    ...unproved.map(
      ({ connection, bytes }) =>
        `  recording ${connection}: its last ${bytes} bytes are not proved: it is live, or a crash came before their digest`,
    ),
  ];
}
