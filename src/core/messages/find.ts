// The messages of `find`.
export const notAPattern = (problem: string): string => `Not a regular expression of RE2: ${problem}`;
export const patternHint = 'put a text in quotes to look for it as it is; between slashes it is a regular expression';
export const emptyPattern = 'Say what to look for.';
export const notALimit = 'Write a number, such as 100; 0 shows all.';

export const noRecordings = 'There are no recordings on this host.';
export const noRecordingsHint = 'a recording is there as soon as somebody has attached; see: tmux-gate help find';
export const nothingFound = 'Nothing found.';
export const identityUnreadable = (path: string, code: string): string => `${path} cannot be read (${code})`;
export const identityHint = '--identity takes the file of an age identity, as age-keygen writes it';
export const indexUnwritable = (path: string, code: string): string => `The index ${path} cannot be written (${code})`;
export const indexHint = 'find needs root, and some free space below /var/lib/tmux-gate';

/** What is done before the first search after new recordings. */
export const indexing = (done: number, total: number, id: string): string =>
  `Indexing recording ${done + 1} of ${total} (${id})`;
export const waitingForIndex = 'Another program is indexing; waiting for it';
export const indexMadeAnew = 'The index was damaged; it is made anew.';

export const encryptedNote = (count: number): string =>
  count === 1
    ? '1 recording is encrypted and was not searched. With its key: --identity FILE'
    : `${count} recordings are encrypted and were not searched. With their key: --identity FILE`;
export const cutNote = (limit: number): string =>
  `Only the ${limit} newest texts are shown. Narrow it down (--since, --login, --session) or show more: --limit 0`;

/** The line above the hits of a recording. */
export const foundIn = (id: string, who: string, session: string, began: string): string =>
  `${id}  ${who} in ${session}, since ${began}`;
export const unknownPerson = 'somebody';
export const unknownSession = 'a session';
export const typedMark = 'typed: ';
/** A text that stood on the screen more than once. */
export const oftenMark = (times: number, last: string): string => `  (${times} times, last ${last})`;
export const seeIt = (id: string, from: string): string =>
  `tmux-gate replay ${id}${from === '' ? '' : ` --from ${from}`}`;
