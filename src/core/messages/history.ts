// The messages of `history` besides its rows.
export const readingJournal = 'Reading the journal';
export const noStories = 'No requests in that time.';

export const historyHead = ['REQUEST', 'ASKED', 'WHO', 'SESSION', 'FOR', 'STATE', 'BY', 'ATTACHED', 'REASON'];

export const notVerifiedMark = ' (NOT VERIFIED)';

/** A time that was granted, where it differs from the time asked for. */
export const grantedOfAsked = (granted: string, asked: string): string => `${granted} (asked ${asked})`;

export const timesAttached = (times: number): string => `${times}x`;
export const earlierConnections = (count: number): string => `${count} earlier`;

export const onlyNewest = (shown: number, most: number): string =>
  `Only the newest requests are shown: ${shown}, never more than ${most}. Narrow it down: --since, --login or --session.`;

/** @param count how many of the first records are gone */
export const olderRemoved = (count: number): string =>
  `Records 1 to ${count} were removed by journal.keep, so what is asked for is not all here.`;

/** The warning about a changed journal. @param lines the numbers of the lines at which the chain breaks; empty: at its end */
export const journalChanged = (lines: readonly string[]): readonly string[] => [
  `The journal was CHANGED ${lines.length === 0 ? 'at its end' : `(line ${lines.join(', ')})`}. Records may be missing or false:`,
  'do not trust rows marked NOT VERIFIED. hint: for details, as root on the host: tmux-gate audit verify',
];
