// The verbs: one table for the grammar, help, the keeper's dispatch table, the CLI and docs/verbs.md.

/** What the grammar and the help know of a verb. */
export interface VerbSpec {
  /** What is typed after the verb, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** How many words the verb takes: minimum and maximum. */
  readonly words: readonly [number, number];
  readonly flags: readonly Flag[];
  /** Only root on the host may use it, never anybody over ssh. */
  readonly local?: boolean;
}

export type Flag =
  'for' | 'reason' | 'json' | 'since' | 'login' | 'session' | 'all' | 'approver' | 'csv' | 'view' | 'force';

export const verbs = {
  attach: {
    usage: 'SESSION [--view] [--for 20m] [--reason ...]',
    summary: 'attach to a session, asking for a grant if needed; with --view to look on, typing nothing',
    words: [0, 1],
    flags: ['view', 'for', 'reason'],
  },
  requests: { usage: '[--json]', summary: 'requests that wait for an answer', words: [0, 0], flags: ['json'] },
  approve: {
    usage: 'ID [ID ...] [--for 20m] [--reason ...]',
    summary: 'approve requests, with a sign-in of your own',
    words: [1, 16],
    flags: ['for', 'reason'],
  },
  deny: {
    usage: 'ID --reason ...',
    summary: 'deny a request, with a sign-in of your own',
    words: [1, 1],
    flags: ['reason'],
  },
  revoke: {
    usage: 'ID [--reason ...]',
    summary: 'end a grant now: whoever is attached is cut',
    words: [1, 1],
    flags: ['reason'],
  },
  extend: {
    usage: '[ID] 15m [--session S] --reason ...',
    summary: 'ask for more time before your grant ends; nobody is cut meanwhile',
    words: [1, 2],
    flags: ['session', 'reason'],
  },
  'give-back': {
    usage: '[ID]',
    summary: 'end your own grant early: you are done',
    words: [0, 1],
    flags: [],
  },
  'break-glass': {
    usage: 'SESSION|review --reason ... | issue [N] | list [--json] | void ID|--all',
    summary: 'in with a one-time code when nobody can be asked; everyone is told',
    words: [1, 2],
    flags: ['reason', 'json', 'all'],
  },
  grants: { usage: '[--json]', summary: 'live grants and the time each has left', words: [0, 0], flags: ['json'] },
  connections: { usage: '[--json]', summary: 'who is attached now', words: [0, 0], flags: ['json'] },
  watch: {
    usage: '',
    summary: 'a live board of all three, with approve, deny and revoke on keys',
    words: [0, 0],
    flags: [],
  },
  sessions: {
    usage: '[--json]',
    summary: 'sessions you may ask for, and who approves',
    words: [0, 0],
    flags: ['json'],
  },
  whoami: { usage: '[--json]', summary: 'what this gate knows about you', words: [0, 0], flags: ['json'] },
  status: { usage: '[--json]', summary: 'whether this gate is in order', words: [0, 0], flags: ['json'] },
  history: {
    usage: '[--since 7d|yesterday|2026-11-28] [--login L] [--session S] [--approver L] [--json|--csv]',
    summary: 'requests with their reviews, connections and ends',
    words: [0, 0],
    flags: ['json', 'csv', 'since', 'login', 'session', 'approver'],
  },
  lock: {
    usage: 'LOGIN|--all [--force] --reason ...',
    summary: 'keep a login out of every host: what it has ends now; --force for one that this host does not know',
    words: [0, 1],
    flags: ['all', 'force', 'reason'],
  },
  unlock: { usage: 'LOGIN|--all [--reason ...]', summary: 'lift a lock', words: [0, 1], flags: ['all', 'reason'] },
  locks: { usage: '[--json]', summary: 'who is locked out', words: [0, 0], flags: ['json'] },
  unpin: {
    usage: 'LOGIN',
    summary: 'forget which person a login belongs to (root on the host)',
    words: [1, 1],
    flags: [],
    local: true,
  },
  help: {
    usage: '[COMMAND]',
    summary: 'this list, or one command; so does --help behind it',
    words: [0, 1],
    flags: [],
  },
} as const satisfies Record<string, VerbSpec>;

export type VerbName = keyof typeof verbs;

export const verbNames = Object.keys(verbs) as readonly VerbName[];

/** Commands of the CLI that never reach the keeper: they read the journal or the policy, check the host, or try it from outside. */
export const deskCommands = {
  audit: {
    usage: 'show|verify|accept',
    summary: 'the journal: show it, verify that nobody changed it, or accept a loss, with a reason',
  },
  policy: { usage: 'check', summary: 'check: what the policy would say, without asking anybody' },
  doctor: { usage: '', summary: 'look whether this host keeps what the gate stands on; changes nothing' },
  probe: { usage: '[[LOGIN@]HOST]', summary: 'try the same lock from outside, as a gated login' },
  version: { usage: '', summary: 'which version this is' },
} as const;

export type DeskName = keyof typeof deskCommands;

export const deskNames = Object.keys(deskCommands) as readonly DeskName[];

/** Whether a word is a command that only the host has. */
export function isDesk(word: string): word is DeskName {
  return Object.hasOwn(deskCommands, word);
}

/** Words of commands. No session may have one of these names. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...verbNames,
  ...deskNames,
  'issue',
  'list',
  'void',
  'review',
  'replay',
  'evidence',
]);

/** Whether a word is a verb. */
export function isVerb(word: string): word is VerbName {
  return Object.hasOwn(verbs, word);
}

export function specOf(verb: VerbName): VerbSpec {
  return verbs[verb];
}
