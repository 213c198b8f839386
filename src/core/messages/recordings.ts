// Messages of those who read recordings: the list, replay, export.

export const readWhat = (kinds: readonly string[]): string => `Say what is read: ${kinds.join(', ')}`;
export const notAnId = (word: string): string => `Not an id: "${word.slice(0, 40)}"`;

export const recordingsHead = ['ID', 'WHEN', 'LOGIN', 'SESSION', 'LENGTH', 'SIZE', 'STATE', 'IDENTITY'];
export const noRecordings = 'No recordings.';
/** Of the holds in force. */
export const heldHead = ['ID', 'LOGIN', 'SESSION', 'STATE', 'HELD SINCE', 'BY', 'WHY'];
export const noHolds = 'No recording is held.';
export const heldMark = ', held';
export const notReadable = 'the recordings of this host cannot be read';

/** Errors: what is wrong, and what to do. */
export const noSuchRecording = (id: string): string => `there is no recording of ${id}`;
export const listThem = 'see: tmux-gate recordings';
export const severalRecordings = (id: string, ids: readonly string[]): string =>
  `${id} has ${ids.length} recordings: ${ids.slice(0, 10).join(', ')}${ids.length > 10 ? ', ...' : ''}`;
export const nameOne = 'name one of them';
export const purgedRecording = (id: string, day: string, by: string, reason: string): string =>
  `the recording ${id} was purged on ${day} by ${by} because: ${reason}`;
export const stillProved = 'what the journal says of it stays valid: tmux-gate audit show';
export const missingRecording = (id: string): string => `the file of the recording ${id} is missing`;
export const lookForIt = 'the journal has its digest: tmux-gate audit verify';
export const encryptedRecording = (id: string): string => `the recording ${id} is encrypted`;
export const giveIdentity = 'give the age identity of a recipient: --identity FILE';
export const wrongIdentity = (id: string): string => `this identity does not open the recording ${id}`;
export const otherIdentity = 'recordings.encrypt_to in the policy names the recipients';
export const identityNotReadable = (path: string): string => `the identity ${path.slice(0, 100)} cannot be read`;
export const damagedHint = 'what is before the damage can be read: tmux-gate replay ID --text';
export const needsTerminal = 'replay needs a terminal';
export const useText = 'for text: tmux-gate replay ID --text';
export const neverShown = (text: string): string => `"${text.slice(0, 60)}" never stood on the screen`;
export const searchThem = 'search all recordings: tmux-gate find TEXT';
export const notLive = (id: string): string => `the connection ${id} is over`;
export const replayIt = (id: string): string => `see: tmux-gate replay ${id}`;
export const notASpeed = 'Not a speed: use 0.25 to 64';
export const exportOnTerminal = 'a recording holds sequences that a terminal would act on';
export const exportToFile = 'write it to a file: -o FILE';
export const oneFormat = 'Say one format: --html, --cast or --cast3';
export const outputNotWritten = (path: string, code: string): string =>
  `${path.slice(0, 100)} cannot be written (${code})`;
export const otherFile = 'name a file that does not exist yet';

/** While something is drawn that takes long. @param percent from 0 to 100 */
export const preparing = (percent: number): string => `Preparing to jump: ${percent}%`;
export const lookingFor = (text: string): string => `Looking for "${text.slice(0, 60)}" ...`;
export const askWhyFollow = '  Reason, which the journal keeps: ';
export const everybodysConnections = (host: string): string => `connections on ${host}`;
export const yourTerminals = 'more connections in your name';
export const connectionOver = (id: string): string => `The connection ${id} has ended.`;

export interface PlayerStatus {
  readonly state: 'playing' | 'paused' | 'end' | 'live';
  /** Milliseconds since the beginning, and of all. */
  readonly at: number;
  readonly length: number;
  readonly speed: number;
  readonly title: string;
  /** Whether the terminal is too small for the recording. */
  readonly isCut: boolean;
  readonly marker: string | undefined;
}

/** The last row of the player. */
export function playerStatus({ state, at, length, speed, title, isCut, marker }: PlayerStatus): string {
  const time = state === 'live' ? 'live' : `${elapsedClock(at)} / ${elapsedClock(length)}`;
  const pace = speed === 1 || state === 'live' ? '' : `  ${speed}x`;
  // Of a live connection, both must fit 80 columns: that it is a part, and how to leave.
  const enlarge = state === 'live' ? '' : ' (enlarge your terminal)';
  const cut = isCut ? `  PART OF THE SCREEN${enlarge}` : '';
  const mark = marker === undefined ? '' : `  [${marker.slice(0, 40)}]`;
  const keys = state === 'live' ? 'q quit' : 'space pause  arrows 5s  +/- speed  . step  q quit';
  return ` ${state === 'live' ? '' : `${state}  `}${time}${pace}  ${title}${cut}${mark}  |  ${keys}`;
}

/** A time since the beginning: `1:02:03`, `2:03`. @param ms milliseconds */
export function elapsedClock(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
