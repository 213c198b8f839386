// Messages about commands that cannot be understood, and the frame of `help`. Typed words are filtered when a refusal is filled in
// (refusal-text.ts); here they are only cut.
const shown = (typed: string): string => typed.slice(0, 40);

export const unknownOption = (name: string, valid: readonly string[]): string =>
  `Unknown option ${shown(name)}. ${valid.length === 0 ? 'This command has none' : `Valid: ${valid.join(', ')}`}`;

export const noReasonHere = (verb: string): string => `The command ${verb} takes no --reason`;

export const missingWords = (verb: string, usage: string): string => `Something is missing. Type: ${verb} ${usage}`;

export const tooManyWords = (verb: string, usage: string): string =>
  `Too many words. Type: ${`${verb} ${usage}`.trimEnd()}`;

export const takesNoValue = (flag: string): string => `The option --${flag} takes no value`;

export const needsValue = (name: string): string => `The option ${shown(name)} needs a value`;

export const notPlainWord = (word: string): string =>
  `"${shown(word)}" has characters that no command of tmux-gate takes; nothing here is run by a shell`;

export const notAName = (value: string): string => `Not a name: "${shown(value)}"`;

export const notADuration = (text: string): string => `Not a time: "${shown(text)}". Use 45s, 20m or 1h`;

export const notASince = (text: string): string =>
  `Not a time: "${shown(text)}". Use 90m, 24h, 7d, yesterday or 2026-11-28`;

export const notAPeriod = (text: string): string =>
  `Not a period: "${shown(text)}". Use 2026-Q3, 2026-07 or 2026-07-01..2026-09-30`;

export const notADigest = (text: string): string =>
  `Not a SHA-256: "${shown(text)}". Take the 64 characters that the listing ends with`;

export const oneLoginOrAll = 'Name one login, or --all';

export const noSuchCommand = (word: string): string => `There is no command "${word}"`;

/** How a hint begins that is for an admin; one who reads it on the host reads the rest alone. */
export const tellAnAdmin = (host: string): string => `tell an admin of ${host}: `;

export const helpTitle = (host: string): string =>
  `tmux-gate on ${host}: timed, approved, recorded access to shared tmux sessions.`;

/** The summary of `ssh -t HOST`, without a session, in help. */
export const attachSummary = 'attach, picking a session';

export const helpFoot: readonly string[] = [
  '--plain, before --reason: no colours, no moving lines, no QR code; TMUX_GATE_PLAIN=1 does the same (ssh -o SendEnv).',
  '--reason comes last and takes the rest of the line as it is.',
];
